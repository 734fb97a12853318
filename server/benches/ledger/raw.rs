//! What is compared with: the same bytes into plain tables by the plainest statement, through the same driver.

use futures::StreamExt as _;
use ledger_core::ids::TenantId;
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::{
    BULK_EVENTS, Call,
    rounds::Caller,
    world::{self, World},
};

/// Bytes of one payload.
const PAYLOAD_BYTES: usize = 300;
/// More connections than this make plain Postgres slower on the two cores that this was tried on.
const CONNECTIONS_MAX: usize = 32;

/// (a): one `INSERT` a transaction into a minimal events table.
pub(crate) struct Inserts {
    pool: PgPool,
}

impl Inserts {
    pub(crate) async fn new(world: &World, callers: usize) -> anyhow::Result<Self> {
        let connections = u32::try_from(callers.min(CONNECTIONS_MAX))?;
        let pool = PgPoolOptions::new()
            .min_connections(connections)
            .max_connections(connections)
            .connect_with(world.options())
            .await?;
        sqlx::query(
            "CREATE TABLE IF NOT EXISTS raw_events (
                 stream text NOT NULL, version bigint NOT NULL, payload bytea NOT NULL,
                 PRIMARY KEY (stream, version))",
        )
        .execute(&pool)
        .await?;
        Ok(Self { pool })
    }

    pub(crate) fn caller(&self, number: usize) -> Caller {
        let pool = self.pool.clone();
        // A stream of its own for each caller and round.
        let stream = format!("case/{number:05}/{}", world::fresh_id());
        let payload = vec![7_u8; PAYLOAD_BYTES];
        let mut version = 0_i64;
        let call: Call = Box::new(move || {
            let (pool, stream, payload) = (pool.clone(), stream.clone(), payload.clone());
            version += 1;
            let version = version;
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO raw_events (stream, version, payload) VALUES ($1, $2, $3)",
                )
                .bind(stream)
                .bind(version)
                .bind(payload)
                .execute(&pool)
                .await?;
                Ok(1)
            })
        });
        call.into()
    }
}

/// `COPY` of the rows that a bulk append writes, a hundred a transaction, into a table of the same shape.
pub(crate) struct Copies {
    pool: PgPool,
}

impl Copies {
    pub(crate) async fn new(world: &World) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .connect_with(world.options())
            .await?;
        sqlx::query("CREATE TABLE raw_rows (LIKE events INCLUDING INDEXES)")
            .execute(&pool)
            .await?;
        sqlx::query("CREATE TABLE raw_contents (LIKE event_contents INCLUDING INDEXES)")
            .execute(&pool)
            .await?;
        Ok(Self { pool })
    }

    pub(crate) fn caller(&self, number: usize) -> Caller {
        let pool = self.pool.clone();
        let (envelope, ciphertext) = ("7b".repeat(560), "07".repeat(410));
        let digest = "aa".repeat(32);
        let stream = format!("case/{}", world::fresh_id());
        let mut next = i64::try_from(number).unwrap_or(0) * 1_000_000_000
            + i64::from(rand_like(&stream)) * 100_000;
        let call: Call = Box::new(move || {
            let pool = pool.clone();
            let (mut rows, mut contents) = (String::new(), String::new());
            for _ in 0..BULK_EVENTS {
                next += 1;
                rows += &format!(
                    "bench\t{next}\t{stream}\t{next}\t01ARZ3NDEKTSV4RRFFQ69G5FAV\t\\\\x{envelope}\t\\\\x{digest}\t\\\\x{digest}\n"
                );
                contents +=
                    &format!("bench\t{next}\tcase/01ARZ3NDEKTSV4RRFFQ69G5FAV\t\\\\x{ciphertext}\n");
            }
            Box::pin(async move {
                let mut transaction = pool.begin().await?;
                let mut copy = transaction.copy_in_raw("COPY raw_rows FROM STDIN").await?;
                copy.send(rows.as_bytes()).await?;
                copy.finish().await?;
                let mut copy = transaction
                    .copy_in_raw("COPY raw_contents FROM STDIN")
                    .await?;
                copy.send(contents.as_bytes()).await?;
                copy.finish().await?;
                transaction.commit().await?;
                Ok(BULK_EVENTS as u64)
            })
        });
        call.into()
    }
}

/// A number below 10,000 that differs from stream to stream, so that rounds do not write the same keys.
fn rand_like(stream: &str) -> u16 {
    stream.bytes().fold(0_u16, |number, byte| {
        number.wrapping_mul(31).wrapping_add(byte.into())
    }) % 10_000
}

/// Reads every event of a tenant the fastest way there is; how many.
pub(crate) async fn copy_out(world: &World, tenant: &TenantId) -> anyhow::Result<u64> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(world.options())
        .await?;
    let mut connection = pool.acquire().await?;
    let statement = format!(
        "COPY (SELECT position, envelope, salt, leaf_entry FROM events
               WHERE tenant_id = '{tenant}' ORDER BY position) TO STDOUT"
    );
    let mut rows = 0;
    {
        let mut lines = connection.copy_out_raw(&statement).await?;
        while let Some(piece) = lines.next().await {
            rows += piece?.split(|byte| *byte == b'\n').count() as u64 - 1;
        }
    }
    Ok(rows)
}
