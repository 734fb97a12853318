//! Which tokens are taken, and which are not: they all read the same, and are told apart in the metrics.

use serde_json::{Value, json};

use super::provider::{AUDIENCE, MACHINES, Provider};
use crate::support::service::TestService;

const PROFILE: &str = "/v1/profiles/stafettloggen-kvam";

async fn service(provider: &Provider) -> TestService {
    TestService::start_with(&[("issuers", &provider.issuers())]).await
}

async fn refusals(service: &TestService, why: &str) -> u32 {
    let metrics = service.anyone().get("/metrics").await.text();
    let line = format!("caseledger_sign_ins_refused_total{{why=\"{why}\"}} ");
    let found = metrics.lines().find_map(|found| found.strip_prefix(&line));
    found.map_or(0, |number| number.parse().unwrap())
}

#[tokio::test]
async fn tokens_that_are_not_good_are_refused_in_the_same_words() {
    let Some(provider) = Provider::start("tokens_that_are_not_good_are_refused_in_the_same_words")
    else {
        return;
    };
    let service = service(&provider).await;
    let person = json!({ "pid": "01017012345" });
    let good = provider.mint("good", &person).await;
    service.with_token(&good).get("/v1/cases").await.good();

    let mut words: Option<Value> = None;
    for (kind, claims, why) in [
        ("expired", json!({}), "expired"),
        ("not-yet", json!({}), "not_yet_valid"),
        ("other-audience", json!({}), "audience"),
        ("id-token", json!({}), "audience"),
        ("other-issuer", json!({}), "unknown_issuer"),
        ("good", json!({ "iss": [provider.url] }), "malformed"),
        ("logout-token", json!({}), "malformed"),
        ("unsigned", json!({}), "algorithm"),
        ("confused-pem", json!({}), "algorithm"),
        ("confused-der", json!({}), "algorithm"),
        ("confused-jwk", json!({}), "algorithm"),
        ("other-algorithm", json!({}), "algorithm"),
        ("forged", json!({}), "bad_signature"),
        ("forged-with-its-key", json!({}), "bad_signature"),
        ("tampered", json!({}), "bad_signature"),
        ("unknown-key", json!({}), "unknown_key"),
        ("good", json!({ "cnf": { "jkt": "x" } }), "bound_to_a_key"),
        ("good", json!({ "acr": "idporten-loa-low" }), "assurance"),
        ("good", json!({ "acr": null }), "assurance"),
        ("good", json!({ "pid": null }), "subject"),
        ("good", json!({ "pid": "" }), "subject"),
        ("good", json!({ "pid": 1_017_012_345 }), "subject"),
        ("good", json!({ "pid": "x".repeat(256) }), "subject"),
    ] {
        let mut claimed = person.clone();
        for (name, value) in claims.as_object().unwrap() {
            claimed[name] = value.clone();
        }
        let token = provider.mint(kind, &claimed).await;
        let before = refusals(&service, why).await;
        let answer = service.with_token(&token).get(PROFILE).await;
        let challenge = answer.header("www-authenticate").to_owned();
        assert!(
            challenge.ends_with("error=\"invalid_token\""),
            "{kind}: {challenge}"
        );
        let problem = answer.problem(401);
        assert_eq!(
            words.get_or_insert_with(|| problem.clone()),
            &problem,
            "{kind}"
        );
        assert_eq!(
            refusals(&service, why).await,
            before + 1,
            "{kind}: not {why}"
        );
        let metrics = service.anyone().get("/metrics").await.text();
        assert!(!metrics.contains(&token[..20]) && !metrics.contains("01017012345"));
    }

    // Without any token it is another matter, and counted apart.
    let before = refusals(&service, "missing").await;
    service.anyone().get(PROFILE).await.problem(401);
    assert_eq!(refusals(&service, "missing").await, before + 1);
}

#[tokio::test]
async fn tokens_of_a_provider_are_taken_for_whom_they_are() {
    let Some(provider) = Provider::start("tokens_of_a_provider_are_taken_for_whom_they_are") else {
        return;
    };
    let service = service(&provider).await;
    let status = async |token: &str| service.with_token(token).get("/v1/cases").await.status;
    assert_eq!(
        status(&provider.person("01017012345", "idporten-loa-high").await).await,
        200
    );
    // A person's token without a person.
    assert_eq!(
        status(&provider.token(AUDIENCE, &json!({})).await).await,
        401
    );
    // A machine's, of this tenant and of another one.
    let kvam = json!({ "kvam": { "tenant": "kvam" } });
    assert_eq!(status(&provider.token(MACHINES, &kvam).await).await, 200);
    let bergen = json!({ "kvam": { "tenant": "bergen" } });
    assert_eq!(status(&provider.token(MACHINES, &bergen).await).await, 401);
    assert_eq!(
        status(&provider.token(MACHINES, &json!({})).await).await,
        401
    );
    assert_eq!(refusals(&service, "tenant").await, 2);
    assert_eq!(refusals(&service, "assurance").await, 1);
}
