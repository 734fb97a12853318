//! One transaction of an appender: lock the head, take the database's time, place the requests one by one, insert
//! everything with a few set-based statements, commit.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use super::rows::{self, bigint};
use crate::{
    clock::Timestamp,
    ids::{AccountId, Digest, StreamId, TenantId},
    log::SubtreeHash,
    store::{
        Append, AppendError, Appended, IdempotencyKey, Tip,
        placement::{self, Placed, Versions},
    },
};

/// The most stream versions that are kept in memory.
const VERSIONS_MAX: usize = 200_000;
/// How many events of other servers are read to keep the versions exact, before all are forgotten instead.
const CATCH_UP_MAX: u64 = 20_000;

/// What this server knows of the ledger since its last batch. Exact as long as nobody else has appended.
#[derive(Debug, Default)]
pub(super) struct Known {
    tip: Option<(u64, Digest)>,
    versions: Versions,
}

/// A batch whose commit was not answered.
#[derive(Debug)]
pub(super) struct Doubt {
    /// What its callers hear if it was committed.
    pub(super) answers: Vec<Result<Appended, AppendError>>,
    first: u64,
    leaf_entry: Digest,
}

/// Why a batch has no answers.
#[derive(Debug)]
pub(super) enum Failure {
    /// None of its requests can be placed.
    Refused(AppendError),
    /// The database did not answer before the commit: nothing was written.
    Unreachable(sqlx::Error),
    /// The database did not answer the commit.
    InDoubt(Box<Doubt>, sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Unreachable(error)
    }
}

/// Appends the requests that can be placed; each has its own answer.
pub(super) async fn append(
    connection: &mut PgConnection,
    tenant: &TenantId,
    server_time: Timestamp,
    known: &mut Known,
    requests: &[Append],
) -> Result<Vec<Result<Appended, AppendError>>, Failure> {
    // Begun by hand, because beginning and locking then take one trip to the database instead of two. A connection on
    // which anything fails is dropped by the caller, and with it the transaction.
    let (mut tip, database_time) = begin_and_lock_head(connection, tenant).await?;
    let at =
        placement::recording_time(&tip, database_time, server_time).map_err(Failure::Refused)?;
    catch_up(connection, tenant, known, &tip).await?;
    look_up_versions(connection, tenant, &mut known.versions, requests).await?;
    let earlier = earlier_requests(connection, tenant, requests).await?;

    // The placement moves these on. Until the commit is certain they must not be believed.
    known.tip = None;
    let before = tip.frontier.size();
    let placement = placement::place(&mut tip, &mut known.versions, at, requests, |index| {
        earlier.get(&index).cloned()
    });
    if tip.frontier.size() == before {
        // Ended here and now: dropping it would keep the head locked, for other servers too, until the next batch.
        end(connection, "ROLLBACK").await?;
        known.tip = Some((before, tip.frontier.root()));
        return Ok(placement.answers);
    }
    let root = tip.frontier.root();
    insert(
        connection,
        tenant,
        before,
        &tip,
        root,
        requests,
        &placement.placed,
    )
    .await?;
    insert_subtrees(connection, tenant, &placement.subtrees).await?;
    insert_lookups(connection, tenant, requests, &placement.answers).await?;
    insert_idempotency(connection, tenant, at, requests, &placement.answers).await?;
    if let Err(error) = end(connection, "COMMIT").await {
        let leaf_entry = placement
            .placed
            .iter()
            .flatten()
            .next()
            .map_or(Digest([0; 32]), |first| first.stored.leaf_entry);
        let doubt = Doubt {
            answers: placement.answers,
            first: before,
            leaf_entry,
        };
        return Err(Failure::InDoubt(Box::new(doubt), error));
    }
    known.tip = Some((tip.frontier.size(), root));
    Ok(placement.answers)
}

