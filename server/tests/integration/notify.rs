//! Messages that something new is waiting: to people by e-mail, to programs by webhooks.

mod days;
mod delivery;
mod invitations;
mod killed;
mod mail;
mod servers;
mod systems;
mod webhooks;

use ledger_core::{
    directory::ActivateAccount,
    ids::AccountId,
    ledger::{Caller, DirectoryCommand},
    profile::Assurance,
};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::support::{
    eventually,
    postgres::TestDatabase,
    service::{Client, PROFILE, TestService},
    story::occasion,
    story_by_http::{Person, Story, assign},
};

/// The account that the tests' services send as.
pub(crate) const NOTIFIER: &str = "01ARZ3NDEKTSV4RRFFQ69G5N0T";

/// Settings with which mail goes to a server on this machine; the folder holds the file with its URL.
pub(crate) fn settings(port: u16) -> (Vec<(&'static str, String)>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("smtp_url");
    std::fs::write(&url, format!("smtp://127.0.0.1:{port}\n")).unwrap();
    let settings = vec![
        ("smtp_url_file", url.to_str().unwrap().to_owned()),
        ("smtp_from", "Kvam herad <ledger@kvam.example>".to_owned()),
        ("sign_in_url", "https://logg.kvam.example/".to_owned()),
        ("notifier", NOTIFIER.to_owned()),
        ("notification_interval_ms", "20".to_owned()),
        ("notification_retry_first_ms", "20".to_owned()),
        ("webhooks_to_private_addresses", "true".to_owned()),
    ];
    (settings, folder)
}

/// Where nothing listens.
pub(crate) fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A story whose service sends mail there, with more settings.
async fn story(port: u16, more: &[(&str, &str)]) -> (Story, TempDir) {
    let (settings, folder) = settings(port);
    let mut all: Vec<(&str, &str)> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    all.extend(more);
    let story = Story::begin_with(&all).await;
    let account: AccountId = NOTIFIER.parse().unwrap();
    appoint(&story.service, account).await;
    (story, folder)
}

/// The administrator activates the account that messages are sent as, and gives it its role.
pub(crate) async fn appoint(service: &TestService, account: AccountId) {
    appoint_in(service, service.profile, account).await;
}

/// The same, in one of several systems.
pub(crate) async fn appoint_in(service: &TestService, system: &'static str, account: AccountId) {
    let administrator = Caller {
        tenant: service.instance.tenant().clone(),
        account: service.administrator_id,
        issuer: "dev".parse().unwrap(),
        assurance: Assurance::High,
    };
    let activate = ActivateAccount {
        account,
        organisation: None,
        name: "Varslingstenesta".to_owned(),
    };
    let command = DirectoryCommand::ActivateAccount(activate);
    let profile = system.parse().unwrap();
    let ledger = &service.instance.ledger;
    let occasion = occasion();
    let done = ledger.administer(&administrator, &profile, command, &occasion);
    done.await.unwrap();
    let notifier = Person {
        id: account.to_string(),
        client: service.administrator.clone(),
    };
    assign(system, &service.administrator, &notifier, "notifier", None).await;
}

/// Somebody says where they can be reached.
pub(crate) async fn reachable(client: &Client, email: &str, language: Option<&str>) {
    reachable_in(PROFILE, client, email, language).await;
}

/// The same, by the rules of another system.
pub(crate) async fn reachable_in(
    system: &str,
    client: &Client,
    email: &str,
    language: Option<&str>,
) {
    let body = json!({ "profile": system, "email": email, "language": language });
    client.post("/v1/account/contact", &body).await.good();
}

/// Settings as a service is started with them.
fn borrowed<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    let settings = settings.iter();
    settings
        .map(|(key, value)| (*key, value.as_str()))
        .collect()
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    delivery_id: String,
    channel: String,
    kind: String,
    party_id: Option<String>,
    cause: String,
    state: String,
    outcome: Option<String>,
    attempts: i32,
}

/// Everything that the outbox has of a kind.
async fn rows(database: &TestDatabase, kind: &str) -> Vec<Row> {
    let mut connection = PgConnection::connect_with(&database.options).await.unwrap();
    let rows = sqlx::query_as(
        "SELECT delivery_id, channel, kind, party_id, cause, state, outcome, attempts
         FROM notification_deliveries WHERE tenant_id = 'kvam' AND kind = $1
         ORDER BY planned_at, cause, delivery_id",
    )
    .bind(kind)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    rows
}

/// All that the outbox holds, as text.
async fn everything(database: &TestDatabase) -> String {
    let mut connection = PgConnection::connect_with(&database.options).await.unwrap();
    let mut all = String::new();
    for table in [
        "SELECT row_to_json(kept)::text FROM notification_deliveries AS kept",
        "SELECT row_to_json(kept)::text FROM notification_days AS kept",
        "SELECT row_to_json(kept)::text FROM notification_subscribers AS kept",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(table)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        all.push_str(&rows.join("\n"));
    }
    connection.close().await.unwrap();
    all
}

/// Waits until the message of a kind to a party has come to a state, and why.
async fn settled(database: &TestDatabase, kind: &str, party: &str, state: &str) -> Row {
    eventually(&format!("{kind} to {party} is {state}"), async || {
        let rows = rows(database, kind).await;
        rows.into_iter()
            .find(|row| row.party_id.as_deref() == Some(party) && row.state == state)
    })
    .await
}
