//! Commands: repeated, on a version, refused.

use reqwest::Method;
use serde_json::json;

use crate::support::{
    service::{Answer, PROFILE},
    story_by_http::{Story, metadata},
};

#[tokio::test]
async fn a_repeated_command_is_carried_out_once_and_answered_the_same() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}/notes", case.id);
    let holder = &story.holder.client;
    let note = |title: &str| {
        let body = json!({ "section": "notes", "title": title, "text": "" });
        let request = holder.request(Method::POST, &path).json(&body);
        Answer::to(request.header("idempotency-key", "once"))
    };
    let first = note("Ein gong").await;
    let again = note("Ein gong").await;
    assert_eq!(first.status, again.status);
    assert_eq!(first.header("etag"), again.header("etag"));
    assert_eq!(first.good(), again.good());
    let seen = holder.get(&format!("/v1/cases/{}", case.id)).await.good();
    assert_eq!(seen["notes"].as_array().unwrap().len(), 1);

    // The key with something else is refused; somebody else's key of the same name is another key.
    let reused = note("Noko anna").await.problem(422);
    assert_eq!(
        reused["type"],
        "urn:caseledger:problem:idempotency-key-reused"
    );
    let body = json!({ "section": "notes", "title": "Mor skriv", "text": "" });
    let request = story.guardian.client.request(Method::POST, &path);
    let request = request.json(&body).header("idempotency-key", "once");
    Answer::to(request).await.good();
    let request = holder.request(Method::POST, &path).json(&body);
    let missing = Answer::to(request).await.problem(400);
    assert_eq!(
        missing["type"],
        "urn:caseledger:problem:idempotency-key-missing"
    );
}

#[tokio::test]
async fn repeating_what_makes_something_gives_the_same_thing() {
    let story = Story::begin().await;
    let clearance = json!({ "profile": PROFILE, "unit": story.school, "account": story.holder.id });
    let leader = &story.leader.client;
    let cleared = leader.post("/v1/clearances", &clearance).await.good();
    let body = json!({
        "clearance": cleared["caseId"],
        "profile": PROFILE, "unit": story.school, "childName": "Kari", "concern": "",
        "openerRole": "baton_holder", "openerName": "Hanna",
    });
    let holder = &story.holder.client;
    let open = || {
        let request = holder.request(Method::POST, "/v1/cases").json(&body);
        Answer::to(request.header("idempotency-key", "open"))
    };
    let first = open().await;
    let location = first.header("location").to_owned();
    let first = first.good();
    assert_eq!(
        location,
        format!("/v1/cases/{}", first["caseId"].as_str().unwrap())
    );
    assert_eq!(open().await.good(), first);

    let administrator = &story.service.administrator;
    let body = json!({ "profile": PROFILE, "kind": "school", "name": "Strandebarm skule" });
    let register = || {
        let request = administrator.request(Method::POST, "/v1/organisations");
        Answer::to(request.json(&body).header("idempotency-key", "register"))
    };
    let first = register().await.good();
    assert!(first["organisationId"].is_string());
    assert_eq!(register().await.good(), first);

    // A document is the same only if its bytes are.
    let case = story.case().await;
    let file = |body: &'static [u8]| {
        let part = reqwest::multipart::Part::bytes(body);
        let holder = holder.clone();
        let case = case.id.clone();
        async move { holder.file_part(&case, &metadata(), part, "file").await }
    };
    let first = file(b"%PDF-1.7 one").await.good();
    assert_eq!(file(b"%PDF-1.7 one").await.good(), first);
    file(b"%PDF-1.7 two").await.problem(422);
}

#[tokio::test]
async fn a_command_on_a_version_that_has_passed_is_refused() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    let etag = holder.get(&path).await.header("etag").to_owned();
    let body = json!({ "section": "notes", "title": "Sett", "text": "" });
    let notes = format!("{path}/notes");
    let written = holder.post_having_seen(&etag, &notes, &body).await;
    assert_ne!(written.header("etag"), etag);
    written.good();
    let stale = holder.post_having_seen(&etag, &notes, &body).await;
    let problem = stale.problem(412);
    assert_eq!(problem["type"], "urn:caseledger:problem:version-differs");
    holder
        .post_having_seen("W/\"1\"", &notes, &body)
        .await
        .problem(400);
    // A reading is a view, and a view does not make a version.
    let before = holder.get(&path).await.header("etag").to_owned();
    let conditional = holder.request(Method::GET, &path);
    let again = Answer::to(conditional.header("if-none-match", &before)).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.header("etag"), before);
}

#[tokio::test]
async fn what_cannot_be_so_is_rejected_with_its_reason() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    let body = json!({ "section": "secrets", "title": "Nei", "text": "" });
    let rejected = holder
        .post(&format!("{path}/notes"), &body)
        .await
        .problem(422);
    assert_eq!(rejected["code"], "not_in_profile");
    let body = json!({ "kind": "cooperation", "by": case.guardian_party, "form": "digital" });
    let guardian = &story.guardian.client;
    let rejected = guardian.post(&format!("{path}/consents"), &body).await;
    let rejected = rejected.problem(422);
    assert_eq!(rejected["code"], "invalid");
    assert_eq!(rejected["requirement"], "V24");
    // Nobody gives themselves a role.
    let body = json!({ "profile": PROFILE, "role": "auditor" });
    let own = format!("/v1/accounts/{}/roles", story.service.administrator_id);
    let refused = story.service.administrator.post(&own, &body).await;
    assert_eq!(refused.problem(403)["requirement"], "X1");
    // A rule book with mistakes names each of them.
    let body = json!({ "profile": PROFILE, "profileToml": "id = 1", "accessCedar": "permit" });
    let administrator = &story.service.administrator;
    let refused = administrator.post("/v1/profiles", &body).await.problem(400);
    let fields: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert!(fields.contains(&"profileToml") && fields.contains(&"accessCedar"));
}

#[tokio::test]
async fn a_redaction_destroys_and_says_until_when_backups_hold() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let note = story.note(&case.id, "Feil barn").await;
    let document = story.document(&case.id, b"%PDF-1.7".to_vec()).await;
    let body = json!({
        "positions": [note["position"]], "documents": [document],
        "reasonCode": "wrong_case", "reason": "Ført i feil logg.",
    });
    let holder = &story.holder.client;
    let redacted = holder
        .post(&format!("{path}/redactions"), &body)
        .await
        .good();
    assert!(redacted["backupsEnd"].is_string());
    let seen = holder.get(&path).await.good();
    assert_eq!(seen["notes"][0]["redacted"], true);
    assert!(seen["notes"][0].get("title").is_none());
    assert!(seen["documents"][0].get("fileName").is_none());
    let gone = format!("{path}/documents/{document}");
    holder.get(&gone).await.problem(404);
}

#[tokio::test]
async fn a_role_that_has_ended_opens_no_more_cases() {
    let story = Story::begin().await;
    let body = json!({ "profile": PROFILE, "role": "baton_holder", "unit": story.school });
    let ending = format!("/v1/accounts/{}/role-endings", story.colleague.id);
    story.leader.client.post(&ending, &body).await.good();
    let body = json!({
        "profile": PROFILE, "unit": story.school, "childName": "Kari",
        "openerRole": "baton_holder", "openerName": "Kåre",
    });
    let colleague = &story.colleague.client;
    let refused = colleague.post("/v1/cases", &body).await;
    refused.problem(403);
}