/// Looks under the head's lock, which a transaction that still commits would hold.
pub(super) async fn was_committed(
    connection: &mut PgConnection,
    tenant: &TenantId,
    doubt: &Doubt,
) -> Result<bool, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT size FROM ledger_heads WHERE tenant_id = $1 FOR UPDATE")
        .bind(tenant.as_str())
        .execute(&mut *transaction)
        .await?;
    let found: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT leaf_entry FROM events WHERE tenant_id = $1 AND position = $2")
            .bind(tenant.as_str())
            .bind(bigint(doubt.first))
            .fetch_optional(&mut *transaction)
            .await?;
    transaction.rollback().await?;
    // The entry hashes a random salt, so nobody else's event can have it.
    Ok(found.is_some_and(|found| found == doubt.leaf_entry.0))
}

async fn begin_and_lock_head(
    connection: &mut PgConnection,
    tenant: &TenantId,
) -> Result<(Tip, Timestamp), Failure> {
    // The outer select runs after the inner one has its lock, so this is the time under the lock. Several statements
    // take no parameters; a tenant's name has nothing that would have to be quoted (see `TenantId`).
    let statements = format!(
        "BEGIN;
         WITH head AS MATERIALIZED (
             SELECT size, frontier, recorded_at FROM ledger_heads WHERE tenant_id = '{tenant}' FOR UPDATE
         )
         SELECT size, frontier, recorded_at, clock_timestamp() AS now FROM head"
    );
    let row = sqlx::raw_sql(AssertSqlSafe(statements))
        .fetch_optional(&mut *connection)
        .await?
        .ok_or_else(|| Failure::Refused(AppendError::UnknownTenant(tenant.clone())))?;
    let now: DateTime<Utc> = row.try_get("now")?;
    let tip = rows::tip(&row).map_err(|error| {
        tracing::error!(%tenant, %error, "the head row cannot be read");
        Failure::Refused(AppendError::Unavailable)
    })?;
    Ok((tip, now))
}

async fn end(connection: &mut PgConnection, statement: &'static str) -> Result<(), sqlx::Error> {
    connection.execute(statement).await.map(drop)
}

/// Makes what is known in memory exact again after another server has appended.
async fn catch_up(
    connection: &mut PgConnection,
    tenant: &TenantId,
    known: &mut Known,
    tip: &Tip,
) -> Result<(), Failure> {
    let size = tip.frontier.size();
    let Some((seen, root)) = known.tip else {
        known.versions.clear();
        return Ok(());
    };
    if size < seen || (size == seen && tip.frontier.root() != root) {
        return Err(Failure::Refused(AppendError::WentBack {
            seen,
            found: size,
        }));
    }
    if size - seen > CATCH_UP_MAX || known.versions.len() > VERSIONS_MAX {
        known.versions.clear();
    } else if size > seen && !known.versions.is_empty() {
        let rows = sqlx::query(
            "SELECT stream, max(version) AS version FROM events
             WHERE tenant_id = $1 AND position >= $2 GROUP BY stream",
        )
        .bind(tenant.as_str())
        .bind(bigint(seen))
        .fetch_all(&mut *connection)
        .await?;
        for row in rows {
            let (stream, version) = stream_version(&row)?;
            known.versions.insert(stream, version);
        }
    }
    Ok(())
}

async fn look_up_versions(
    connection: &mut PgConnection,
    tenant: &TenantId,
    versions: &mut Versions,
    requests: &[Append],
) -> Result<(), Failure> {
    let mut unknown: Vec<&StreamId> = placement::streams_of(requests)
        .filter(|stream| !versions.contains_key(*stream))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_unstable();
    unknown.dedup();
    let names: Vec<String> = unknown.iter().map(ToString::to_string).collect();
    let rows = sqlx::query(
        "SELECT wanted.stream, coalesce(last.version, 0) AS version
         FROM unnest($2::text[]) AS wanted (stream)
         LEFT JOIN LATERAL (
             SELECT version FROM events
             WHERE tenant_id = $1 AND stream = wanted.stream ORDER BY version DESC LIMIT 1
         ) AS last ON true",
    )
    .bind(tenant.as_str())
    .bind(names)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        let (stream, version) = stream_version(&row)?;
        versions.insert(stream, version);
    }
    Ok(())
}

fn stream_version(row: &sqlx::postgres::PgRow) -> Result<(StreamId, u64), Failure> {
    let read = || {
        Ok::<_, crate::store::ReadError>((
            rows::parsed(row, "stream")?,
            rows::unsigned(row, "version")?,
        ))
    };
    read().map_err(|error| {
        tracing::error!(%error, "a stream's version cannot be read");
        Failure::Refused(AppendError::Unavailable)
    })
}

