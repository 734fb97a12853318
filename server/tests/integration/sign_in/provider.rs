//! The real provider beside this file, run by Node.js, and a service that takes its tokens.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::{Value, json};

/// Whom tokens for people are for.
pub(super) const AUDIENCE: &str = "https://ledger.kvam.example";
/// Whom tokens for machines are for.
pub(super) const MACHINES: &str = "https://ledger.kvam.example/machines";
/// The provider's only client.
pub(super) const CLIENT: &str = "caseworkers-tool";
const SECRET: &str = "a secret of the tests, and of nothing else";

/// A provider that runs until it is dropped.
pub(super) struct Provider {
    pub(super) url: String,
    http: reqwest::Client,
    process: Child,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/integration/sign_in/provider")
}

/// Why there can be no provider, or nothing. Its packages are installed if they are not there yet.
fn prepared() -> &'static Result<(), String> {
    static PREPARED: OnceLock<Result<(), String>> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let said = |program: &str, arguments: &[&str]| {
            let ran = Command::new(program)
                .args(arguments)
                .current_dir(folder())
                .output()
                .map_err(|error| format!("{program} cannot be run: {error}"))?;
            if ran.status.success() {
                Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
            } else {
                let error = String::from_utf8_lossy(&ran.stderr);
                Err(format!("{program} {arguments:?} failed: {error}"))
            }
        };
        let version = said("node", &["--version"])?;
        let major = version.trim_start_matches('v').split('.').next();
        if major.and_then(|major| major.parse().ok()).unwrap_or(0) < 20 {
            return Err(format!("Node.js 20 is needed; this is {}", version.trim()));
        }
        if !folder().join("node_modules/oidc-provider").is_dir() {
            said("npm", &["ci", "--no-audit", "--no-fund"])?;
        }
        Ok(())
    })
}

impl Provider {
    /// A provider, or nothing where Node.js is missing; then it says so, past what the test harness hides.
    pub(super) fn start(test: &str) -> Option<Self> {
        if let Err(why) = prepared() {
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED {test}: no OpenID provider: {why}"
            );
            return None;
        }
        let mut process = Command::new("node")
            .arg(folder().join("provider.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut url).unwrap();
        assert!(
            url.starts_with("http://127.0.0.1:"),
            "it did not start: {url:?}"
        );
        Some(Self {
            url: url.trim().to_owned(),
            http: reqwest::Client::new(),
            process,
        })
    }

    /// The setting `issuers` for a service that takes its tokens.
    pub(super) fn issuers(&self) -> String {
        json!([
            {
                "name": "id_porten", "issuer": self.url, "audience": AUDIENCE, "algorithms": ["RS256"],
                "subject_claim": "pid",
                "assurance": { "idporten-loa-high": "high", "idporten-loa-substantial": "substantial" },
            },
            {
                "name": "maskinporten", "issuer": self.url, "audience": MACHINES, "algorithms": ["RS256"],
                "machine": true, "assurance_fixed": "high", "tenant_claim": "/kvam/tenant",
            },
        ])
        .to_string()
    }

    /// A token as the provider gives it to a client, with these claims beside its own.
    pub(super) async fn token(&self, resource: &str, claims: &Value) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("resource", resource),
            ("claims_of_test", &claims.to_string()),
        ];
        let form: Vec<String> = form
            .iter()
            .map(|(name, value)| {
                let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!("{name}={value}")
            })
            .collect();
        let request = self.http.post(format!("{}/token", self.url));
        let request = request
            .basic_auth(CLIENT, Some(SECRET))
            .body(form.join("&"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.unwrap().text().await.unwrap();
        let given: Value = serde_json::from_str(&answer).unwrap();
        let token = given["access_token"].as_str();
        token.unwrap_or_else(|| panic!("{given}")).to_owned()
    }

    /// A token for a person known by their national id.
    pub(super) async fn person(&self, national_id: &str, acr: &str) -> String {
        let claims = json!({ "pid": national_id, "acr": acr });
        self.token(AUDIENCE, &claims).await
    }

    /// A token of a kind that no provider gives.
    pub(super) async fn mint(&self, kind: &str, claims: &Value) -> String {
        let claims: String = claims
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        self.test(&format!("mint?kind={kind}&claims={claims}"))
            .await
    }

    /// Signs with a new key from now on, and still publishes the old one.
    pub(super) async fn rotate(&self, kid: &str) {
        self.test(&format!("rotate?kid={kid}")).await;
    }

    /// Goes down, or up again.
    pub(super) async fn is_down(&self, is: bool) {
        self.test(&format!("down?is={is}")).await;
    }

    /// How often it was asked for its keys.
    pub(super) async fn keys_asked(&self) -> u32 {
        self.test("keys-asked").await.parse().unwrap()
    }

    async fn test(&self, what: &str) -> String {
        let answer = self.http.get(format!("{}/test/{what}", self.url)).send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 200, "{what}");
        answer.text().await.unwrap()
    }
}
