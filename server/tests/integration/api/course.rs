//! The course of a case: resting, reopening, legal holds, broken glass.

use serde_json::{Value, json};

use super::plan::is_rejected;
use crate::support::story_by_http::{CaseOfStory, Story, text};

/// A case with a measure under way.
async fn active(story: &Story) -> CaseOfStory {
    let case = story.case().await;
    story.begin_a_measure(&case).await;
    case
}

async fn course(story: &Story, case: &CaseOfStory) -> Value {
    let path = format!("/v1/cases/{}", case.id);
    let seen = story.guardian.client.get(&path).await.good();
    seen["course"].clone()
}

#[tokio::test]
async fn a_case_rests_when_the_family_wishes_it_and_is_taken_up_again() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let (holder, guardian) = (&story.holder.client, &story.guardian.client);
    let resting = format!("{path}/resting");
    let reason = json!({ "reason": "Me treng ein pause." });
    let resuming = format!("{path}/resuming");
    let body = json!({ "reason": "Hausten er her." });
    // At any time, also before it has begun; then it is taken up where it was.
    guardian.post(&resting, &reason).await.good();
    holder.post(&resuming, &body).await.good();
    let prepared = guardian.get(&path).await.good();
    assert_eq!(prepared["status"], "preparing");
    story.begin_a_measure(&case).await;
    let stale = guardian.post_having_seen("\"1\"", &resting, &reason).await;
    stale.problem(412);
    guardian.post(&resting, &reason).await.good();
    let note = json!({ "section": "notes", "title": "Nei", "text": "" });
    let refused = holder.post(&format!("{path}/notes"), &note).await;
    assert_eq!(refused.problem(403)["requirement"], "V16");
    let shown = course(&story, &case).await;
    assert_eq!(shown["turns"][2]["type"], "case_rested");
    assert_eq!(shown["turns"][2]["reason"], "Me treng ein pause.");
    let rested_at = &shown["turns"][2]["recordedAt"];
    assert_eq!(&shown["statusSince"], rested_at);

    holder.post(&resuming, &body).await.good();
    let again = holder.post(&resuming, &body).await.problem(422);
    is_rejected(&again, "wrong_status", "V17");
    let seen = guardian.get(&path).await.good();
    assert_eq!(seen["status"], "active");
    assert_eq!(seen["course"]["turns"][3]["type"], "case_resumed");
}

#[tokio::test]
async fn a_closed_case_is_reopened_by_a_right_of_its_own() {
    let story = Story::begin().await;
    let case = active(&story).await;
    let path = format!("/v1/cases/{}", case.id);
    let (holder, leader) = (&story.holder.client, &story.leader.client);
    let reopening = format!("{path}/reopening");
    let reason = json!({ "reason": "Det byrja att." });
    let open = holder.post(&reopening, &reason).await.problem(403);
    assert_eq!(open["requirement"], "X10");
    let etag = holder.get(&path).await.header("etag").to_owned();
    let body = json!({ "reason": "thrives", "summary": "Ho trivst." });
    let closing = format!("{path}/closing");
    holder.post_having_seen(&etag, &closing, &body).await.good();
    let refused = holder.post(&reopening, &reason).await.problem(403);
    assert_eq!(refused["requirement"], "V8");
    leader.post(&reopening, &reason).await.good();
    let shown = course(&story, &case).await;
    assert_eq!(shown["turns"][0]["reasonCode"], "thrives");
    assert_eq!(
        shown["turns"][0]["reasonName"],
        "barnet trivst og tiltaka har gitt ønskt effekt"
    );
    assert_eq!(shown["turns"][0]["reason"], "Ho trivst.");
    assert_eq!(shown["turns"][1]["reason"], "Det byrja att.");
    let seen = holder.get(&path).await.good();
    assert_eq!(seen["status"], "active");
}

#[tokio::test]
async fn nothing_is_destroyed_while_a_legal_hold_is_in_force() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let note = story.note(&case.id, "Feil barn").await;
    let (holder, archivist) = (&story.holder.client, &story.archivist.client);
    let holds = format!("{path}/holds");
    let body = json!({ "reasonCode": "whim", "reference": "TKVAM-2026-118" });
    let unknown = archivist.post(&holds, &body).await.problem(422);
    is_rejected(&unknown, "not_in_profile", "V19");
    let body = json!({ "reasonCode": "legal_proceedings", "reference": "TKVAM-2026-118" });
    let refused = holder.post(&holds, &body).await.problem(403);
    assert_eq!(refused["requirement"], "V8");
    let placed = archivist.post(&holds, &body).await.good();
    let redaction = json!({
        "positions": [note["position"]], "reasonCode": "wrong_case", "reason": "Feil logg.",
    });
    let redactions = format!("{path}/redactions");
    let held = holder.post(&redactions, &redaction).await.problem(403);
    assert_eq!(held["requirement"], "V19");
    let lifting = format!("{holds}/{}/lifting", text(&placed, "holdId"));
    let reason = json!({ "reason": "Dommen er rettskraftig." });
    archivist.post(&lifting, &reason).await.good();
    let again = archivist.post(&lifting, &reason).await.problem(422);
    is_rejected(&again, "already_there", "V19");
    holder.post(&redactions, &redaction).await.good();
    let shown = course(&story, &case).await["holds"][0].clone();
    assert_eq!(shown["holdId"], placed["holdId"]);
    assert_eq!(shown["reasonName"], "rettssak eller klage");
    assert_eq!(shown["reference"], "TKVAM-2026-118");
    assert_eq!(shown["lifted"]["reason"], "Dommen er rettskraftig.");
}

#[tokio::test]
async fn whoever_breaks_the_glass_reads_for_a_while_and_is_seen_by_all() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let leader = &story.leader.client;
    leader.get(&path).await.problem(404);
    let emergencies = format!("{path}/emergencies");
    let long = json!({ "reason": "Fare for liv.", "hours": 99 });
    let long = leader.post(&emergencies, &long).await.problem(422);
    is_rejected(&long, "invalid", "D4");
    let body = json!({ "reason": "Fare for liv.", "hours": 2 });
    let refused = story.holder.client.post(&emergencies, &body).await;
    assert_eq!(refused.problem(403)["requirement"], "V8");
    let broken = leader.post(&emergencies, &body).await.good();
    let seen = leader.get(&path).await.good();
    assert_eq!(seen["childName"], "Kari Nordmann");
    let shown = course(&story, &case).await["emergencies"][0].clone();
    assert_eq!(shown["emergencyId"], broken["emergencyId"]);
    assert_eq!(shown["account"], story.leader.id.as_str());
    assert_eq!(shown["reason"], "Fare for liv.");
    assert_eq!(shown["holds"], true);
    let ending = format!("{emergencies}/{}/ending", text(&broken, "emergencyId"));
    story.guardian.client.post(&ending, &json!({})).await.good();
    let again = leader.post(&ending, &json!({})).await.problem(422);
    is_rejected(&again, "already_there", "D4");
    leader.get(&path).await.problem(404);
    let shown = course(&story, &case).await["emergencies"][0].clone();
    assert_eq!(shown["holds"], false);
    assert!(shown["endedAt"].is_string());
}