/// Requests that were appended before under the same idempotency key, by their place in the batch.
async fn earlier_requests(
    connection: &mut PgConnection,
    tenant: &TenantId,
    requests: &[Append],
) -> Result<HashMap<usize, AppendError>, Failure> {
    let keyed: Vec<(usize, &IdempotencyKey)> = requests
        .iter()
        .enumerate()
        .filter_map(|(index, request)| Some((index, request.idempotency.as_ref()?)))
        .collect();
    if keyed.is_empty() {
        return Ok(HashMap::new());
    }
    let accounts: Vec<String> = keyed
        .iter()
        .map(|(_, key)| key.account.to_string())
        .collect();
    let keys: Vec<&[u8]> = keyed.iter().map(|(_, key)| &key.key.0[..]).collect();
    let rows = sqlx::query(
        "SELECT account_id, key, request, first, count FROM idempotency
         WHERE tenant_id = $1 AND (account_id, key) IN (SELECT * FROM unnest($2::text[], $3::bytea[]))",
    )
    .bind(tenant.as_str())
    .bind(accounts)
    .bind(keys)
    .fetch_all(&mut *connection)
    .await?;
    let mut found = HashMap::new();
    for row in &rows {
        let unreadable = |error| {
            tracing::error!(%error, "an idempotency record cannot be read");
            Failure::Refused(AppendError::Unavailable)
        };
        let account: AccountId = rows::parsed(row, "account_id").map_err(unreadable)?;
        let digest = rows::digest(row, "key").map_err(unreadable)?;
        for (index, key) in keyed
            .iter()
            .filter(|(_, key)| key.account == account && key.key == digest)
        {
            found.insert(*index, rows::repetition(row, key).map_err(unreadable)?);
        }
    }
    Ok(found)
}

async fn insert(
    connection: &mut PgConnection,
    tenant: &TenantId,
    before: u64,
    tip: &Tip,
    root: Digest,
    requests: &[Append],
    placed: &[Vec<Placed>],
) -> Result<(), Failure> {
    let events: Vec<_> = requests
        .iter()
        .zip(placed)
        .flat_map(|(request, placed)| request.events.iter().zip(placed))
        .collect();
    let contents: Vec<_> = events
        .iter()
        .filter_map(|(event, placed)| {
            Some((event.content.as_ref()?, bigint(placed.stored.position.0)))
        })
        .collect();
    let row = sqlx::query(
        "WITH inserted AS (
             INSERT INTO events (tenant_id, position, stream, version, account_id, envelope, salt, leaf_entry)
             SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[])
             RETURNING 1
         ), sealed AS (
             INSERT INTO event_contents (tenant_id, position, key_id, ciphertext)
             SELECT $1, * FROM unnest($9::bigint[], $10::text[], $11::bytea[])
             RETURNING 1
         )
         UPDATE ledger_heads SET size = $12, root = $13, frontier = $14, recorded_at = $15
         WHERE tenant_id = $1 AND size = $16
         RETURNING (SELECT count(*) FROM inserted) AS events, (SELECT count(*) FROM sealed) AS contents",
    )
    .bind(tenant.as_str())
    .bind(events.iter().map(|(_, placed)| bigint(placed.stored.position.0)).collect::<Vec<_>>())
    .bind(events.iter().map(|(event, _)| event.stream.to_string()).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, placed)| bigint(placed.version)).collect::<Vec<_>>())
    .bind(events.iter().map(|(event, _)| event.account.map(|account| account.to_string())).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, placed)| &placed.stored.envelope[..]).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, placed)| &placed.stored.salt.0[..]).collect::<Vec<_>>())
    .bind(events.iter().map(|(_, placed)| &placed.stored.leaf_entry.0[..]).collect::<Vec<_>>())
    .bind(contents.iter().map(|(_, position)| *position).collect::<Vec<_>>())
    .bind(contents.iter().map(|(content, _)| content.key.to_string()).collect::<Vec<_>>())
    .bind(contents.iter().map(|(content, _)| &content.ciphertext[..]).collect::<Vec<_>>())
    .bind(bigint(tip.frontier.size()))
    .bind(&root.0[..])
    .bind(tip.frontier.to_bytes())
    .bind(tip.recorded_at)
    .bind(bigint(before))
    .fetch_optional(&mut *connection)
    .await?;
    // What INSERT reports is counted: an event that silently was not written must never be acknowledged.
    let counted = |column| {
        row.as_ref()
            .and_then(|row| row.try_get::<i64, _>(column).ok())
    };
    let wanted = |number: usize| i64::try_from(number).ok();
    if counted("events") != wanted(events.len()) || counted("contents") != wanted(contents.len()) {
        tracing::error!(%tenant, wanted = events.len(), "the database did not insert every event; nothing is committed");
        return Err(Failure::Refused(AppendError::Unavailable));
    }
    Ok(())
}

