//! A guest's invitation by mail: the secret reaches the mailbox and is kept nowhere.

use std::sync::Arc;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{Days, TimeDelta};
use ledger_core::{
    events::Event,
    ids::{CaseId, StreamId},
    profile::{Profile, RuleBookText},
};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use super::{NOTIFIER, appoint_in, borrowed, closed_port, rows, settings, settled};
use crate::support::{
    eventually,
    moved_clock::{MovedClock, move_to},
    postgres::TestDatabase,
    school_by_http::{Consortium, KINDKANS, acceptance, end_agreement},
    service::TestService,
    smtp::SmtpServer,
    story_by_http::text,
};

const ADDRESS: &str = "testpersoon@example.org";
const ACCEPT: &str = "/v1/invitations/acceptance";

/// A round at school, with a service that sends mail there.
struct AtSchool {
    all: Consortium,
    case: String,
    round: String,
    agreement: String,
    _folder: TempDir,
}

impl AtSchool {
    async fn begin(port: u16, more: &[(&str, &str)]) -> Self {
        let (settings, folder) = settings(port);
        let mut settings = borrowed(&settings);
        settings.extend(more);
        let service = TestService::start_with(&settings).await;
        let round = Self::begin_on(service, folder).await;
        appoint_in(&round.all.service, KINDKANS, NOTIFIER.parse().unwrap()).await;
        round
    }

    async fn begin_on(service: TestService, folder: TempDir) -> Self {
        let all = Consortium::begin_on(service).await;
        // The school discusses nothing by itself without an agreement of its own.
        let agreement = all.school_signs(None).await;
        let school = all.coordinator.clone();
        let case = all
            .open(&school, "coordinator", Some("overleg_school"))
            .await;
        let today = all.service.instance.ledger.now().date_naive();
        let ends_on = today.checked_add_days(Days::new(30)).unwrap();
        let round = all.round(&case, &ends_on.to_string()).await;
        Self {
            all,
            case,
            round,
            agreement,
            _folder: folder,
        }
    }

    fn database(&self) -> &TestDatabase {
        &self.all.service.database
    }

    /// The school invites somebody; gives the answer and the party that they would be.
    async fn invite(&self, body: &Value) -> Value {
        let path = format!("/v1/cases/{}/rounds/{}/invitations", self.case, self.round);
        let school = &self.all.coordinator.client;
        school.post(&path, body).await.good()
    }

    async fn invited(&self) -> (String, String) {
        let invited = self.invite(&json!({ "email": ADDRESS })).await;
        assert!(invited.get("token").is_none(), "the mailbox gets it");
        let invitation = text(&invited, "invitationId");
        (self.party(&invitation).await, invitation)
    }

    /// The party that somebody would be; the ledger's facts have it.
    async fn party(&self, invitation: &str) -> String {
        let facts = self.case_events(false).await.into_iter();
        let mut invited = facts.filter_map(|event| match event {
            Event::GuestInvited(facts) => Some(facts),
            _ => None,
        });
        let found = invited.find(|facts| facts.invitation.to_string() == invitation);
        found.expect("it is there").party.to_string()
    }

    /// The events of the case, or of those who saw it.
    async fn case_events(&self, views: bool) -> Vec<Event> {
        let instance = &self.all.service.instance;
        let case: CaseId = self.case.parse().unwrap();
        let stream = if views {
            StreamId::Views(case)
        } else {
            StreamId::Case(case)
        };
        let store = instance.ledger.store();
        let events = store.read_stream(instance.tenant(), &stream, 0, 500).await;
        let events = events.unwrap().into_iter();
        events
            .map(|stored| stored.decode().unwrap().event)
            .collect()
    }

    async fn revoke(&self, invitation: &str) {
        let path = format!(
            "/v1/cases/{}/invitations/{invitation}/revocation",
            self.case
        );
        let body = json!({ "reason": "Verkeerd adres" });
        self.all.coordinator.client.post(&path, &body).await.good();
    }

    async fn invitations(&self) -> Value {
        let path = format!("/v1/cases/{}/rounds", self.case);
        let seen = self.all.coordinator.client.get(&path).await.good();
        seen["items"][0]["invitations"].clone()
    }
}

/// The secret in a message: the one line that looks like one.
fn token_in(message: &Value) -> String {
    let said = message["text"].as_str().unwrap();
    let mut lines = said.lines().filter(|line| {
        line.len() == 43
            && line
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    });
    let token = lines.next().expect("a line with the secret").to_owned();
    assert_eq!(lines.next(), None);
    token
}

