//! A database whose clock is moved, by a function that stands before the real one on the search path.

use chrono::TimeDelta;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::postgres::TestDatabase;

/// Puts a clock before Postgres' own; gives the URL under which it is the one that counts.
pub(crate) async fn move_clock(database: &TestDatabase, shift: TimeDelta) -> String {
    let mut connection = PgConnection::connect_with(&database.options).await.unwrap();
    let function = format!(
        "CREATE SCHEMA moved;
         GRANT USAGE ON SCHEMA moved TO PUBLIC;
         CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS $$ SELECT pg_catalog.clock_timestamp() + interval '{} microseconds' $$",
        shift.num_microseconds().unwrap()
    );
    connection.execute(AssertSqlSafe(function)).await.unwrap();
    connection.close().await.unwrap();
    let separator = if database.url.contains('?') { '&' } else { '?' };
    format!(
        "{}{separator}options[search_path]=moved,pg_catalog,public",
        database.url
    )
}
