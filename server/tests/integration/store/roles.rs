//! Who may do what in the database: nobody changes the log, and nobody but the service reads a content.

use ledger_core::store::EventStore as _;
use sqlx::{AssertSqlSafe, PgPool};

use super::contract::{append, case, event_with_content, kvam, request};
use super::{acting_as, empty_ledger, plain_server};
use crate::support::postgres::TestDatabase;

const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A ledger with one event that has a content, and a tree hash.
async fn ledger_with_an_event() -> TestDatabase {
    let database = empty_ledger().await;
    let store = plain_server(&database).await;
    store.open_tenant(&kvam()).await.expect("opens");
    let events = (0..256).map(|_| event_with_content(&case(1), b"sealed"));
    append(&*store, request(events.collect())).await;
    database
}

/// The SQLSTATE and the message with which a statement is refused.
async fn refusal(pool: &PgPool, statement: &str) -> Option<(String, String)> {
    let outcome = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(pool)
        .await;
    let error = outcome.err()?;
    let error = error.as_database_error().expect("the database refuses it");
    let code = error.code().unwrap_or_default().into_owned();
    Some((code, error.message().to_owned()))
}

async fn assert_refused(pool: &PgPool, statements: &[&str], because: &str) {
    for statement in statements {
        let (code, message) = refusal(pool, statement)
            .await
            .unwrap_or_else(|| panic!("{statement} was not refused"));
        assert_eq!(code, INSUFFICIENT_PRIVILEGE, "{statement}: {message}");
        assert!(message.contains(because), "{statement}: {message}");
    }
}

const CHANGES: [&str; 6] = [
    "UPDATE events SET envelope = ''",
    "UPDATE events SET position = position WHERE false",
    "DELETE FROM events",
    "TRUNCATE events",
    "UPDATE tree_hashes SET hash = ''",
    "DELETE FROM tree_hashes",
];

#[tokio::test]
async fn the_service_cannot_change_or_remove_an_event() {
    let database = ledger_with_an_event().await;
    let writer = acting_as("SET ROLE ledger_writer", database.options).await;
    assert_refused(&writer, &CHANGES, "permission denied").await;
    let others = [
        "UPDATE event_contents SET ciphertext = ''",
        "TRUNCATE event_contents",
        "DELETE FROM ledger_heads",
        "TRUNCATE ledger_heads",
        "UPDATE idempotency SET first = 0",
        "DELETE FROM published_heads",
        "DROP TABLE events",
    ];
    for statement in others {
        let (code, message) = refusal(&writer, statement).await.expect("is refused");
        assert_eq!(code, INSUFFICIENT_PRIVILEGE, "{statement}: {message}");
    }
    // What redaction and erasure need.
    assert_eq!(refusal(&writer, "DELETE FROM event_contents").await, None);
}

#[tokio::test]
async fn even_the_owner_cannot_change_or_remove_an_event() {
    let database = ledger_with_an_event().await;
    for role in ["SET ROLE ledger_owner", "RESET ROLE"] {
        let owner = acting_as(role, database.options.clone()).await;
        assert_refused(&owner, &CHANGES, "the ledger is append-only").await;
    }
}

#[tokio::test]
async fn whoever_makes_read_models_reads_envelopes_and_never_a_content() {
    let database = ledger_with_an_event().await;
    let projector = acting_as("SET ROLE ledger_projector", database.options).await;
    let envelopes: i64 = sqlx::query_scalar("SELECT count(envelope) FROM events")
        .fetch_one(&projector)
        .await
        .expect("reads");
    assert_eq!(envelopes, 256);
    let forbidden = [
        "SELECT ciphertext FROM event_contents",
        "SELECT count(*) FROM event_contents",
        "SELECT ciphertext FROM document_chunks",
        "SELECT * FROM lookups",
        "SELECT * FROM idempotency",
        "INSERT INTO events SELECT * FROM events",
        "UPDATE ledger_heads SET size = 0",
    ];
    assert_refused(&projector, &forbidden, "permission denied").await;
    assert_refused(&projector, &CHANGES, "permission denied").await;
}

#[tokio::test]
async fn whoever_sends_messages_touches_neither_the_ledger_nor_the_read_models() {
    let database = ledger_with_an_event().await;
    let notifier = acting_as("SET ROLE ledger_notifier", database.options).await;
    let forbidden = [
        "SELECT count(*) FROM events",
        "SELECT count(*) FROM event_contents",
        "SELECT count(*) FROM lookups",
        "SELECT count(*) FROM case_list",
        "SELECT count(*) FROM due_items",
        "DELETE FROM notification_subscribers",
        "TRUNCATE notification_deliveries",
    ];
    assert_refused(&notifier, &forbidden, "permission denied").await;
    assert_refused(&notifier, &CHANGES, "permission denied").await;
    let deliveries = "DELETE FROM notification_deliveries";
    assert_eq!(refusal(&notifier, deliveries).await, None);
}
