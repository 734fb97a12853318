//! A service that runs: on a fresh database, with a key store of its own, at an address of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use caseledger::{
    api,
    config::{Config, ConfigArgs, Environment},
    instance::{self, Instance},
};
use chrono::TimeDelta;
use ledger_core::{
    access::RuleBook,
    clock::{Clock, SystemEntropy},
    directory::AdoptProfile,
    ids::AccountId,
    profile::RuleBookText,
};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{
    moved_clock::put_before,
    postgres::{TestDatabase, database_from},
};

/// The rule book that is in force.
pub(crate) const PROFILE: &str = "stafettloggen-kvam";
/// The secret of the development issuer, for tests that make tokens of their own.
pub(crate) const SECRET: &str = "the secret of the tests' own issuer";

/// A service that runs until it is dropped.
pub(crate) struct TestService {
    /// The system whose rules are in force.
    pub(crate) profile: &'static str,
    pub(crate) instance: Arc<Instance>,
    /// Where it listens, without a slash at the end.
    pub(crate) url: String,
    /// The first administrator.
    pub(crate) administrator: Client,
    /// The administrator's account.
    pub(crate) administrator_id: AccountId,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<anyhow::Result<()>>>,
    /// Where its events are.
    pub(crate) database: TestDatabase,
    /// Where its keys are.
    pub(crate) folder: TempDir,
}

/// The configuration of a service on a fresh database, with the database and the folder that it keeps its keys in.
pub(crate) async fn config(settings: &[(&str, &str)]) -> (Config, (TestDatabase, TempDir)) {
    config_moved(TimeDelta::zero(), settings).await
}

/// The same, where the database's clock is moved.
async fn config_moved(
    shift: TimeDelta,
    settings: &[(&str, &str)],
) -> (Config, (TestDatabase, TempDir)) {
    let database = database_from("migrated_service", async |options| {
        instance::migrate(&options).await.unwrap();
    })
    .await;
    let url = if shift.is_zero() {
        database.url.clone()
    } else {
        put_before(&database, shift).await
    };
    config_on(database, &url, settings)
}

/// The same on a database that is there.
fn config_on(
    database: TestDatabase,
    url: &str,
    settings: &[(&str, &str)],
) -> (Config, (TestDatabase, TempDir)) {
    let folder = tempfile::tempdir().unwrap();
    config_in(folder, database, url, settings)
}

/// The same with the keys that are in a folder.
fn config_in(
    folder: TempDir,
    database: TestDatabase,
    url: &str,
    settings: &[(&str, &str)],
) -> (Config, (TestDatabase, TempDir)) {
    let environment = Environment::new(
        [
            ("DATABASE_URL", url),
            ("CASELEDGER_DEV_TOKEN_SECRET", SECRET),
        ],
        false,
    );
    let mut set = vec![
        "tenant=kvam".to_owned(),
        "dev_tokens=true".to_owned(),
        "publish_interval_ms=50".to_owned(),
        "requests_per_second_max=100000".to_owned(),
        "address_requests_per_second_max=100000".to_owned(),
    ];
    set.extend(settings.iter().map(|(key, value)| format!("{key}={value}")));
    let args = ConfigArgs {
        config: None,
        data_dir: Some(folder.path().to_owned()),
        set,
    };
    let config = Config::load(&args, &environment).unwrap();
    (config, (database, folder))
}

