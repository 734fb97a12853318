//! What arrives in somebody's mailbox.

use ledger_core::{
    events::Event,
    ids::{AccountId, StreamId},
};
use serde_json::json;

use super::{reachable, settled, story};
use crate::support::{eventually, service::PROFILE, smtp::SmtpServer, story_by_http::Story};

#[tokio::test]
async fn a_person_is_told_that_something_waits_and_nothing_of_what_or_about_whom() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (story, _folder) = story(server.port, &[]).await;
    reachable(&story.guardian.client, "gro@mail.example", None).await;
    let case = story.case().await;
    story.note(&case.id, "Kanarifugl").await;
    let database = &story.service.database;
    settled(database, "case_changed", &case.guardian_party, "sent").await;
    // Each opening of the address is an event, by the account that sends; each comes before its message.
    let (opened, messages) = eventually("each opening has a message", async || {
        let opened = openings(&story, &case.id).await;
        let messages = server.given(1).await;
        (opened.len() == messages.len()).then_some((opened, messages))
    })
    .await;
    for message in &messages {
        assert_eq!(message["to"], json!(["gro@mail.example"]));
        assert_eq!(message["from"], "ledger@kvam.example");
        let headers = &message["headers"];
        assert_eq!(headers["subject"], "Noko nytt ventar på deg");
        assert_eq!(headers["auto-submitted"], "auto-generated");
        assert!(
            headers["content-type"]
                .as_str()
                .unwrap()
                .starts_with("text/plain")
        );
        let text = message["text"].as_str().unwrap();
        assert!(text.contains("Stafettloggen i Kvam herad"), "{text}");
        assert!(text.contains("https://logg.kvam.example/"), "{text}");
        let all = format!("{}{text}", message["raw"]);
        for secret in [
            "Kanarifugl",
            "Kari",
            "Gro,",
            "Hanna",
            "Øystese",
            "note",
            "case_changed",
            &case.id,
            &case.guardian_party,
            &story.guardian.id,
        ] {
            assert!(!all.contains(secret), "{secret} stands in {all}");
        }
    }
    // No table of the outbox says whose account stands behind a party.
    let outbox = super::everything(database).await;
    assert!(outbox.contains(&case.guardian_party));
    for secret in [&story.guardian.id, "mail.example"] {
        assert!(!outbox.contains(secret), "{secret} stands in {outbox}");
    }
    assert!(opened.contains(&"case_changed".to_owned()), "{opened:?}");
}

/// Why the guardian's address was opened, each time.
async fn openings(story: &Story, case: &str) -> Vec<String> {
    let account: AccountId = story.guardian.id.parse().unwrap();
    let stream = StreamId::Contacts(account);
    let instance = &story.service.instance;
    let store = instance.ledger.store();
    let events = store.read_stream(instance.tenant(), &stream, 0, 100).await;
    let recorded = events.unwrap().into_iter();
    let recorded = recorded.map(|stored| stored.decode().unwrap());
    recorded
        .filter_map(|recorded| match recorded.event {
            Event::ContactOpened(facts) => {
                let envelope = String::from_utf8(serde_json::to_vec(&recorded.envelope).unwrap());
                assert!(!envelope.unwrap().contains(case));
                Some(facts.reason.to_string())
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn everybody_is_written_to_in_their_language_and_told_only_what_they_want() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (story, _folder) = story(server.port, &[]).await;
    let case = story.case().await;
    let colleague = &story.colleague;
    let school = Some(story.school.as_str());
    let party = story
        .add_party(&case.id, "professional", colleague, school, "Kåre")
        .await;
    let database = &story.service.database;
    // What waited before they could be reached is not sent.
    for party in [&case.guardian_party, &party] {
        settled(database, "party_added", party, "withheld").await;
    }
    reachable(&story.guardian.client, "gro@mail.example", Some("nl")).await;
    reachable(&colleague.client, "kaare@mail.example", None).await;
    let preferences = json!({ "profile": PROFILE, "preferences": { "meeting": "none" } });
    let path = "/v1/account/notification-preferences";
    colleague.client.post(path, &preferences).await.good();
    let meeting = json!({
        "at": "2040-01-15T09:00:00Z", "title": "Morgonane", "place": "Skulen", "agenda": "Korleis det går",
    });
    let path = format!("/v1/cases/{}/meetings", case.id);
    story.holder.client.post(&path, &meeting).await.good();
    let withheld = settled(database, "meeting", &party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("not_wanted"));
    settled(database, "meeting", &case.guardian_party, "sent").await;
    let messages = server.given(1).await;
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(
        messages[0]["headers"]["subject"],
        "Er staat iets nieuws voor u klaar"
    );
    // Their own settings are shown to them, and to them alone.
    let own = format!("/v1/account/notifications?profile={PROFILE}");
    let shown = colleague.client.get(&own).await.good();
    assert_eq!(shown["email"], "kaare@mail.example");
    assert_eq!(shown["preferences"], json!({ "meeting": "none" }));
    let administrator = story.service.administrator.get(&own).await.good();
    assert_eq!(administrator, json!({ "preferences": {} }));
}

#[tokio::test]
async fn an_address_that_is_taken_away_is_used_no_more_and_deleted() {
    let (story, _folder) = story(super::closed_port(), &[]).await;
    let case = story.case().await;
    let guardian = &story.guardian.client;
    reachable(guardian, "gro@mail.example", None).await;
    let none = json!({ "profile": PROFILE });
    guardian.post("/v1/account/contact", &none).await.good();
    story.note(&case.id, "Notat").await;
    let database = &story.service.database;
    let withheld = settled(database, "case_changed", &case.guardian_party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("no_address"));
    let instance = &story.service.instance;
    let account: AccountId = story.guardian.id.parse().unwrap();
    let store = instance.ledger.store();
    let stream = StreamId::Contacts(account);
    let events = store.read_stream(instance.tenant(), &stream, 0, 10).await;
    let positions: Vec<_> = events.unwrap().iter().map(|event| event.position).collect();
    let kept = store.contents(instance.tenant(), &positions).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|(position, _)| *position).collect();
    assert_eq!(kept, positions[1..], "the first address is still there");
    // An address that is none is refused, and not repeated.
    let wrong = json!({ "profile": PROFILE, "email": "ikkje ei adresse" });
    let refused = guardian
        .post("/v1/account/contact", &wrong)
        .await
        .problem(422);
    assert!(!refused.to_string().contains("ikkje ei"), "{refused}");
}
