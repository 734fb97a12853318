//! The real store keeps the promises of every store, and those that only a database can be asked for.

mod batches;
mod broken_connections;
mod restored;
mod roles;
mod several_servers;

#[path = "../../../ledger-core/tests/contract/mod.rs"]
mod contract;

use std::sync::Arc;

use caseledger::instance::{MachineClock, migrate};
use contract::{Given, MovableClock, every_promise, kvam};
use ledger_core::{
    clock::{Clock, SystemEntropy},
    ledger::{Ledger, LedgerSettings, Parts},
    sealing::MemoryKeyring,
    store::postgres::{AppendObserver, PostgresSettings, PostgresStore},
};
use sqlx::{
    Executor as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::support::postgres::{TestDatabase, database_from};

/// A database with the schema, and nothing in it.
pub(crate) async fn empty_ledger() -> TestDatabase {
    database_from("migrated", async |options| {
        migrate(&options).await.expect("the migrations run");
    })
    .await
}

/// A pool whose connections act as this role.
async fn acting_as(role: &'static str, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(4)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(role).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .expect("connects")
}

/// A server's store: a pool, an appender and a memory of its own.
async fn server(
    database: &TestDatabase,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn AppendObserver>,
) -> Arc<PostgresStore> {
    let pool = acting_as("SET ROLE ledger_writer", database.options.clone()).await;
    let settings = PostgresSettings::default();
    Arc::new(PostgresStore::new(pool, clock, settings, observer))
}

/// The same with the machine's clock, watched by nobody.
async fn plain_server(database: &TestDatabase) -> Arc<PostgresStore> {
    server(database, Arc::new(MachineClock), Arc::new(())).await
}

async fn in_postgres() -> Given {
    let clock = MovableClock::beside(Arc::new(MachineClock));
    let store = server(&empty_ledger().await, clock.clone(), Arc::new(())).await;
    Given { store, clock }
}

every_promise!(in_postgres);

/// Recomputes every leaf, the tree and the versions, and compares them with what is stored.
async fn assert_whole(store: &Arc<PostgresStore>, events: u64) {
    let entropy = Arc::new(SystemEntropy);
    let ledger = Ledger::new(Parts {
        store: Arc::clone(store) as _,
        keyring: Arc::new(MemoryKeyring::new(entropy.clone())),
        clock: Arc::new(MachineClock),
        entropy,
        observer: Arc::new(()),
        settings: LedgerSettings::default(),
    });
    let origin = "ledger.example/kvam".parse().expect("an origin");
    // Appends the event with which a ledger begins, at the end of this one.
    ledger.open_ledger(&kvam(), &origin).await.expect("opens");
    let found = ledger.verify(&kvam(), false, &|_, _| {}).await;
    let found = found.expect("reads");
    assert_eq!(found.errors, []);
    assert_eq!(found.events, events + 1);
}