impl TestService {
    /// With the settings that suit most tests.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With other settings, such as `("request_body_bytes_max", "2048")`.
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_at(Arc::new(instance::MachineClock), settings).await
    }

    /// For another tenant, on the database of this one, with keys of its own.
    pub(crate) async fn start_beside(&self, tenant: &str) -> Self {
        let database = self.database.clone();
        let url = database.url.clone();
        let settings = [("tenant", tenant)];
        let config = config_on(database, &url, &settings);
        Self::start_on(Arc::new(instance::MachineClock), config).await
    }

    /// With a clock of the test's own.
    pub(crate) async fn start_at(clock: Arc<dyn Clock>, settings: &[(&str, &str)]) -> Self {
        Self::start_on(clock, config(settings).await).await
    }

    /// Where both the service's clock and the database's are moved by as much.
    pub(crate) async fn start_moved(
        clock: Arc<dyn Clock>,
        shift: TimeDelta,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::start_on(clock, config_moved(shift, settings).await).await
    }

    /// Where the first administrator puts the rule book of another system into force.
    pub(crate) async fn start_by(profile: &'static str) -> Self {
        let clock = Arc::new(instance::MachineClock);
        Self::start_on_by(clock, config(&[]).await, profile).await
    }

    /// The same, with other settings.
    pub(crate) async fn start_by_with(profile: &'static str, settings: &[(&str, &str)]) -> Self {
        let clock = Arc::new(instance::MachineClock);
        Self::start_on_by(clock, config(settings).await, profile).await
    }

    async fn start_on(clock: Arc<dyn Clock>, on: (Config, (TestDatabase, TempDir))) -> Self {
        Self::start_on_by(clock, on, PROFILE).await
    }

    async fn start_on_by(
        clock: Arc<dyn Clock>,
        (config, (database, folder)): (Config, (TestDatabase, TempDir)),
        profile: &'static str,
    ) -> Self {
        let instance = Arc::new(Instance::open_with(config, clock).await.unwrap());
        let ledger = &instance.ledger;
        let administrator_id = AccountId::generate(instance::MachineClock.now(), &SystemEntropy);
        let text = RuleBookText::built_in(profile).unwrap();
        let rule_book = Arc::new(RuleBook::load(&text).unwrap());
        ledger
            .appoint_first_administrator(
                instance.tenant(),
                AdoptProfile { rule_book },
                administrator_id,
                "Astrid Administrator",
                "administrator".parse().unwrap(),
            )
            .await
            .unwrap();
        Self::serving(instance, profile, administrator_id, (database, folder)).await
    }

    /// Where an earlier service left off: on its database, with the keys that are in this folder. Refused as a start of
    /// the program would be.
    pub(crate) async fn start_again(
        administrator_id: AccountId,
        database: TestDatabase,
        folder: TempDir,
    ) -> anyhow::Result<Self> {
        let url = database.url.clone();
        let (config, on) = config_in(folder, database, &url, &[]);
        let instance = Arc::new(Instance::open(config).await?);
        Ok(Self::serving(instance, PROFILE, administrator_id, on).await)
    }

    /// Another server of the same ledger, on the same database and key store.
    pub(crate) async fn start_another(&self) -> Self {
        let instance = Instance::open(self.instance.config.clone()).await.unwrap();
        let on = (self.database.clone(), tempfile::tempdir().unwrap());
        Self::serving(Arc::new(instance), self.profile, self.administrator_id, on).await
    }

    async fn serving(
        instance: Arc<Instance>,
        profile: &'static str,
        administrator_id: AccountId,
        (database, folder): (TestDatabase, TempDir),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(api::serve(Arc::clone(&instance), listener, async {
            // Dropped with the test, or asked to.
            let _ = stopped.await;
        }));
        let http = reqwest::Client::new();
        let administrator = sign_in(&http, &url, &administrator_id.to_string()).await;
        Self {
            instance,
            profile,
            url,
            administrator,
            administrator_id,
            http,
            stop: Some(stop),
            serving: Some(serving),
            database,
            folder,
        }
    }

    /// Somebody who has signed in with the highest assurance.
    pub(crate) async fn sign_in(&self, account: &str) -> Client {
        sign_in(&self.http, &self.url, account).await
    }

    /// Somebody who has a token, whatever it is worth.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client {
            http: self.http.clone(),
            url: self.url.clone(),
            token: Some(token.to_owned()),
        }
    }

    /// Somebody who has not signed in.
    pub(crate) fn anyone(&self) -> Client {
        Client {
            http: self.http.clone(),
            url: self.url.clone(),
            token: None,
        }
    }

    /// Stops it; gives its database and the folder of its keys as it leaves them.
    pub(crate) async fn stopped(mut self) -> (TestDatabase, TempDir) {
        self.begin_to_stop().await.unwrap().unwrap();
        self.instance
            .ledger
            .publish(self.instance.tenant())
            .await
            .unwrap();
        (self.database, self.folder)
    }

    /// Asks it to stop; the handle ends when it has.
    pub(crate) fn begin_to_stop(&mut self) -> JoinHandle<anyhow::Result<()>> {
        drop(self.stop.take());
        self.serving.take().expect("it is stopped once")
    }
}

