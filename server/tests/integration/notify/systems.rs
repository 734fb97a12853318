//! Every system tells by its own rule book: one message of each is really sent, and says nothing.

use serde_json::{Value, json};

use super::{
    NOTIFIER, appoint, appoint_in, borrowed, reachable_in, settings, settled, story as kvam_story,
};
use crate::support::{
    local_team::{self, People},
    school_by_http::{Consortium, KINDKANS},
    service::TestService,
    smtp::SmtpServer,
    story_by_http::{Story, text},
};

const SULA: &str = "stafettloggen-sula";
const MIRAGE: &str = local_team::PROFILE;

/// A message for somebody, in the system's words, that says none of this.
#[track_caller]
fn says_nothing_of(message: &Value, to: &str, system: &str, secrets: &[&str]) {
    assert_eq!(message["to"], json!([to]));
    let said = message["text"].as_str().unwrap();
    assert!(said.contains(system), "{said}");
    let all = format!("{}{said}", message["raw"]);
    for secret in secrets {
        assert!(!all.contains(secret), "{secret} stands in {all}");
    }
}

#[tokio::test]
async fn a_guardian_in_sula_is_told_that_they_take_part() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (settings, _folder) = settings(server.port);
    let story = Story::begin_by_with(SULA, &borrowed(&settings)).await;
    appoint(&story.service, NOTIFIER.parse().unwrap()).await;
    reachable_in(SULA, &story.guardian.client, "gro@mail.example", None).await;
    let case = story.open("Kari Nordmann", "01010112345").await;
    let guardian = story
        .add_party(&case, "guardian", &story.guardian, None, "Gro, mora")
        .await;
    settled(&story.service.database, "party_added", &guardian, "sent").await;
    let messages = server.given(1).await;
    let secrets = ["Kari", "Gro,", "skule", "party_added", &case, &guardian];
    says_nothing_of(
        &messages[0],
        "gro@mail.example",
        "Stafettloggen i Sula kommune",
        &secrets,
    );
    // Nobody of another family is told.
    assert!(
        messages
            .iter()
            .all(|message| message["to"] == json!(["gro@mail.example"]))
    );
}

#[tokio::test]
async fn a_member_of_the_team_at_school_is_told_that_they_take_part() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (settings, _folder) = settings(server.port);
    let service = TestService::start_with(&borrowed(&settings)).await;
    let all = Consortium::begin_on(service).await;
    appoint_in(&all.service, KINDKANS, NOTIFIER.parse().unwrap()).await;
    let member = all.member("Tom Teamlid").await;
    reachable_in(KINDKANS, &member.client, "tom@mail.example", None).await;
    all.school_signs(None).await;
    let school = all.coordinator.clone();
    let case = all
        .open(&school, "coordinator", Some("overleg_school"))
        .await;
    let body = json!({
        "role": "team_member", "account": member.id, "service": all.school, "name": "Tom Teamlid",
    });
    let path = format!("/v1/cases/{case}/parties");
    let added = school.client.post(&path, &body).await.good();
    let party = text(&added, "partyId");
    settled(&all.service.database, "party_added", &party, "sent").await;
    let messages = server.given(1).await;
    let secrets = [
        "Sem",
        "Tom",
        "Voorbeeldschool",
        "party_added",
        &case,
        &party,
    ];
    says_nothing_of(
        &messages[0],
        "tom@mail.example",
        "Kindkans bij Berséba",
        &secrets,
    );
    // Those at the desk see nothing of it, and take no part: nobody else is told.
    assert_eq!(messages.len(), 1, "{messages:?}");
}

#[tokio::test]
async fn a_parent_is_told_that_something_was_entered_in_their_file() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (settings, _folder) = settings(server.port);
    let people = People::begin_with(&borrowed(&settings)).await;
    appoint(&people.service, NOTIFIER.parse().unwrap()).await;
    reachable_in(MIRAGE, &people.mother.client, "moeder@mail.example", None).await;
    let case = people.open().await;
    let mother = people
        .add_parent(&case, &people.mother, "Testpersoon Moeder")
        .await;
    settled(&people.service.database, "party_added", &mother, "sent").await;
    let messages = server.given(1).await;
    let secrets = [
        "Kind,",
        "Testpersoon",
        "huur",
        "party_added",
        &case,
        &mother,
    ];
    says_nothing_of(&messages[0], "moeder@mail.example", "Mirage", &secrets);
    // What the team notes for itself is not shown to her, and she is not told of it.
    let note = json!({ "section": "support", "title": "Kanarie", "text": "" });
    let path = format!("/v1/cases/{case}/notes");
    people.member.client.post(&path, &note).await.good();
    let scan = json!({ "section": "consents", "title": "Formulier", "fileName": "Papier.pdf" });
    let filed = people
        .member
        .client
        .file(&case, &scan, b"%PDF-1.7".to_vec());
    filed.await.good();
    settled(&people.service.database, "case_changed", &mother, "sent").await;
    let messages = server.given(2).await;
    says_nothing_of(
        &messages[1],
        "moeder@mail.example",
        "Mirage",
        &["Kanarie", "Formulier", "Papier"],
    );
}

#[tokio::test]
async fn the_account_that_sends_opens_addresses_only_where_it_has_its_role() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    // It has its role in one system of the tenant, not in the other.
    let (story, _folder) = kvam_story(server.port, &[("notification_attempts_max", "1")]).await;
    let Story { service, .. } = story;
    let all = Consortium::begin_on(service).await;
    let member = all.member("Tom Teamlid").await;
    reachable_in(KINDKANS, &member.client, "tom@mail.example", None).await;
    all.school_signs(None).await;
    let school = all.coordinator.clone();
    let case = all
        .open(&school, "coordinator", Some("overleg_school"))
        .await;
    let body = json!({
        "role": "team_member", "account": member.id, "service": all.school, "name": "Tom Teamlid",
    });
    let path = format!("/v1/cases/{case}/parties");
    let added = school.client.post(&path, &body).await.good();
    let party = text(&added, "partyId");
    let dead = settled(&all.service.database, "party_added", &party, "dead").await;
    assert_eq!(dead.outcome.as_deref(), Some("sender_not_allowed"));
    assert_eq!(server.messages().len(), 0);
}
