//! From an identity to an account: activated by an administrator, used by whoever the issuer says it is.

use reqwest::Method;
use serde_json::{Value, json};

use super::provider::{CLIENT, MACHINES, Provider};
use crate::support::{
    service::{Answer, PROFILE, new_key},
    story_by_http::{Person, Story, assign, text},
};

const GUARDIAN: &str = "01017012345";
const HIGH: &str = "idporten-loa-high";

async fn activate(story: &Story, issuer: &str, subject: &str) -> Answer {
    let body =
        json!({ "profile": PROFILE, "name": "Gro Mor", "issuer": issuer, "subject": subject });
    story
        .service
        .administrator
        .post("/v1/accounts", &body)
        .await
}

#[tokio::test]
async fn a_person_signs_in_and_reads_what_the_rules_allow() {
    let Some(provider) = Provider::start("a_person_signs_in_and_reads_what_the_rules_allow") else {
        return;
    };
    let mut story = Story::begin_with(&[("issuers", &provider.issuers())]).await;
    let client = story
        .service
        .with_token(&provider.person(GUARDIAN, HIGH).await);
    // Before anybody has activated them they have signed in, and may do nothing.
    assert_eq!(client.get("/v1/cases").await.good()["items"], json!([]));
    let case = json!({
        "profile": PROFILE, "unit": story.school, "childName": "Kari", "nationalId": "01010112345",
        "concern": "", "openerRole": "baton_holder", "openerName": "Gro",
    });
    client.post("/v1/cases", &case).await.problem(403);

    let activated = activate(&story, "id_porten", GUARDIAN).await.good();
    assert!(!activated.to_string().contains(GUARDIAN));
    story.guardian = Person {
        id: text(&activated, "accountId"),
        client,
    };
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let seen = story.guardian.client.get(&path).await.good();

    // The ledger says who vouched for them, and how surely.
    let why = format!("{path}/audit/why?position={}", seen["view"]["position"]);
    let why = story.auditor.client.get(&why).await.good();
    assert_eq!(why["event"]["actor"]["issuer"], "id_porten");
    assert_eq!(why["event"]["actor"]["assurance"], "high");
    assert!(!why.to_string().contains(GUARDIAN));

    // The same person, less surely known.
    let token = provider.person(GUARDIAN, "idporten-loa-substantial").await;
    let refused = story
        .service
        .with_token(&token)
        .get(&path)
        .await
        .problem(403);
    assert_eq!(refused["requirement"], "V21");
    // Somebody else with the same assurance, and the same number from a machine's issuer.
    let token = provider.person("01017012346", HIGH).await;
    story
        .service
        .with_token(&token)
        .get(&path)
        .await
        .problem(404);
    let machine = json!({ "client_id": GUARDIAN, "kvam": { "tenant": "kvam" } });
    let token = provider
        .mint("good", &merged(machine, json!({ "aud": MACHINES })))
        .await;
    story
        .service
        .with_token(&token)
        .get(&path)
        .await
        .problem(404);
}

fn merged(mut one: Value, other: Value) -> Value {
    let members = other.as_object().unwrap().clone();
    one.as_object_mut().unwrap().extend(members);
    one
}

#[tokio::test]
async fn a_machine_is_its_client_and_does_what_its_roles_allow() {
    let Some(provider) = Provider::start("a_machine_is_its_client_and_does_what_its_roles_allow")
    else {
        return;
    };
    let story = Story::begin_with(&[("issuers", &provider.issuers())]).await;
    let case = story.case().await;
    let tenant = json!({ "kvam": { "tenant": "kvam" } });
    let client = story
        .service
        .with_token(&provider.token(MACHINES, &tenant).await);
    let saw = format!("/v1/cases/{}/audit/saw", case.id);
    client.get(&saw).await.problem(404);
    let activated = activate(&story, "maskinporten", CLIENT).await.good();
    let machine = Person {
        id: text(&activated, "accountId"),
        client,
    };
    machine.client.get(&saw).await.problem(404);
    assign(
        story.service.profile,
        &story.service.administrator,
        &machine,
        "auditor",
        None,
    )
    .await;
    machine.client.get(&saw).await.good();
}

#[tokio::test]
async fn an_identity_has_one_account() {
    let issuers = json!([{
        "name": "id_porten", "issuer": "https://idporten.example", "audience": "a", "algorithms": ["RS256"],
        "subject_claim": "pid", "assurance": { "idporten-loa-high": "high" },
    }]);
    let story = Story::begin_with(&[("issuers", &issuers.to_string())]).await;
    let administrator = &story.service.administrator;
    // Repeated, it is done once.
    let body =
        json!({ "profile": PROFILE, "name": "Gro", "issuer": "id_porten", "subject": GUARDIAN });
    let key = new_key();
    let send = async || {
        let request = administrator
            .request(Method::POST, "/v1/accounts")
            .json(&body);
        Answer::to(request.header("idempotency-key", &key))
            .await
            .good()
    };
    assert_eq!(send().await, send().await);
    let again = activate(&story, "id_porten", GUARDIAN).await.problem(422);
    assert_eq!(again["code"], "already_there");
    let other = activate(&story, "id_porten", "01017012346").await.good();
    assert_ne!(other["accountId"], send().await["accountId"]);

    // Whoever may not activate accounts learns nothing of who has one.
    let refused = async |subject: &str| {
        let body =
            json!({ "profile": PROFILE, "name": "Gro", "issuer": "id_porten", "subject": subject });
        let answer = story.guardian.client.post("/v1/accounts", &body).await;
        answer.problem(403)
    };
    assert_eq!(refused(GUARDIAN).await, refused("31129999999").await);
    for (issuer, subject, field) in [
        (json!("id_porten"), json!(null), "subject"),
        (json!(null), json!(GUARDIAN), "issuer"),
        (json!("id_porten"), json!(" 01017012345"), "subject"),
        (json!("somebody"), json!(GUARDIAN), "issuer"),
    ] {
        let body =
            json!({ "profile": PROFILE, "name": "Gro", "issuer": issuer, "subject": subject });
        let problem = administrator.post("/v1/accounts", &body).await.problem(400);
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}
