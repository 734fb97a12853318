//! How an issuer's keys are had, from a small issuer in the same process, at times of the test's own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use ledger_core::clock::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    fetch,
    keys::{Keys, NoKey},
};
use crate::{config::IssuerSettings, metrics::Metrics};

/// What the issuer answers with.
#[derive(Clone)]
enum Gives {
    Keys(&'static [&'static str]),
    Discovery(Value),
    Nothing,
    TooMuch,
    Elsewhere,
}

struct Issuer {
    url: String,
    gives: Arc<Mutex<Gives>>,
    asked: Arc<AtomicU32>,
    keys: Keys,
    metrics: Arc<Metrics>,
}

impl Issuer {
    async fn that(gives: Gives) -> Self {
        Self::with(gives, "/keys").await
    }

    async fn with(gives: Gives, jwks: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (gives, asked) = (Arc::new(Mutex::new(gives)), Arc::new(AtomicU32::new(0)));
        let answer = {
            let (gives, asked) = (Arc::clone(&gives), Arc::clone(&asked));
            move || {
                asked.fetch_add(1, Ordering::SeqCst);
                let gives = gives.lock().unwrap().clone();
                async move { answer(gives) }
            }
        };
        let router = Router::new()
            .route("/keys", get(answer.clone()))
            .route("/.well-known/openid-configuration", get(answer))
            .route("/elsewhere", get(async || answer_with_keys(&["a"])));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let mut settings = json!({
            "name": "issuer", "issuer": url, "audience": "a", "algorithms": ["EdDSA"],
            "assurance": { "high": "high" },
        });
        if !jwks.is_empty() {
            settings["jwks_uri"] = json!(format!("{url}{jwks}"));
        }
        let settings: IssuerSettings = serde_json::from_value(settings).unwrap();
        let metrics = Arc::new(Metrics::new().unwrap());
        let keys = Keys::new(settings, fetch::client().unwrap(), Arc::clone(&metrics));
        Self {
            url,
            gives,
            asked,
            keys,
            metrics,
        }
    }

    fn now_gives(&self, gives: Gives) {
        *self.gives.lock().unwrap() = gives;
    }

    async fn find(&self, id: &str, after: TimeDelta) -> Result<(), NoKey> {
        let found = self.keys.find(Some(id), Algorithm::EdDSA, begin() + after);
        found.await.map(drop)
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

fn begin() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

fn answer_with_keys(ids: &[&str]) -> Response {
    let key = |id: &&str| {
        json!({
            "kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig", "alg": "EdDSA",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    };
    let keys: Vec<Value> = ids.iter().map(key).collect();
    Json(json!({ "keys": keys })).into_response()
}

fn answer(gives: Gives) -> Response {
    match gives {
        Gives::Keys(ids) => answer_with_keys(ids),
        Gives::Discovery(document) => Json(document).into_response(),
        Gives::Nothing => StatusCode::BAD_GATEWAY.into_response(),
        Gives::TooMuch => {
            Json(json!({ "keys": [], "filler": "x".repeat(300_000) })).into_response()
        }
        Gives::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
    }
}

#[tokio::test]
async fn keys_are_kept_and_looked_at_again_after_a_while() {
    let issuer = Issuer::that(Gives::Keys(&["a"])).await;
    for after in [0, 1, 599] {
        assert_eq!(issuer.find("a", seconds(after)).await, Ok(()));
    }
    assert_eq!(issuer.asked(), 1);
    // A key that its issuer has taken back is taken no longer.
    issuer.now_gives(Gives::Keys(&["b"]));
    assert_eq!(issuer.find("a", seconds(600)).await, Err(NoKey::Unknown));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_and_unknown_ones_are_not_asked_for_again_and_again() {
    let issuer = Issuer::that(Gives::Keys(&["a"])).await;
    assert_eq!(issuer.find("a", seconds(0)).await, Ok(()));
    issuer.now_gives(Gives::Keys(&["a", "b"]));
    // A flood of invented ids, all at once and one after the other.
    let flood = (0..50).map(|number| {
        let issuer = &issuer;
        async move {
            issuer
                .find(&format!("invented-{number}"), seconds(10))
                .await
        }
    });
    for found in futures::future::join_all(flood).await {
        assert_eq!(found, Err(NoKey::Unknown));
    }
    for second in 11..20 {
        assert_eq!(
            issuer.find("invented", seconds(second)).await,
            Err(NoKey::Unknown)
        );
    }
    assert_eq!(issuer.asked(), 2);
    assert_eq!(issuer.find("b", seconds(19)).await, Ok(()));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn whoever_comes_first_waits_for_the_same_answer() {
    let issuer = Issuer::that(Gives::Keys(&["a"])).await;
    let all = (0..20).map(|_| issuer.find("a", seconds(0)));
    for found in futures::future::join_all(all).await {
        assert_eq!(found, Ok(()));
    }
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn known_keys_outlast_an_issuer_that_is_down_but_not_for_ever() {
    let issuer = Issuer::that(Gives::Keys(&["a"])).await;
    assert_eq!(issuer.find("a", seconds(0)).await, Ok(()));
    issuer.now_gives(Gives::Nothing);
    for minutes in [10, 11, 239] {
        assert_eq!(issuer.find("a", TimeDelta::minutes(minutes)).await, Ok(()));
    }
    let later = TimeDelta::minutes(240);
    assert_eq!(issuer.find("a", later).await, Err(NoKey::Unavailable));
    issuer.now_gives(Gives::Keys(&["a"]));
    assert_eq!(
        issuer.find("a", later + seconds(9)).await,
        Err(NoKey::Unavailable)
    );
    assert_eq!(issuer.find("a", later + seconds(10)).await, Ok(()));
    let metrics = issuer.metrics.render().unwrap();
    for line in ["outcome=\"failed\"} 4", "outcome=\"given\"} 2"] {
        assert!(metrics.contains(line), "{metrics}");
    }
}

#[tokio::test]
async fn what_is_not_this_issuers_key_set_is_not_taken() {
    for gives in [
        Gives::Nothing,
        Gives::TooMuch,
        Gives::Elsewhere,
        Gives::Discovery(json!({ "keys": "none" })),
    ] {
        let issuer = Issuer::that(gives).await;
        assert_eq!(issuer.find("a", seconds(0)).await, Err(NoKey::Unavailable));
    }
}

#[tokio::test]
async fn a_discovery_document_must_be_its_issuers_and_name_a_protected_address() {
    let issuer = Issuer::with(Gives::Nothing, "").await;
    let elsewhere = format!("{}/elsewhere", issuer.url);
    let named = |issuer: &str, address: &str| {
        Gives::Discovery(json!({ "issuer": issuer, "jwks_uri": address }))
    };
    let hostile = [
        named("https://somebody.example", &elsewhere),
        named(&format!("{}/", issuer.url), &elsewhere),
        named(&issuer.url, "http://keys.example/"),
        named(&issuer.url, "file:///etc/passwd"),
        Gives::Discovery(json!({ "issuer": issuer.url })),
    ];
    let mut after = 0;
    for document in hostile {
        issuer.now_gives(document);
        assert_eq!(
            issuer.find("a", seconds(after)).await,
            Err(NoKey::Unavailable)
        );
        after += 10;
    }
    issuer.now_gives(named(&issuer.url, &elsewhere));
    assert_eq!(issuer.find("a", seconds(after)).await, Ok(()));
}
