//! The tenant is chosen before the sign-in (V9).

use reqwest::Method;
use serde_json::json;

use crate::support::service::{Answer, TestService};

#[tokio::test]
async fn whose_ledgers_there_are_is_said_before_anybody_signs_in() {
    let issuers = json!([
        {
            "name": "id_porten", "issuer": "https://idporten.example", "audience": "https://ledger.kvam.example",
            "algorithms": ["RS256"], "subject_claim": "pid", "assurance": { "idporten-loa-high": "high" },
        },
        {
            "name": "maskinporten", "issuer": "https://maskinporten.example", "audience": "kvam",
            "algorithms": ["RS256"], "machine": true, "assurance_fixed": "high",
        },
    ]);
    let settings = [
        ("tenant_name", "Kvam herad"),
        ("issuers", &issuers.to_string()),
    ];
    let service = TestService::start_with(&settings).await;
    let tenants = service.anyone().get("/v1/tenants").await.good();
    let expected = json!({ "items": [{
        "id": "kvam", "name": "Kvam herad",
        "issuers": [
            {
                "name": "id_porten", "issuer": "https://idporten.example",
                "audience": "https://ledger.kvam.example", "kind": "person",
            },
            {
                "name": "maskinporten", "issuer": "https://maskinporten.example",
                "audience": "kvam", "kind": "machine",
            },
        ],
    }] });
    assert_eq!(tenants, expected);
}

#[tokio::test]
async fn a_token_is_taken_in_the_tenant_that_was_chosen_or_nowhere() {
    let service = TestService::start().await;
    let in_tenant = async |tenant: &str| {
        let request = service.administrator.request(Method::GET, "/v1/cases");
        Answer::to(request.header("tenant", tenant)).await
    };
    in_tenant("kvam").await.good();
    let invalid = service
        .with_token("a.b.c")
        .get("/v1/cases")
        .await
        .problem(401);
    for other in ["bergen", "Kvam", "", "kvam, bergen"] {
        assert_eq!(in_tenant(other).await.problem(401), invalid, "{other}");
    }
    // What is open to everyone needs no tenant.
    let request = service.anyone().request(Method::GET, "/v1/tenants");
    Answer::to(request.header("tenant", "bergen")).await.good();
}