/// Everything that every table of the database holds, as text; bytes in hexadecimal.
async fn whole_database(database: &TestDatabase) -> String {
    let mut connection = PgConnection::connect_with(&database.options).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut all = String::new();
    for table in tables {
        let sql = format!("SELECT row_to_json(kept)::text FROM {table} AS kept");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        all.push_str(&rows.join("\n"));
    }
    connection.close().await.unwrap();
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn the_mailbox_gets_the_secret_and_the_guest_redeems_it_once() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let round = AtSchool::begin(server.port, &[]).await;
    let (party, invitation) = round.invited().await;
    settled(round.database(), "guest_invited", &party, "sent").await;
    let messages = server.given(1).await;
    let message = &messages[0];
    assert_eq!(message["to"], json!([ADDRESS]));
    assert_eq!(message["headers"]["subject"], "Een uitnodiging voor u");
    let said = message["text"].as_str().unwrap();
    assert!(said.contains("Kindkans bij Berséba"), "{said}");
    assert!(said.contains("https://logg.kvam.example/"), "{said}");
    let all = format!("{}{said}", message["raw"]);
    for secret in [
        "Sem",
        "lezen?",
        "Ondersteuningsteam",
        "Voorbeeldschool",
        "Ilse",
        "Gijs",
        "guest_invited",
        &round.case,
        &round.round,
        &party,
        &invitation,
        &round.all.coordinator.id,
    ] {
        assert!(!all.contains(secret), "{secret} stands in {all}");
    }
    let token = token_in(message);
    // Nor is it part of an address that somebody's browser or mail filter would keep.
    assert!(!said.contains(&format!("/{token}")) && !said.contains(&format!("={token}")));
    // Whoever invited sees that it was mailed, and that is all.
    let seen = round.invitations().await;
    assert_eq!(seen[0]["byMail"], true, "{seen}");
    assert!(!seen.to_string().contains(&token));

    let guest = round.all.outsider(21).await;
    let other = round.all.outsider(22).await;
    let body = acceptance(&token);
    guest.client.post(ACCEPT, &body).await.good();
    // Used once, it leads nowhere, for them and for anybody else.
    guest.client.post(ACCEPT, &body).await.problem(404);
    other.client.post(ACCEPT, &body).await.problem(404);
    // Until the inviter has confirmed them they are shown nothing.
    let path = format!("/v1/cases/{}", round.case);
    guest.client.get(&path).await.problem(404);
    round.all.confirm(&round.case, &invitation).await;
    guest.client.get(&path).await.good();
    other.client.get(&path).await.problem(404);

    // That the address was opened stands among the views of the case, once for the one message.
    let opened = round.case_events(true).await;
    let opened = opened.iter().filter(
        |event| matches!(event, Event::InvitationAddressOpened(facts) if facts.invitation.to_string() == invitation),
    );
    assert_eq!(opened.count(), 1);
    // The auditor is told of it by the account that sends.
    let saw = format!("/v1/cases/{}/audit/saw", round.case);
    let saw = round.all.auditor.client.get(&saw).await.good().to_string();
    assert!(
        saw.contains("invitation_address_opened") && saw.contains(NOTIFIER),
        "{saw}"
    );

    // Neither the secret nor the address lies in any table in the clear.
    let kept = whole_database(round.database()).await;
    assert!(
        kept.contains(&hex(invitation.as_bytes())),
        "the tables were read, and what stands there as bytes"
    );
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    let address = ADDRESS.as_bytes();
    for form in [
        token.clone(),
        hex(&bytes),
        STANDARD.encode(&bytes),
        hex(token.as_bytes()),
        ADDRESS.to_owned(),
        hex(address),
        STANDARD.encode(address),
    ] {
        assert!(!kept.contains(&form), "{form} lies in the database");
    }
}

#[tokio::test]
async fn each_try_carries_the_same_secret_under_the_same_id() {
    let Some(server) = SmtpServer::start(&["--fail", "2"]) else {
        return;
    };
    let round = AtSchool::begin(server.port, &[]).await;
    let (party, invitation) = round.invited().await;
    let sent = settled(round.database(), "guest_invited", &party, "sent").await;
    assert_eq!(sent.attempts, 3);
    let messages = server.given(3).await;
    let expected = format!("<{}@kvam.example>", sent.delivery_id);
    for message in &messages {
        assert_eq!(message["headers"]["message-id"], expected.as_str());
        assert_eq!(token_in(message), token_in(&messages[0]));
    }
    // Each try has opened the address, and left an event.
    let views = round.case_events(true).await;
    let opened = views
        .iter()
        .filter(|event| matches!(event, Event::InvitationAddressOpened(_)));
    assert_eq!(opened.count(), 3);
    // Another invitation has another secret.
    let (other, another) = round.invited().await;
    assert_ne!(invitation, another);
    settled(round.database(), "guest_invited", &other, "sent").await;
    let messages = server.given(4).await;
    assert_ne!(token_in(&messages[3]), token_in(&messages[0]));
}

