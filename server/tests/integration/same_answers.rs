//! Random commands of random people, in memory and on Postgres: the same answers, word for word, and in the end the same
//! envelopes, byte for byte.
//!
//! Both ledgers draw the same chance and read the same clock. The database's clock is a row of a table, read by a
//! function that stands before the real one on the search path: so time goes by for Postgres too, and even the moments
//! of recording can be compared. Each sequence has a tenant of its own in one database.
//!
//! Longer: `PROPTEST_CASES=300 PROPTEST_RNG_SEED=7 cargo test --workspace --test integration same_answers`.

#[path = "../../../ledger-core/tests/random/mod.rs"]
mod random;

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use ledger_core::{
    clock::{Clock, Timestamp},
    store::{
        memory::MemoryStore,
        postgres::{PostgresSettings, PostgresStore},
    },
};
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use random::{Act, MovableClock, Step, Tally, Town, config, sequence};
use sqlx::{AssertSqlSafe, Executor as _, PgPool, postgres::PgPoolOptions};

use crate::{store::empty_ledger, support::postgres::TestDatabase};

/// How many sequences there are without a word of the environment.
const SEQUENCES: u32 = 9;
const BEGINNING: &str = "2026-03-02T09:00:00Z";

/// A database in which it is as late as a row says.
struct Stopped {
    store: Arc<PostgresStore>,
    clock: Arc<MovableClock>,
    owner: PgPool,
}

impl Stopped {
    async fn new(database: &TestDatabase) -> Self {
        let clock = MovableClock::stopped_at(BEGINNING);
        let connected = PgPoolOptions::new().max_connections(1);
        let owner = connected
            .connect_with(database.options.clone())
            .await
            .unwrap();
        owner
            .execute(
                "CREATE SCHEMA stopped;
                 GRANT USAGE ON SCHEMA stopped TO PUBLIC;
                 CREATE TABLE stopped.clock (now timestamptz NOT NULL);
                 GRANT SELECT ON stopped.clock TO PUBLIC;
                 INSERT INTO stopped.clock VALUES (pg_catalog.clock_timestamp());
                 CREATE FUNCTION stopped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                     AS $$ SELECT now FROM stopped.clock $$",
            )
            .await
            .unwrap();
        let path = [("search_path", "stopped,pg_catalog,public")];
        let options = database.options.clone().options(path);
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute("SET ROLE ledger_writer").await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .unwrap();
        let settings = PostgresSettings::default();
        let watched: Arc<dyn Clock> = clock.clone();
        Self {
            store: Arc::new(PostgresStore::new(pool, watched, settings, Arc::new(()))),
            clock,
            owner,
        }
    }

    /// Lets the clock of the database, and that of the service before it, show this.
    async fn set(&self, now: Timestamp) {
        self.clock.advance(now - self.clock.now());
        let sql = format!("UPDATE stopped.clock SET now = '{}'", now.to_rfc3339());
        self.owner.execute(AssertSqlSafe(sql)).await.unwrap();
    }
}

/// Runs a sequence on both; what went wrong comes with everything that led there.
async fn run(steps: &[Step], stopped: &Stopped, tally: &mut Tally) -> Result<(), String> {
    static TENANTS: AtomicU32 = AtomicU32::new(0);
    let tenant = format!("kvam-{}", TENANTS.fetch_add(1, Ordering::Relaxed));
    let clock = MovableClock::stopped_at(BEGINNING);
    stopped.set(clock.now()).await;
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let mut memory = Town::founded(&tenant, store, clock.clone()).await;
    let mut postgres = Town::founded(&tenant, stopped.store.clone(), stopped.clock.clone()).await;
    let (mut story, mut unseen) = (String::new(), Tally::default());
    for step in steps {
        let act = memory.settle(step);
        let here = memory.take(&act, tally).await;
        if let Act::Waits(_) = act {
            stopped.set(clock.now()).await;
            story.push_str(&format!("{act}\n"));
            continue;
        }
        let there = postgres.take(&act, &mut unseen).await;
        match (here, there) {
            (Ok(here), Ok(there)) if here == there => {
                story.push_str(&format!("{act}\n    → {here}\n"));
            }
            (here, there) => {
                return Err(format!(
                    "{story}{act}\n    in memory   → {here:?}\n    on Postgres → {there:?}"
                ));
            }
        }
    }
    let same = async {
        memory.check_end(true).await?;
        postgres.check_end(true).await?;
        let (here, there) = (memory.envelopes().await, postgres.envelopes().await);
        let other = here.iter().zip(&there).find(|(here, there)| here != there);
        match other {
            Some((here, there)) => Err(format!("in memory there is {here}; on Postgres {there}")),
            None if here.len() != there.len() => Err("one of them has more events".to_owned()),
            None => Ok(()),
        }
    };
    same.await.map_err(|wrong| format!("{story}{wrong}"))
}

#[test]
fn random_commands_have_the_same_answers_in_memory_and_on_postgres() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stopped = runtime.block_on(async { Stopped::new(&empty_ledger().await).await });
    let tally = RefCell::new(Tally::default());
    let outcome = TestRunner::new(config(SEQUENCES)).run(&sequence(), |steps| {
        let mut seen = tally.take();
        let told = runtime.block_on(async {
            let told = run(&steps, &stopped, &mut seen).await;
            // Each tenant's appender keeps a connection.
            stopped.store.close().await;
            told
        });
        tally.replace(seen);
        told.map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => println!("{}", tally.into_inner()),
        Err(TestError::Fail(story, _)) => panic!("{story}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
