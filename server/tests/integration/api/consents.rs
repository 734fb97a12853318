//! Consents: in which form, renewed, due anew, withdrawn, declared invalid.

use serde_json::{Value, json};

use super::plan::is_rejected;
use crate::support::story_by_http::{Story, text};

/// The consent of this id.
fn consent<'a>(seen: &'a Value, id: &str) -> &'a Value {
    let mut consents = seen["consents"].as_array().unwrap().iter();
    consents.find(|consent| consent["consentId"] == id).unwrap()
}

#[tokio::test]
async fn what_was_signed_on_paper_is_recorded_with_its_scan() {
    let story = Story::begin().await;
    let case = story.open("Kari Nordmann", "01010112345").await;
    let path = format!("/v1/cases/{case}");
    let consents = format!("{path}/consents");
    let holder = &story.holder.client;
    let guardian = story
        .add_party(&case, "guardian", &story.guardian, None, "Gro")
        .await;
    let mut body = json!({ "kind": "establish_log", "by": guardian, "form": "digital" });
    let refused = holder.post(&consents, &body).await.problem(403);
    assert_eq!(refused["requirement"], "X5");
    body["form"] = json!("paper");
    let without = holder.post(&consents, &body).await.problem(422);
    assert_eq!(without["requirement"], "X5");
    let form = json!({ "section": "consents", "title": "Samtykke", "fileName": "samtykke.pdf" });
    let filed = holder.file(&case, &form, b"%PDF-1.7 signed".to_vec()).await;
    body["scan"] = filed.good()["documentId"].clone();
    let given = holder.post(&consents, &body).await.good();

    let seen = holder.get(&path).await.good();
    let shown = consent(&seen, &text(&given, "consentId"));
    assert_eq!(shown["form"], "paper");
    assert_eq!(shown["formName"], "papirskjema");
    assert_eq!(shown["scan"], body["scan"]);
    assert_eq!(shown["holds"], true);
    // The scan is listed among the documents, in the section where it was filed.
    let documents = holder.get(&format!("{path}/documents")).await.good();
    assert_eq!(documents["sections"], json!(["consents"]));
    assert_eq!(documents["items"][0]["fileName"], "samtykke.pdf");
}

#[tokio::test]
async fn a_substantial_change_asks_for_the_consents_anew() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let changes = format!("{path}/changes");
    let (holder, guardian) = (&story.holder.client, &story.guardian.client);
    let empty = holder.post(&changes, &json!({ "description": "" })).await;
    is_rejected(&empty.problem(422), "invalid", "V27");
    let change = json!({ "description": "Kari flyttar til besteforeldra." });
    let refused = guardian.post(&changes, &change).await.problem(403);
    assert_eq!(refused["requirement"], "V8");
    holder.post(&changes, &change).await.good();
    let seen = guardian.get(&path).await.good();
    assert_eq!(
        seen["changes"][0]["description"],
        "Kari flyttar til besteforeldra."
    );
    assert_eq!(consent(&seen, &case.consent)["dueAnew"], true);
    assert_eq!(consent(&seen, &case.consent)["holds"], true);

    let body = json!({
        "kind": "establish_log", "by": case.guardian_party, "form": "digital",
        "renews": case.consent,
    });
    let renewed = guardian
        .post(&format!("{path}/consents"), &body)
        .await
        .good();
    let renewed = text(&renewed, "consentId");
    let seen = guardian.get(&path).await.good();
    let (former, newest) = (consent(&seen, &case.consent), consent(&seen, &renewed));
    assert_eq!(former["renewedBy"], renewed.as_str());
    assert_eq!(newest["renews"], case.consent.as_str());
    assert_eq!([&former["holds"], &newest["holds"]], [false, true]);
    assert_eq!([&former["dueAnew"], &newest["dueAnew"]], [false, false]);
}

#[tokio::test]
async fn a_consent_that_was_never_valid_ends_the_log() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let invalidation = format!("{path}/consents/{}/invalidation", case.consent);
    let guardian = &story.guardian.client;
    let empty = guardian.post(&invalidation, &json!({ "reason": "" })).await;
    is_rejected(&empty.problem(422), "invalid", "V24");
    let body = json!({ "reason": "Gitt i feil namn." });
    let refused = story.holder.client.post(&invalidation, &body).await;
    assert_eq!(refused.problem(403)["requirement"], "V8");
    story
        .stranger
        .client
        .post(&invalidation, &body)
        .await
        .problem(404);
    let done = guardian.post(&invalidation, &body).await.good();
    assert_eq!(done["consentId"], case.consent.as_str());
    let again = guardian.post(&invalidation, &body).await.problem(422);
    is_rejected(&again, "already_there", "V24");
    let seen = guardian.get(&path).await.good();
    assert_eq!(seen["status"], "withdrawn");
    let shown = consent(&seen, &case.consent);
    assert_eq!(shown["invalidated"], true);
    assert_eq!(shown["invalidation"]["reason"], "Gitt i feil namn.");
    assert_eq!([&shown["withdrawn"], &shown["holds"]], [false, false]);
}

#[tokio::test]
async fn a_withdrawal_is_shown_with_what_was_said() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let withdrawal = format!("{path}/consents/{}/withdrawal", case.consent);
    let body = json!({ "by": case.guardian_party, "reason": "Me flyttar." });
    let guardian = &story.guardian.client;
    guardian.post(&withdrawal, &body).await.good();
    let seen = guardian.get(&path).await.good();
    assert_eq!(seen["status"], "withdrawn");
    let shown = consent(&seen, &case.consent);
    assert_eq!(shown["withdrawn"], true);
    assert_eq!(shown["withdrawal"]["reason"], "Me flyttar.");
    assert_eq!(
        shown["withdrawal"]["actor"]["party"],
        case.guardian_party.as_str()
    );
}