#[tokio::test]
async fn what_a_mailbox_refuses_is_a_dead_letter_and_the_inviter_can_bring_another() {
    let Some(server) = SmtpServer::start(&["--refuse", ADDRESS]) else {
        return;
    };
    let round = AtSchool::begin(server.port, &[]).await;
    let (party, invitation) = round.invited().await;
    let dead = settled(round.database(), "guest_invited", &party, "dead").await;
    assert_eq!(dead.outcome.as_deref(), Some("refused"));
    assert_eq!(dead.attempts, 1, "the server said no for good");
    let letters = format!("/v1/notifications/dead-letters?profile={KINDKANS}");
    let listed = round.all.service.administrator.get(&letters).await.good();
    assert_eq!(
        listed["deadLetters"][0]["kind"], "guest_invited",
        "{listed}"
    );
    for secret in [ADDRESS, &round.case, &party, &invitation] {
        assert!(!listed.to_string().contains(secret), "{listed}");
    }
    round
        .all
        .coordinator
        .client
        .get(&letters)
        .await
        .problem(403);

    round.revoke(&invitation).await;
    let by_hand = json!({ "email": ADDRESS, "broughtByHand": true });
    let invited = round.invite(&by_hand).await;
    let token = text(&invited, "token");
    let guest = round.all.outsider(23).await;
    let accepted = guest.client.post(ACCEPT, &acceptance(&token)).await;
    accepted.good();
    let seen = round.invitations().await;
    assert_eq!(seen[1]["byMail"], false, "{seen}");
    assert_eq!(rows(round.database(), "guest_invited").await.len(), 1);
    assert_eq!(server.messages().len(), 0);
}

#[tokio::test]
async fn an_invitation_that_is_good_no_more_is_not_sent() {
    let round = AtSchool::begin(closed_port(), &[("notification_attempts_max", "100")]).await;
    let waits = async |party: &str| {
        eventually("it was tried in vain", async || {
            let rows = rows(round.database(), "guest_invited").await;
            rows.into_iter().find(|row| {
                row.party_id.as_deref() == Some(party) && row.state == "waiting" && row.attempts > 0
            })
        })
        .await
    };
    let (party, invitation) = round.invited().await;
    waits(&party).await;
    round.revoke(&invitation).await;
    let withheld = settled(round.database(), "guest_invited", &party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("not_there"));

    // The agreement on which the inviter could invite ends.
    let (party, _) = round.invited().await;
    waits(&party).await;
    let school = &round.all.coordinator.client;
    end_agreement(school, &round.all.school, &round.agreement).await;
    let withheld = settled(round.database(), "guest_invited", &party, "withheld").await;
    assert_eq!(withheld.outcome.as_deref(), Some("not_allowed"));
}

#[tokio::test]
async fn a_secret_from_the_mailbox_leads_nowhere_once_it_has_expired() {
    let Some(server) = SmtpServer::start(&[]) else {
        return;
    };
    let (settings, folder) = settings(server.port);
    let (clock, mut moved) = (MovedClock::default(), TimeDelta::seconds(1));
    clock.move_to(moved);
    let clock_of_service = Arc::new(clock.clone());
    let service = TestService::start_moved(clock_of_service, moved, &borrowed(&settings)).await;
    let round = AtSchool::begin_on(service, folder).await;
    appoint_in(&round.all.service, KINDKANS, NOTIFIER.parse().unwrap()).await;
    let profile = Profile::parse(&RuleBookText::built_in(KINDKANS).unwrap()).unwrap();
    let now = round.all.service.instance.ledger.now();
    let day = profile.date_of(now).checked_add_days(Days::new(2)).unwrap();
    let body = json!({ "email": ADDRESS, "expiresOn": day });
    let invited = round.invite(&body).await;
    let party = round.party(&text(&invited, "invitationId")).await;
    settled(round.database(), "guest_invited", &party, "sent").await;
    let messages = server.given(1).await;
    let said = messages[0]["text"].as_str().unwrap();
    assert!(said.contains(&day.to_string()), "{said}");
    moved += profile.expires_at(day) - now + TimeDelta::seconds(1);
    move_to(round.database(), moved).await;
    clock.move_to(moved);
    let guest = round.all.outsider(24).await;
    let body = acceptance(&token_in(&messages[0]));
    guest.client.post(ACCEPT, &body).await.problem(404);
}

#[tokio::test]
async fn an_account_without_the_role_opens_no_address_of_a_guest() {
    let (settings, folder) = settings(closed_port());
    let mut settings = borrowed(&settings);
    settings.push(("notification_attempts_max", "1"));
    let service = TestService::start_with(&settings).await;
    let round = AtSchool::begin_on(service, folder).await;
    let (party, _) = round.invited().await;
    let dead = settled(round.database(), "guest_invited", &party, "dead").await;
    assert_eq!(dead.outcome.as_deref(), Some("sender_not_allowed"));
    let views = round.case_events(true).await;
    let opened = views
        .iter()
        .find(|event| matches!(event, Event::InvitationAddressOpened(_)));
    assert_eq!(opened, None);
}

#[tokio::test]
async fn without_a_mail_server_the_inviter_brings_it() {
    let service = TestService::start().await;
    let folder = tempfile::tempdir().unwrap();
    let round = AtSchool::begin_on(service, folder).await;
    let invited = round.invite(&json!({ "email": ADDRESS })).await;
    let guest = round.all.outsider(25).await;
    let body = acceptance(&text(&invited, "token"));
    guest.client.post(ACCEPT, &body).await.good();
}
