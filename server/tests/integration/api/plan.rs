//! What is planned and done, written and corrected: each resource once as it should be, and once as it cannot be.

use chrono::{Days, Months, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use crate::support::{
    service::Client,
    story_by_http::{CaseOfStory, Story, text},
};

/// So many months from now.
fn in_months(story: &Story, months: u32) -> NaiveDate {
    story.now().date_naive() + Months::new(months)
}

/// A measure that the guardian sees to.
fn measure(story: &Story, case: &CaseOfStory) -> Value {
    json!({
        "title": "Møtt ved porten", "description": "Kontaktlæraren møter Kari kvar morgon.",
        "developmentArea": "Trygge morgonar", "responsible": case.guardian_party,
        "evaluateOn": in_months(story, 2),
    })
}

/// What was asked for cannot be: gives nothing, demands code and requirement.
#[track_caller]
pub(super) fn is_rejected(problem: &Value, code: &str, requirement: &str) {
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["requirement"], requirement, "{problem}");
}

/// The entry of the case as this person sees it.
async fn seen(client: &Client, case: &CaseOfStory) -> Value {
    client.get(&format!("/v1/cases/{}", case.id)).await.good()
}

#[tokio::test]
async fn a_measure_is_planned_begun_changed_evaluated_and_ended() {
    let story = Story::begin().await;
    let case = story.case().await;
    let (holder, guardian) = (&story.holder.client, &story.guardian.client);
    let measures = format!("/v1/cases/{}/measures", case.id);
    story
        .stranger
        .client
        .post(&measures, &measure(&story, &case))
        .await
        .problem(404);
    let mut early = measure(&story, &case);
    early["beginsOn"] = json!(in_months(&story, 3));
    let early = holder.post(&measures, &early).await.problem(422);
    is_rejected(&early, "invalid", "V3");

    let planned = guardian
        .post(&measures, &measure(&story, &case))
        .await
        .good();
    let path = format!("{measures}/{}", text(&planned, "measureId"));
    let evaluation =
        json!({ "effect": "some", "evaluateOn": in_months(&story, 4), "assessment": "Ho smiler." });
    let evaluations = format!("{path}/evaluations");
    let unbegun = holder.post(&evaluations, &evaluation).await.problem(422);
    is_rejected(&unbegun, "wrong_status", "V3");
    assert_eq!(seen(holder, &case).await["status"], "preparing");
    let beginning = format!("{path}/beginning");
    let begun = holder.post(&beginning, &json!({})).await.good();
    assert_eq!(begun["measureId"], planned["measureId"]);
    assert_eq!(seen(holder, &case).await["status"], "active");
    let again = holder.post(&beginning, &json!({})).await.problem(422);
    is_rejected(&again, "already_there", "V11");

    let mut changed = measure(&story, &case);
    changed["title"] = json!("Møtt ved bussen");
    holder
        .post(&format!("{path}/changes"), &changed)
        .await
        .good();
    holder.post(&evaluations, &evaluation).await.good();
    let ending = format!("{path}/ending");
    let end = json!({ "effect": "gone", "assessment": "" });
    let unknown = holder.post(&ending, &end).await.problem(422);
    is_rejected(&unknown, "not_in_profile", "V15");
    let end = json!({ "effect": "wished_for", "assessment": "Ho går åleine." });
    holder.post(&ending, &end).await.good();
    let again = holder.post(&ending, &end).await.problem(422);
    is_rejected(&again, "already_there", "V3");

    let shown = seen(guardian, &case).await["measures"][0].clone();
    assert_eq!(shown["measureId"], planned["measureId"]);
    assert_eq!(shown["title"], "Møtt ved bussen");
    assert_eq!(shown["developmentArea"], "Trygge morgonar");
    assert_eq!(shown["responsible"], case.guardian_party.as_str());
    assert_eq!(shown["evaluateOn"], json!(in_months(&story, 4)));
    assert!(shown["begunAt"].is_string());
    assert_eq!(shown["evaluations"][0]["effectName"], "noko effekt");
    assert_eq!(shown["evaluations"][0]["assessment"], "Ho smiler.");
    assert_eq!(shown["effectName"], "ønskt effekt");
    assert_eq!(shown["ended"]["assessment"], "Ho går åleine.");
}

