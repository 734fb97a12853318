//! The provider's keys over time: new ones, invented ones, and a provider that cannot be reached.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use caseledger::instance::MachineClock;
use chrono::TimeDelta;
use ledger_core::clock::{Clock, Timestamp};
use serde_json::json;

use super::provider::Provider;
use crate::support::service::TestService;

const HIGH: &str = "idporten-loa-high";

/// The machine's clock, some seconds ahead.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        MachineClock.now() + TimeDelta::seconds(self.0.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn a_new_key_is_taken_and_invented_ones_ask_for_no_more_than_one_look() {
    let Some(provider) =
        Provider::start("a_new_key_is_taken_and_invented_ones_ask_for_no_more_than_one_look")
    else {
        return;
    };
    let clock = Arc::new(Ahead::default());
    let issuers = provider.issuers();
    let service = TestService::start_at(clock.clone(), &[("issuers", &issuers)]).await;
    let status = async |token: &str| service.with_token(token).get("/v1/cases").await.status;
    let old = provider.person("01017012345", HIGH).await;
    assert_eq!(status(&old).await, 200);
    let before = provider.keys_asked().await;

    provider.rotate("second").await;
    clock.0.store(11, Ordering::SeqCst);
    let new = provider.person("01017012345", HIGH).await;
    let (one, other) = tokio::join!(status(&new), status(&new));
    assert_eq!((one.as_u16(), other.as_u16()), (200, 200));
    assert_eq!(status(&old).await, 200);
    assert_eq!(provider.keys_asked().await, before + 1);

    // Thirty tokens with invented keys: the second issuer of the configuration has keys of its own, and so may look too.
    clock.0.store(22, Ordering::SeqCst);
    let claims = json!({ "pid": "01017012345" });
    for _ in 0..30 {
        let invented = provider.mint("unknown-key", &claims).await;
        assert_eq!(status(&invented).await, 401);
    }
    let asked = provider.keys_asked().await - before;
    assert!((2..=6).contains(&asked), "asked {asked} times");
    assert_eq!(status(&new).await, 200);
}

#[tokio::test]
async fn people_stay_signed_in_while_their_provider_is_down() {
    let Some(provider) = Provider::start("people_stay_signed_in_while_their_provider_is_down")
    else {
        return;
    };
    let clock = Arc::new(Ahead::default());
    let issuers = provider.issuers();
    let service = TestService::start_at(clock.clone(), &[("issuers", &issuers)]).await;
    let client = service.with_token(&provider.person("01017012345", HIGH).await);

    // Nothing is known of it yet, so nothing can be said of its tokens.
    provider.is_down(true).await;
    let answer = client.get("/v1/cases").await;
    assert_eq!(answer.header("retry-after"), "2");
    answer.problem(503);
    provider.is_down(false).await;
    clock.0.store(11, Ordering::SeqCst);
    client.get("/v1/cases").await.good();

    // Once its keys are known they are enough, even when it is time to look again.
    provider.is_down(true).await;
    clock.0.store(11, Ordering::SeqCst);
    client.get("/v1/cases").await.good();
    let metrics = service.anyone().get("/metrics").await.text();
    for outcome in ["given", "failed"] {
        let line = format!(
            "caseledger_issuer_keys_fetched_total{{issuer=\"id_porten\",outcome=\"{outcome}\"}}"
        );
        assert!(metrics.contains(&line), "{metrics}");
    }
}
