//! Who is told nothing any more, what is gathered, and what cannot be delivered.

use serde_json::json;

use super::{closed_port, reachable, rows, settled, story};
use crate::support::{
    eventually,
    service::PROFILE,
    smtp::SmtpServer,
    story_by_http::{CaseOfStory, Story},
};

/// A colleague who takes part and can be reached; gives the party.
async fn colleague_in(story: &Story, case: &CaseOfStory) -> String {
    reachable(&story.colleague.client, "kaare@mail.example", None).await;
    let school = Some(story.school.as_str());
    story
        .add_party(&case.id, "professional", &story.colleague, school, "Kåre")
        .await
}

#[tokio::test]
async fn whoever_may_not_see_the_case_any_more_is_told_nothing_of_what_waited_for_them() {
    let (story, _folder) = story(closed_port(), &[("notification_attempts_max", "100")]).await;
    let database = &story.service.database;
    // Removed while it waits.
    let case = story.case().await;
    let party = colleague_in(&story, &case).await;
    story.note(&case.id, "Notat").await;
    let waits = async |party: &str| {
        eventually("it was tried in vain", async || {
            let rows = rows(database, "case_changed").await;
            rows.into_iter().find(|row| {
                row.party_id.as_deref() == Some(party) && row.state == "waiting" && row.attempts > 0
            })
        })
        .await
    };
    waits(&party).await;
    let removal = format!("/v1/cases/{}/parties/{party}/removal", case.id);
    let body = json!({ "reason": "Byttar jobb." });
    story.holder.client.post(&removal, &body).await.good();
    let withheld = settled(database, "case_changed", &party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("not_there"));

    // The consent is withdrawn while it waits.
    let party = colleague_in(&story, &case).await;
    let body = json!({ "section": "notes", "title": "Meir", "text": "" });
    let notes = format!("/v1/cases/{}/notes", case.id);
    story.holder.client.post(&notes, &body).await.good();
    waits(&party).await;
    story.withdraw(&case).await;
    let withheld = settled(database, "case_changed", &party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("not_allowed"));
}

#[tokio::test]
async fn entries_of_one_day_are_one_message_and_later_ones_wait_for_the_next() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (story, _folder) = story(server.port, &[]).await;
    let database = &story.service.database;
    let case = story.case().await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    for title in ["Eitt", "To", "Tre"] {
        story.note(&case.id, title).await;
    }
    settled(database, "case_changed", &case.guardian_party, "sent").await;
    story.note(&case.id, "Fire").await;
    story.note(&case.id, "Fem").await;
    let waiting = settled(database, "case_changed", &case.guardian_party, "waiting").await;
    assert_eq!(waiting.attempts, 0, "it waits until its day begins");
    let of_guardian = rows(database, "case_changed").await;
    let of_guardian: Vec<_> = of_guardian
        .iter()
        .filter(|row| row.party_id.as_deref() == Some(&case.guardian_party))
        .collect();
    assert_eq!(of_guardian.len(), 2, "{of_guardian:?}");
    assert_ne!(of_guardian[0].cause, of_guardian[1].cause);
    // Who wrote it is not told.
    let messages = server.messages();
    assert!(
        messages
            .iter()
            .all(|message| message["to"] == json!(["gro@mail.example"])),
        "{messages:?}"
    );
}

#[tokio::test]
async fn what_the_mail_server_refuses_for_now_is_tried_again_under_the_same_id() {
    let Some(server) = SmtpServer::start(&["--fail", "2"]) else {
        return;
    };
    let (story, _folder) = story(server.port, &[]).await;
    let case = story.case().await;
    let database = &story.service.database;
    settled(database, "party_added", &case.guardian_party, "withheld").await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    story.note(&case.id, "Notat").await;
    let sent = settled(database, "case_changed", &case.guardian_party, "sent").await;
    assert_eq!(sent.attempts, 3);
    let messages = server.given(3).await;
    let ids: Vec<_> = messages
        .iter()
        .map(|message| message["headers"]["message-id"].as_str().unwrap())
        .collect();
    let expected = format!("<{}@kvam.example>", sent.delivery_id);
    assert_eq!(ids, [&expected, &expected, &expected]);
}

#[tokio::test]
async fn what_cannot_be_delivered_is_a_dead_letter_that_an_administrator_may_try_again() {
    let (story, _folder) = story(closed_port(), &[("notification_attempts_max", "2")]).await;
    let case = story.case().await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    story.note(&case.id, "Notat").await;
    let database = &story.service.database;
    let dead = settled(database, "case_changed", &case.guardian_party, "dead").await;
    assert_eq!(dead.outcome.as_deref(), Some("unreachable"));
    let administrator = &story.service.administrator;
    let letters = format!("/v1/notifications/dead-letters?profile={PROFILE}");
    let listed = administrator.get(&letters).await.good();
    let found = listed["deadLetters"].as_array().unwrap();
    let found = found
        .iter()
        .find(|letter| letter["id"] == dead.delivery_id.as_str());
    let found = found.expect("it is listed");
    assert_eq!(found["kind"], "case_changed");
    assert_eq!(found["attempts"], 2);
    let text = listed.to_string();
    for secret in ["mail.example", &case.id, &case.guardian_party] {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
    // Nobody else sees them, or tries again.
    let retry = format!("/v1/notifications/dead-letters/{}/retry", dead.delivery_id);
    let body = json!({ "profile": PROFILE });
    for person in [
        &story.holder,
        &story.guardian,
        &story.stranger,
        &story.leader,
        &story.auditor,
    ] {
        let refused = person.client.get(&letters).await.problem(403);
        assert!(refused["requirement"].is_string(), "{refused}");
        person.client.post(&retry, &body).await.problem(403);
    }
    story.service.anyone().get(&letters).await.problem(401);
    administrator.post(&retry, &body).await.good();
    // Tried from the beginning, and dead once more.
    settled(database, "case_changed", &case.guardian_party, "dead").await;
    let unknown = "/v1/notifications/dead-letters/00000000000000000000000000000000/retry";
    administrator.post(unknown, &body).await.problem(404);
    let metrics = story.service.anyone().get("/metrics").await.text();
    for line in [
        "caseledger_messages_total{channel=\"email\",outcome=\"dead\"}",
        "caseledger_messages_total{channel=\"email\",outcome=\"failed\"}",
        "caseledger_messages_queued",
        "caseledger_messages_oldest_seconds",
    ] {
        assert!(metrics.contains(line), "{line} is missing in {metrics}");
    }
}

#[tokio::test]
async fn without_its_role_the_sender_opens_no_address() {
    let (story, _folder) = story(closed_port(), &[("notification_attempts_max", "2")]).await;
    let body = json!({ "profile": PROFILE, "role": "notifier" });
    let path = format!("/v1/accounts/{}/role-endings", super::NOTIFIER);
    let administrator = &story.service.administrator;
    administrator.post(&path, &body).await.good();
    let case = story.case().await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    story.note(&case.id, "Notat").await;
    let database = &story.service.database;
    let dead = settled(database, "case_changed", &case.guardian_party, "dead").await;
    assert_eq!(dead.outcome.as_deref(), Some("sender_not_allowed"));
}