#[tokio::test]
async fn a_meeting_is_planned_moved_held_or_cancelled() {
    let story = Story::begin().await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let meetings = format!("/v1/cases/{}/meetings", case.id);
    let (later, before) = (
        story.now() + Days::new(7),
        story.now() - TimeDelta::hours(1),
    );
    let meeting =
        json!({ "at": later, "title": "Samarbeidsmøte", "place": "Skulen", "agenda": "Morgonar" });
    // The family does not call meetings here.
    let refused = story.guardian.client.post(&meetings, &meeting).await;
    assert_eq!(refused.problem(403)["requirement"], "V8");
    let planned = holder.post(&meetings, &meeting).await.good();
    let path = format!("{meetings}/{}", text(&planned, "meetingId"));
    let minutes = json!({ "present": [case.guardian_party], "minutes": "Semje om morgonane." });
    let early = holder.post(&format!("{path}/minutes"), &minutes).await;
    is_rejected(&early.problem(422), "wrong_status", "V1");
    let time = json!({ "at": before });
    holder.post(&format!("{path}/time"), &time).await.good();
    let strangers = json!({ "present": [case.id], "minutes": "" });
    let unknown = holder.post(&format!("{path}/minutes"), &strangers).await;
    is_rejected(&unknown.problem(422), "not_found", "V1");
    holder
        .post(&format!("{path}/minutes"), &minutes)
        .await
        .good();
    let reason = json!({ "reason": "Sjukdom" });
    let held = holder.post(&format!("{path}/cancellation"), &reason).await;
    is_rejected(&held.problem(422), "already_there", "V1");

    let other = holder.post(&meetings, &meeting).await.good();
    let other = format!("{meetings}/{}", text(&other, "meetingId"));
    holder
        .post(&format!("{other}/cancellation"), &reason)
        .await
        .good();
    let moved = holder.post(&format!("{other}/time"), &time).await;
    is_rejected(&moved.problem(422), "already_there", "V1");

    let shown = seen(holder, &case).await["meetings"].clone();
    assert_eq!(shown[0]["at"], json!(before));
    assert_eq!(shown[0]["place"], "Skulen");
    assert_eq!(shown[0]["held"]["present"], json!([case.guardian_party]));
    assert_eq!(shown[0]["held"]["minutes"], "Semje om morgonane.");
    assert_eq!(shown[1]["cancelled"]["reason"], "Sjukdom");
    assert!(shown[1].get("held").is_none());
}

#[tokio::test]
async fn as_many_are_present_as_can_take_part_at_most() {
    let story = Story::begin().await;
    let case = story.case().await;
    let holder = &story.holder.client;
    let meetings = format!("/v1/cases/{}/meetings", case.id);
    let meeting = json!({ "at": story.now() - TimeDelta::hours(1), "title": "Møte" });
    let planned = holder.post(&meetings, &meeting).await.good();
    let path = format!("{meetings}/{}/minutes", text(&planned, "meetingId"));
    let people = |count: usize| -> Vec<String> {
        (0..count)
            .map(|n| format!("01ARZ3NDEKTSV4RRFFQ69{n:05}"))
            .collect()
    };
    let rejected = holder.post(&path, &json!({ "present": people(61) })).await;
    is_rejected(&rejected.problem(422), "invalid", "V1");
    let rejected = holder
        .post(&path, &json!({ "present": people(1_001) }))
        .await;
    assert_eq!(rejected.problem(400)["errors"][0]["field"], "present");
}

#[tokio::test]
async fn an_agreement_with_the_family_is_made_and_settled() {
    let story = Story::begin().await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    let agreements = format!("/v1/cases/{}/agreements", case.id);
    let empty = guardian.post(&agreements, &json!({ "text": " " })).await;
    is_rejected(&empty.problem(422), "invalid", "V2");
    let agreement = json!({
        "text": "Foreldra ringjer kvar fredag.", "responsible": case.guardian_party,
        "due": in_months(&story, 1),
    });
    let made = guardian.post(&agreements, &agreement).await.good();
    let path = format!("{agreements}/{}/settlement", text(&made, "agreementId"));
    let settlement = json!({ "kept": true, "remark": "Kvar fredag." });
    story.holder.client.post(&path, &settlement).await.good();
    let again = guardian.post(&path, &settlement).await.problem(422);
    is_rejected(&again, "already_there", "V2");
    let shown = seen(guardian, &case).await["agreements"][0].clone();
    assert_eq!(shown["text"], "Foreldra ringjer kvar fredag.");
    assert_eq!(shown["due"], json!(in_months(&story, 1)));
    assert_eq!(shown["settled"]["kept"], true);
    assert_eq!(shown["settled"]["remark"], "Kvar fredag.");
}

