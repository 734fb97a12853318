//! Requests that wait at the same moment share a transaction, and yet are judged one by one, in their order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caseledger::instance::MachineClock;
use ledger_core::{
    ids::{Position, TenantId},
    store::{
        Append, AppendError, Appended, EventStore as _,
        postgres::{AppendObserver, PostgresStore},
    },
};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::contract::{account, append, case, having_seen, kvam, one, refused, repeatable, views};
use super::{empty_ledger, plain_server, server};
use crate::support::{eventually, postgres::TestDatabase};

type Outcome = Result<Appended, AppendError>;

/// Remembers how many requests each transaction took in.
#[derive(Default)]
struct Batches(Mutex<Vec<usize>>);

impl AppendObserver for Batches {
    fn committed(&self, _: &TenantId, requests: usize, _: usize, _: Duration) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(requests);
    }

    fn refused(&self, _: &TenantId, _: &AppendError) {}
}

/// A case whose consent stands at version 1, on a store that puts what is asked at once into one batch.
struct Scene {
    database: TestDatabase,
    store: Arc<PostgresStore>,
    batches: Arc<Batches>,
}

impl Scene {
    async fn new() -> Self {
        let database = empty_ledger().await;
        let batches = Arc::new(Batches::default());
        let store = server(&database, Arc::new(MachineClock), batches.clone()).await;
        store.open_tenant(&kvam()).await.expect("opens");
        append(&*store, one(&case(1))).await;
        Self {
            database,
            store,
            batches,
        }
    }

    /// Appends these in one transaction, in this order.
    async fn at_once<const N: usize>(&self, requests: [Append; N]) -> [Outcome; N] {
        // While somebody else holds the head, the appender is busy with another request; the others wait together.
        let mut other = self.database.options.connect().await.expect("connects");
        let mut held = other.begin().await.expect("begins");
        sqlx::query("SELECT 1 FROM ledger_heads WHERE tenant_id = 'kvam' FOR UPDATE")
            .execute(&mut *held)
            .await
            .expect("locks the head");
        let store = Arc::clone(&self.store);
        let busy = tokio::spawn(async move { append(&*store, one(&case(99))).await });
        self.until_the_appender_waits().await;
        let tenant = kvam();
        let waiting = requests.map(|request| self.store.append(&tenant, request));
        // Each is handed in when it is first polled, so all of them before the head is let go.
        let (outcomes, ()) = tokio::join!(futures::future::join_all(waiting), async {
            held.rollback().await.expect("lets go");
        });
        busy.await.expect("no panic");
        let batches = self
            .batches
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        assert_eq!(batches.last(), Some(&N), "{N} requests in one transaction");
        outcomes.try_into().expect("an outcome for each")
    }

    async fn until_the_appender_waits(&self) {
        let mut looking: PgConnection = self.database.options.connect().await.expect("connects");
        eventually("the appender waits for the head", async || {
            let waiting: Option<i32> = sqlx::query_scalar(
                "SELECT pid FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
            )
            .fetch_optional(&mut looking)
            .await
            .expect("activity");
            waiting
        })
        .await;
    }
}

/// Withdrawing changes the case; a view changes its views alone, on what it has seen of the case.
fn withdrawal() -> Append {
    having_seen(&[(&case(1), 1)], &case(1))
}

fn view() -> Append {
    having_seen(&[(&case(1), 1)], &views(1))
}

fn lost() -> AppendError {
    AppendError::Conflict {
        stream: case(1),
        expected: 1,
        actual: 2,
    }
}

#[tokio::test]
async fn a_view_behind_a_withdrawal_in_the_same_batch_is_refused() {
    let scene = Scene::new().await;
    let [withdrawn, viewed, other] = scene.at_once([withdrawal(), view(), one(&case(2))]).await;
    assert_eq!(withdrawn.expect("comes first").first, Position(2));
    assert_eq!(viewed, Err(lost()));
    // Neighbours go on, without a gap where the refused one would have stood.
    assert_eq!(other.expect("is not concerned").first, Position(3));
}

#[tokio::test]
async fn a_view_ahead_of_a_withdrawal_in_the_same_batch_stands_before_it() {
    let scene = Scene::new().await;
    let [viewed, withdrawn] = scene.at_once([view(), withdrawal()]).await;
    assert_eq!(viewed.expect("comes first").first, Position(2));
    assert_eq!(withdrawn.expect("comes second").first, Position(3));
    // The next view has to look again.
    assert_eq!(refused(&*scene.store, view()).await, lost());
}

#[tokio::test]
async fn of_two_withdrawals_in_the_same_batch_the_later_one_is_refused() {
    let scene = Scene::new().await;
    let [first, second] = scene.at_once([withdrawal(), withdrawal()]).await;
    assert_eq!(first.expect("comes first").versions, [2]);
    assert_eq!(second, Err(lost()));
}

#[tokio::test]
async fn one_key_twice_in_the_same_batch_is_appended_once() {
    let scene = Scene::new().await;
    let asked = |request| repeatable(account(1), 1, request, &case(2));
    let [first, second, other] = scene.at_once([asked(1), asked(1), asked(2)]).await;
    let first = first.expect("comes first").first;
    assert_eq!(second, Err(AppendError::Repeated { first, count: 1 }));
    assert_eq!(other, Err(AppendError::KeyReused));
}

#[tokio::test]
async fn a_batch_in_which_nothing_was_placed_does_not_hold_up_other_servers() {
    let scene = Scene::new().await;
    let other = plain_server(&scene.database).await;
    refused(&*scene.store, having_seen(&[(&case(1), 9)], &case(1))).await;
    // The first server says nothing more; were the head still locked, this would wait for ever.
    let appended = tokio::time::timeout(Duration::from_secs(20), append(&*other, one(&case(1))));
    assert_eq!(appended.await.expect("the head is free").versions, [2]);
}
