//! What holds for every request: limits, forms, headers.

use std::collections::BTreeSet;

use ledger_core::log::SignedHead;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    service::{Answer, PROFILE, TestService, new_key},
    story_by_http::Story,
};

#[tokio::test]
async fn every_answer_is_protected_and_can_be_found_again() {
    let service = TestService::start().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    for path in ["/healthz", "/v1/ledger/keys", "/v1/cases", "/nowhere"] {
        let request = service.administrator.request(Method::GET, path);
        let given = format!("00-{trace}-b7ad6b7169203331-01");
        let answer = Answer::to(request.header("traceparent", given)).await;
        assert_eq!(answer.header("x-correlation-id"), trace, "{path}");
        assert!(
            answer
                .header("traceparent")
                .starts_with(&format!("00-{trace}-"))
        );
        assert_eq!(answer.header("api-version"), env!("CARGO_PKG_VERSION"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'"
        );
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=")
        );
        assert!(
            answer
                .header("ratelimit-policy")
                .starts_with("\"address\";q=")
        );
    }
    let answer = service.anyone().get("/healthz").await;
    assert_eq!(answer.header("x-correlation-id").len(), 32);
}

#[tokio::test]
async fn the_trace_and_the_purpose_become_part_of_the_events() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let request = story.holder.client.request(Method::GET, &path);
    let request = request.header("purpose", "follow_up");
    let seen = Answer::to(request).await.good();
    let why = format!("{path}/audit/why?position={}", seen["view"]["position"]);
    let why = story.auditor.client.get(&why).await.good();
    assert_eq!(why["event"]["purpose"], "follow_up");
    let request = story.holder.client.request(Method::GET, &path);
    let refused = Answer::to(request.header("purpose", "Because I may")).await;
    refused.problem(400);
}

#[tokio::test]
async fn what_is_malformed_is_said_field_by_field() {
    let service = TestService::start().await;
    let client = &service.administrator;
    let send = |body: &'static str, content_type: &'static str| {
        let request = client.request(Method::POST, "/v1/cases").body(body);
        let request = request.header("content-type", content_type);
        Answer::to(request.header("idempotency-key", new_key()))
    };
    let json = "application/json";
    let problem = send(r#"{"unit": "x", "childName": "", "more": 1}"#, json).await;
    let problem = problem.problem(400);
    let fields: Vec<&Value> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(
        fields,
        [
            "profile",
            "unit",
            "childName",
            "openerRole",
            "openerName",
            "more"
        ]
    );
    send("{", json).await.problem(400);
    send("[]", json).await.problem(400);
    send("", json).await.problem(400);
    send("{}", "text/plain").await.problem(415);
    client.get("/v1/cases?limit=0").await.problem(400);
    client.get("/v1/cases?cursor=x").await.problem(400);
    client.get("/v1/cases?page=2").await.problem(400);
    client.get("/v1/cases/not-an-id").await.problem(404);
}

#[tokio::test]
async fn what_is_not_there_or_not_allowed_is_a_problem_too() {
    let service = TestService::start().await;
    let client = &service.administrator;
    for path in ["/nowhere", "/v1/nowhere", "/v1/cases/", "/v1", "/"] {
        client.get(path).await.problem(404);
    }
    let answer = Answer::to(client.request(Method::DELETE, "/v1/cases")).await;
    let allow = answer.header("allow").to_owned();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    answer.problem(405);
    let request = client.request(Method::GET, "/v1/cases");
    Answer::to(request.header("accept", "text/html"))
        .await
        .problem(406);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let service = TestService::start_with(&[("request_body_bytes_max", "2048")]).await;
    let body = json!({ "profile": PROFILE, "kind": "school", "name": "x".repeat(4_096) });
    let refused = service.administrator.post("/v1/organisations", &body).await;
    let problem = refused.problem(413);
    assert!(problem["detail"].as_str().unwrap().contains("2048"));
    let body = json!({ "accountId": "x".repeat(4_096) });
    let refused = service.anyone().post("/v1/dev/tokens", &body).await;
    refused.problem(413);
}

#[tokio::test]
async fn the_description_is_open_and_the_one_that_is_committed() {
    let service = TestService::start().await;
    let answer = service.anyone().get("/v1/openapi.json").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let served = answer.good();
    let described = serde_json::to_value(caseledger::api::openapi()).unwrap();
    assert_eq!(served, described);
}

/// A parameter that no operation has.
const NO_PARAMETER: &str = "neverAParameter";

#[tokio::test]
async fn every_parameter_that_a_query_may_have_is_described() {
    let service = TestService::start().await;
    let description = serde_json::to_value(caseledger::api::openapi()).unwrap();
    let mut asked = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        let Some(parameters) = item["get"]["parameters"].as_array() else {
            continue;
        };
        let in_query = parameters.iter().filter(|each| each["in"] == "query");
        let described: BTreeSet<&str> = in_query.filter_map(|each| each["name"].as_str()).collect();
        if described.is_empty() {
            continue;
        }
        let ids = path.split('/').map(|part| {
            if part.starts_with('{') {
                "01ARZ3NDEKTSV4RRFFQ69G5FAV"
            } else {
                part
            }
        });
        let path = ids.collect::<Vec<_>>().join("/");
        let asking = format!("/v1{path}?{NO_PARAMETER}=1");
        let refused = service.administrator.get(&asking).await;
        let problem = refused.problem(400);
        let message = problem["errors"][0]["message"].as_str().unwrap();
        let named: BTreeSet<&str> = message
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|name| *name != NO_PARAMETER)
            .collect();
        assert_eq!(named, described, "{path}: {message}");
        assert_eq!(problem["errors"][0]["field"], NO_PARAMETER, "{path}");
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
}

#[test]
fn the_committed_description_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let described = caseledger::api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("CASELEDGER_WRITE_OPENAPI").is_some() {
        std::fs::write(path, &described).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == described,
        "docs/openapi.json is not what the code describes; refresh it with \
         `CASELEDGER_WRITE_OPENAPI=1 cargo test --workspace the_committed_description`"
    );
}

#[tokio::test]
async fn head_and_checkpoint_are_the_same_head() {
    let service = TestService::start().await;
    let anyone = service.anyone();
    // Taking a receipt publishes.
    anyone.get("/v1/ledger/receipts/0").await.good();
    let head = anyone.get("/v1/ledger/head").await.good();
    let signed: SignedHead = head["signedHead"].as_str().unwrap().parse().unwrap();
    assert_eq!(Some(signed.claimed().size), head["size"].as_u64());
    assert!(signed.claimed().size > 0);
}
