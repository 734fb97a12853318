//! A database that was restored from a backup under a running server is noticed before anything is built on it.

use ledger_core::{
    log::Frontier,
    store::{AppendError, EventStore as _, Tip},
};
use sqlx::{ConnectOptions as _, PgConnection};

use super::contract::{append, case, having_seen, kvam, one, refused, size};
use super::{empty_ledger, plain_server};
use crate::support::postgres::TestDatabase;

/// Sets the head row, as a restore would.
async fn turn_head(database: &TestDatabase, to: &Tip, frontier: &Frontier) {
    let mut connection: PgConnection = database.options.connect().await.expect("connects");
    sqlx::query(
        "UPDATE ledger_heads SET size = $1, root = $2, frontier = $3, recorded_at = $4
         WHERE tenant_id = 'kvam'",
    )
    .bind(i64::try_from(frontier.size()).expect("small"))
    .bind(&frontier.root().0[..])
    .bind(frontier.to_bytes())
    .bind(to.recorded_at)
    .execute(&mut connection)
    .await
    .expect("sets the head");
}

#[tokio::test]
async fn a_ledger_that_went_back_is_not_written_to() {
    let database = empty_ledger().await;
    let store = plain_server(&database).await;
    store.open_tenant(&kvam()).await.expect("opens");
    append(&*store, one(&case(1))).await;
    append(&*store, one(&case(1))).await;
    let earlier = store.tip(&kvam()).await.expect("a tip");
    append(&*store, one(&case(1))).await;
    let now = store.tip(&kvam()).await.expect("a tip");

    turn_head(&database, &earlier, &earlier.frontier).await;
    let went_back = AppendError::WentBack { seen: 3, found: 2 };
    // It stays so, however often it is asked: only a restart with recovery goes on.
    for _ in 0..3 {
        assert_eq!(refused(&*store, one(&case(1))).await, went_back);
    }
    assert_eq!(size(&*store).await, 2);

    // Back where it was, it goes on with what it knew.
    turn_head(&database, &now, &now.frontier).await;
    append(&*store, having_seen(&[(&case(1), 3)], &case(1))).await;
}

#[tokio::test]
async fn a_ledger_of_the_same_size_with_other_events_is_not_written_to() {
    let database = empty_ledger().await;
    let store = plain_server(&database).await;
    store.open_tenant(&kvam()).await.expect("opens");
    append(&*store, one(&case(1))).await;
    let now = store.tip(&kvam()).await.expect("a tip");
    let mut forked = Frontier::EMPTY;
    forked.push(ledger_core::ids::Digest([7; 32]), &mut Vec::new());
    turn_head(&database, &now, &forked).await;
    let went_back = AppendError::WentBack { seen: 1, found: 1 };
    assert_eq!(refused(&*store, one(&case(1))).await, went_back);
}