async fn sign_in(http: &reqwest::Client, url: &str, account: &str) -> Client {
    let mut client = Client {
        http: http.clone(),
        url: url.to_owned(),
        token: None,
    };
    let body = json!({ "accountId": account });
    let token = client.post("/v1/dev/tokens", &body).await.good();
    client.token = Some(token["accessToken"].as_str().unwrap().to_owned());
    client
}

/// Somebody who uses the service.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// Nobody yet, of a service at this address.
    pub(crate) fn at(url: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.to_owned(),
            token: None,
        }
    }

    /// The same person with the same token, at another service.
    pub(crate) fn at_another(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// The same service, as somebody, by its development issuer.
    pub(crate) async fn sign_in(&self, account: &str) -> Self {
        let body = json!({ "accountId": account });
        let token = Answer::to(self.request(Method::POST, "/v1/dev/tokens").json(&body));
        let token = token.await.good()["accessToken"]
            .as_str()
            .map(str::to_owned);
        Self {
            token,
            ..self.clone()
        }
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// Commands, with a key of its own.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        Answer::to(request.header("idempotency-key", new_key())).await
    }

    /// Commands, having seen a version.
    pub(crate) async fn post_having_seen(&self, etag: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        let request = request.header("idempotency-key", new_key());
        Answer::to(request.header("if-match", etag)).await
    }

    /// Files a document.
    pub(crate) async fn file(&self, case: &str, metadata: &Value, body: Vec<u8>) -> Answer {
        let part = reqwest::multipart::Part::bytes(body);
        self.file_part(case, metadata, part, &new_key()).await
    }

    /// Files a document that comes in as it likes, under a key.
    pub(crate) async fn file_part(
        &self,
        case: &str,
        metadata: &Value,
        file: reqwest::multipart::Part,
        key: &str,
    ) -> Answer {
        let form = reqwest::multipart::Form::new()
            .text("metadata", metadata.to_string())
            .part("file", file.file_name("ignored.bin"));
        let request = self.request(Method::POST, &format!("/v1/cases/{case}/documents"));
        let request = request.header("idempotency-key", key);
        Answer::to(request.multipart(form)).await
    }

    /// A request with the token and nothing else.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// A key that no other request of this process has.
pub(crate) fn new_key() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The bytes as they came.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// Sends the request and takes the whole answer.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let request = request.timeout(Duration::from_mins(1));
        let response = request.send().await.expect("the service answers");
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            bytes: response
                .bytes()
                .await
                .expect("the answer is whole")
                .to_vec(),
        }
    }

    /// The JSON of an answer to something that was done or shown.
    #[track_caller]
    pub(crate) fn good(self) -> Value {
        assert!(
            self.status.is_success(),
            "{}: {}",
            self.status,
            String::from_utf8_lossy(&self.bytes)
        );
        self.json()
    }

    /// The problem of an answer that has this status.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        assert_eq!(self.status.as_u16(), status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{text}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].is_string(), "no {member} in {text}");
        }
        problem
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("headers are text"))
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("it is text")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("it is JSON")
    }
}
