//! How often anybody may ask, and who tries too often.

use reqwest::Method;
use serde_json::json;

use crate::support::service::{Answer, Client, TestService};

/// Asks until it is too often.
async fn until_refused(client: &Client, path: &str) -> Answer {
    for _ in 0..10_000 {
        let answer = client.get(path).await;
        if answer.status == 429 {
            return answer;
        }
    }
    panic!("never refused");
}

/// Asks from another address, as a proxy tells it.
async fn from(address: &str, client: &Client, path: &str) -> Answer {
    let request = client.request(Method::GET, path);
    Answer::to(request.header("x-forwarded-for", address)).await
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits_and_others_do_not() {
    let settings = [
        ("address_requests_per_second_max", "20"),
        ("forwarded_for_from", "127.0.0.1"),
    ];
    let service = TestService::start_with(&settings).await;
    let anyone = service.anyone();
    let refused = until_refused(&anyone, "/healthz").await;
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit-policy"), "\"address\";q=20;w=1");
    assert_eq!(refused.header("ratelimit"), "\"address\";r=0;t=1");
    refused.problem(429);
    let other = from("198.51.100.9", &service.administrator, "/v1/cases").await;
    assert_eq!(
        other.header("ratelimit-policy"),
        "\"address\";q=20;w=1, \"account\";q=100000;w=1"
    );
    other.good();
    let metrics = from("198.51.100.9", &anyone, "/metrics").await.text();
    assert!(metrics.contains("caseledger_rate_limited_total{limit=\"address\"}"));
}

#[tokio::test]
async fn an_account_that_asks_too_often_waits_wherever_it_asks_from_and_others_do_not() {
    let settings = [
        ("requests_per_second_max", "5"),
        ("forwarded_for_from", "127.0.0.1"),
    ];
    let service = TestService::start_with(&settings).await;
    let path = "/v1/ledger/keys";
    let refused = until_refused(&service.administrator, path).await;
    assert!(refused.header("ratelimit").ends_with("\"account\";r=0;t=1"));
    refused.problem(429);
    let mut elsewhere = Vec::new();
    for number in 0..8 {
        let address = format!("198.51.100.{number}");
        elsewhere.push(from(&address, &service.administrator, path).await.status);
    }
    assert!(
        elsewhere.iter().any(|status| *status == 429),
        "{elsewhere:?}"
    );
    let somebody = service.sign_in("01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    somebody.get(path).await.good();
    service.anyone().get(path).await.good();
}

#[tokio::test]
async fn whoever_tries_tokens_is_stopped_and_shows_in_the_metrics() {
    let settings = [
        ("failed_sign_ins_per_minute_max", "3"),
        ("forwarded_for_from", "127.0.0.1"),
    ];
    let service = TestService::start_with(&settings).await;
    // An open address tells no more than any other whether a token is good.
    for path in ["/v1/cases", "/v1/ledger/keys", "/v1/cases"] {
        let answer = service.with_token("a.b.c").get(path).await;
        assert!(
            answer
                .header("ratelimit-policy")
                .ends_with("\"sign-in\";q=3;w=60")
        );
    }
    let refused = service.with_token("a.b.c").get("/v1/cases").await;
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    refused.problem(429);
    // From there no token is looked at, be it good; without one, what is open stays open.
    service.administrator.get("/v1/cases").await.problem(429);
    service.anyone().get("/healthz").await.good();
    from("198.51.100.9", &service.administrator, "/v1/cases")
        .await
        .good();
    let metrics = service.anyone().get("/metrics").await.text();
    for line in [
        "caseledger_sign_ins_refused_total{why=\"malformed\"} 3",
        "caseledger_rate_limited_total{limit=\"sign-in\"} 2",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}

#[tokio::test]
async fn whoever_tries_ids_shows_in_the_metrics() {
    let service = TestService::start().await;
    let stranger = service.sign_in("01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    for number in 10..31 {
        let path = format!("/v1/cases/01ARZ3NDEKTSV4RRFFQ69G5F{number}");
        stranger.get(&path).await.problem(404);
    }
    let body = json!({ "accountId": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    service
        .anyone()
        .post("/v1/nowhere", &body)
        .await
        .problem(404);
    let metrics = service.anyone().get("/metrics").await.text();
    for line in [
        "caseledger_not_found_signed_in_total 21",
        "caseledger_guessing_callers_total 1",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
    assert!(!metrics.contains("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
}