#[tokio::test]
async fn a_wrong_entry_stays_with_its_correction_beside_it() {
    let story = Story::begin().await;
    let case = story.case().await;
    let (holder, guardian) = (&story.holder.client, &story.guardian.client);
    let note = story.note(&case.id, "Morgonar").await;
    let path = format!("/v1/cases/{}/corrections", case.id);
    let correction = |position: &Value, text: &str| json!({ "position": position, "text": text, "reason": "Feil dag." });
    let nothing = guardian.post(&path, &correction(&json!(0), "Tysdag")).await;
    is_rejected(&nothing.problem(422), "not_found", "V29");
    let body = correction(&note["position"], "Det var tysdag.");
    story.stranger.client.post(&path, &body).await.problem(404);
    let corrected = guardian.post(&path, &body).await.good();
    assert!(corrected["correctionId"].is_string());
    // So is a wrong correction.
    let body = correction(&corrected["position"], "Det var onsdag.");
    let again = holder.post(&path, &body).await.good();

    let shown = seen(holder, &case).await["notes"][0].clone();
    assert_eq!(shown["text"], "Me snakka om morgonane.");
    assert_eq!(shown["superseded"], true);
    let [first, second] = shown["corrections"].as_array().unwrap().as_slice() else {
        panic!("two corrections: {shown}");
    };
    assert_eq!(first["position"], corrected["position"]);
    assert_eq!(first["text"], "Det var tysdag.");
    assert_eq!(first["reason"], "Feil dag.");
    assert_eq!(first["actor"]["party"], case.guardian_party.as_str());
    assert_eq!(first["superseded"], true);
    assert_eq!(second["position"], again["position"]);
    assert_eq!(second["corrects"], first["position"]);
    assert_eq!(second["superseded"], false);
    let timeline = guardian
        .get(&format!("/v1/cases/{}/timeline", case.id))
        .await;
    let timeline = timeline.good()["events"].as_array().unwrap().clone();
    let event = timeline
        .iter()
        .find(|event| event["type"] == "entry_corrected");
    assert_eq!(event.unwrap()["content"]["text"], "Det var tysdag.");
}

#[tokio::test]
async fn a_part_is_read_alone_and_noted_as_a_reading_of_its_section_alone() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    let holder = &story.holder.client;
    holder
        .post(&format!("{path}/measures"), &measure(&story, &case))
        .await
        .good();
    story.note(&case.id, "Morgonar").await;
    story.document(&case.id, b"%PDF-1.7".to_vec()).await;
    let service = json!({ "service": story.counselling, "task": "Rettleier skulen." });
    holder
        .post(&format!("{path}/services"), &service)
        .await
        .good();
    let whole = holder.get(&path).await.good();
    for (part, section) in [
        ("parties", "basics"),
        ("services", "basics"),
        ("consents", "consents"),
        ("measures", "plan"),
        ("meetings", "plan"),
        ("agreements", "plan"),
        ("notes", "notes"),
        ("documents", "documents"),
    ] {
        let answer = holder.get(&format!("{path}/{part}")).await;
        let etag = answer.header("etag").to_owned();
        let read = answer.good();
        assert_eq!(etag, format!("\"{}\"", read["version"]));
        assert_eq!(read["items"], whole[part], "{part}");
        assert_eq!(read["sections"], json!([section]), "{part}");
        let saw = story.auditor.client.get(&format!("{path}/audit/saw")).await;
        let saw = saw.good();
        let mut views = saw["views"].as_array().unwrap().iter();
        let view = views.find(|view| view["position"] == read["view"]["position"]);
        let view = view.unwrap_or_else(|| panic!("no view of {part} in {saw}"));
        assert_eq!(view["what"], "case_viewed");
        assert_eq!(view["facts"]["sections"], json!([section]), "{part}");
        story
            .stranger
            .client
            .get(&format!("{path}/{part}"))
            .await
            .problem(404);
    }
}

#[tokio::test]
async fn whoever_is_shown_some_sections_reads_their_parts_and_no_others() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    story.note(&case.id, "Morgonar").await;
    story
        .add_party(&case.id, "parent", &story.stranger, None, "Ståle")
        .await;
    let parent = &story.stranger.client;
    let measures = format!("{path}/measures");
    let holder = &story.holder.client;
    holder.post(&measures, &measure(&story, &case)).await.good();
    let measures = parent.get(&measures).await.good();
    assert_eq!(measures["items"][0]["title"], "Møtt ved porten");
    let refused = parent.get(&format!("{path}/consents")).await.problem(403);
    assert_eq!(refused["requirement"], "X4");
    // Notes may stand in any section; of those that are hidden none is shown or counted.
    let notes = parent.get(&format!("{path}/notes")).await.good();
    assert_eq!(notes["items"], json!([]));
    assert_eq!(notes["sections"], json!([]));
    let whole = parent.get(&path).await.good();
    for hidden in ["consents", "changes", "notes", "documents"] {
        assert_eq!(whole[hidden], json!([]), "{hidden}");
    }
    assert_eq!(whole["sections"], json!(["basics", "plan"]));
}