async fn insert_subtrees(
    connection: &mut PgConnection,
    tenant: &TenantId,
    subtrees: &[SubtreeHash],
) -> Result<(), Failure> {
    if subtrees.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO tree_hashes (tenant_id, level, index, hash)
         SELECT $1, * FROM unnest($2::smallint[], $3::bigint[], $4::bytea[])",
    )
    .bind(tenant.as_str())
    .bind(
        subtrees
            .iter()
            .map(|subtree| i16::from(subtree.level))
            .collect::<Vec<_>>(),
    )
    .bind(
        subtrees
            .iter()
            .map(|subtree| bigint(subtree.index))
            .collect::<Vec<_>>(),
    )
    .bind(
        subtrees
            .iter()
            .map(|subtree| &subtree.hash.0[..])
            .collect::<Vec<_>>(),
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn insert_lookups(
    connection: &mut PgConnection,
    tenant: &TenantId,
    requests: &[Append],
    answers: &[Result<Appended, AppendError>],
) -> Result<(), Failure> {
    let placed = requests
        .iter()
        .zip(answers)
        .filter(|(_, answer)| answer.is_ok());
    let lookups: Vec<_> = placed.flat_map(|(request, _)| &request.lookups).collect();
    if lookups.is_empty() {
        return Ok(());
    }
    sqlx::query(
        // One that is there already says the same; it must not cost its neighbours in the batch their place.
        "INSERT INTO lookups (tenant_id, index, case_id, party_id)
         SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING",
    )
    .bind(tenant.as_str())
    .bind(
        lookups
            .iter()
            .map(|lookup| &lookup.index.0[..])
            .collect::<Vec<_>>(),
    )
    .bind(
        lookups
            .iter()
            .map(|lookup| lookup.case.to_string())
            .collect::<Vec<_>>(),
    )
    .bind(
        lookups
            .iter()
            .map(|lookup| lookup.party.to_string())
            .collect::<Vec<_>>(),
    )
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn insert_idempotency(
    connection: &mut PgConnection,
    tenant: &TenantId,
    at: Timestamp,
    requests: &[Append],
    answers: &[Result<Appended, AppendError>],
) -> Result<(), Failure> {
    let keyed: Vec<(&IdempotencyKey, &Appended)> = requests
        .iter()
        .zip(answers)
        .filter_map(|(request, answer)| {
            Some((request.idempotency.as_ref()?, answer.as_ref().ok()?))
        })
        .collect();
    if keyed.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO idempotency (tenant_id, account_id, key, request, first, count, recorded_at)
         SELECT $1, *, $7 FROM unnest($2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[])",
    )
    .bind(tenant.as_str())
    .bind(keyed.iter().map(|(key, _)| key.account.to_string()).collect::<Vec<_>>())
    .bind(keyed.iter().map(|(key, _)| &key.key.0[..]).collect::<Vec<_>>())
    .bind(keyed.iter().map(|(key, _)| &key.request.0[..]).collect::<Vec<_>>())
    .bind(keyed.iter().map(|(_, appended)| bigint(appended.first.0)).collect::<Vec<_>>())
    .bind(keyed.iter().map(|(_, appended)| bigint(appended.versions.len() as u64)).collect::<Vec<_>>())
    .bind(at)
    .execute(&mut *connection)
    .await?;
    Ok(())
}
