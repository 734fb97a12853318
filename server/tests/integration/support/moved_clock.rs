//! A night that comes when the test wants it: the database's clock is moved by a function that stands before the real one
//! on the search path, and a server's own clock by as much.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use caseledger::instance::MachineClock;
use chrono::TimeDelta;
use ledger_core::clock::{Clock, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::postgres::TestDatabase;

/// The machine's clock, moved; it may be moved again while others look at it.
#[derive(Clone, Default)]
pub(crate) struct MovedClock(Arc<AtomicI64>);

impl MovedClock {
    pub(crate) fn move_to(&self, shift: TimeDelta) {
        let micros = shift.num_microseconds().expect("not that far");
        self.0.store(micros, Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        MachineClock.now() + TimeDelta::microseconds(self.0.load(Ordering::Relaxed))
    }
}

/// Puts a clock before Postgres' own. Whoever connects with the URL that comes back goes by it.
pub(crate) async fn put_before(database: &TestDatabase, shift: TimeDelta) -> String {
    execute(
        database,
        "CREATE TABLE public.moved_clock (shift interval NOT NULL);
         INSERT INTO public.moved_clock VALUES (interval '0');
         GRANT SELECT ON public.moved_clock TO PUBLIC;
         CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS $$ SELECT pg_catalog.clock_timestamp() + shift FROM public.moved_clock $$"
            .to_owned(),
    )
    .await;
    move_to(database, shift).await;
    let separator = if database.url.contains('?') { '&' } else { '?' };
    format!(
        "{}{separator}options[search_path]=public,pg_catalog",
        database.url
    )
}

/// Moves it again.
pub(crate) async fn move_to(database: &TestDatabase, shift: TimeDelta) {
    let micros = shift.num_microseconds().expect("not that far");
    let sql = format!("UPDATE public.moved_clock SET shift = interval '{micros} microseconds'");
    execute(database, sql).await;
}

async fn execute(database: &TestDatabase, sql: String) {
    let connection = PgConnection::connect_with(&database.options).await;
    let mut connection = connection.expect("the database answers");
    let done = connection.execute(AssertSqlSafe(sql)).await;
    done.expect("the statement succeeds");
    connection.close().await.expect("the connection closes");
}
