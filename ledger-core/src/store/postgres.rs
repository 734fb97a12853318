//! The real store. [`appender`] writes, this file reads; no other code in the project writes events.
//!
//! Every statement carries the tenant. Nothing rests on sequences, transaction ids, advisory locks or notifications,
//! only on the tenant's head row, locked and checked in the transaction that appends.

mod appender;
mod batch;
mod rows;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use sqlx::{PgPool, Row as _, postgres::PgRow};

pub use self::appender::AppendObserver;
use self::{
    appender::Appender,
    rows::{bigint, digest, stored_event, unavailable},
};
use super::{
    Append, AppendError, Appended, DocumentChunk, EventStore, IdempotencyKey, Lookup, ReadError,
    SealedContent, StoredEvent, StreamKind, Tip, placement,
};
use crate::{
    clock::Clock,
    ids::{AccountId, CaseId, Digest, DocumentId, Position, StreamId, TenantId},
    log::{Frontier, SubtreeHash},
};

/// The schema, for `caseledger migrate`.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// How the store appends.
#[derive(Debug, Clone, Copy)]
pub struct PostgresSettings {
    /// The most events that one transaction takes in.
    pub batch_events_max: usize,
    /// How many requests may wait for a tenant's appender before callers are held back.
    pub waiting_max: usize,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            batch_events_max: 1_024,
            waiting_max: 4_096,
        }
    }
}

/// Keeps events in Postgres. Several of these, in several processes, may share one database.
pub struct PostgresStore {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    settings: PostgresSettings,
    observer: Arc<dyn AppendObserver>,
    appenders: Mutex<HashMap<TenantId, Appender>>,
}

impl PostgresStore {
    /// A store on a pool whose connections act as `ledger_writer`.
    pub fn new(
        pool: PgPool,
        clock: Arc<dyn Clock>,
        settings: PostgresSettings,
        observer: Arc<dyn AppendObserver>,
    ) -> Self {
        Self {
            pool,
            clock,
            settings,
            observer,
            appenders: Mutex::default(),
        }
    }

    /// Lets waiting appends finish and takes no more; for a graceful shutdown.
    pub async fn close(&self) {
        let appenders: Vec<_> = self
            .appenders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain()
            .map(|(_, appender)| appender)
            .collect();
        for appender in appenders {
            appender.finish().await;
        }
    }

    fn appender(&self, tenant: &TenantId) -> Appender {
        let mut appenders = self
            .appenders
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(appender) = appenders
            .get(tenant)
            .filter(|appender| appender.is_running())
        {
            return appender.clone();
        }
        let appender = Appender::start(
            tenant.clone(),
            self.pool.clone(),
            Arc::clone(&self.clock),
            self.settings,
            Arc::clone(&self.observer),
        );
        appenders.insert(tenant.clone(), appender.clone());
        appender
    }

    async fn events(
        &self,
        query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let rows = query.fetch_all(&self.pool).await.map_err(unavailable)?;
        rows.iter().map(stored_event).collect()
    }
}

fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn positions(positions: &[Position]) -> Vec<i64> {
    positions
        .iter()
        .map(|position| bigint(position.0))
        .collect()
}

#[async_trait]
impl EventStore for PostgresStore {
    async fn open_tenant(&self, tenant: &TenantId) -> Result<(), ReadError> {
        sqlx::query(
            "INSERT INTO ledger_heads (tenant_id, size, root, frontier, recorded_at)
             VALUES ($1, 0, $2, '', 'epoch') ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(&Frontier::EMPTY.root().0[..])
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, ReadError> {
        let names: Vec<String> =
            sqlx::query_scalar("SELECT tenant_id FROM ledger_heads ORDER BY tenant_id")
                .fetch_all(&self.pool)
                .await
                .map_err(unavailable)?;
        names
            .iter()
            .map(|name| {
                name.parse()
                    .map_err(|invalid| ReadError::Unavailable(Box::new(invalid)))
            })
            .collect()
    }

    async fn append(&self, tenant: &TenantId, request: Append) -> Result<Appended, AppendError> {
        placement::check_limits(&request)?;
        self.appender(tenant).append(request).await
    }

    async fn tip(&self, tenant: &TenantId) -> Result<Tip, ReadError> {
        let row = sqlx::query(
            "SELECT size, frontier, recorded_at FROM ledger_heads WHERE tenant_id = $1",
        )
        .bind(tenant.as_str())
        .fetch_optional(&self.pool)
        .await
        .map_err(unavailable)?
        .ok_or_else(|| ReadError::UnknownTenant(tenant.clone()))?;
        rows::tip(&row)
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        after_version: u64,
        at_most: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.events(
            sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND stream = $2 AND version > $3 ORDER BY version LIMIT $4",
            )
            .bind(tenant.as_str())
            .bind(stream.to_string())
            .bind(bigint(after_version))
            .bind(limit(at_most)),
        )
        .await
    }

    async fn read_from(
        &self,
        tenant: &TenantId,
        from: Position,
        at_most: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.events(
            sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND position >= $2 ORDER BY position LIMIT $3",
            )
            .bind(tenant.as_str())
            .bind(bigint(from.0))
            .bind(limit(at_most)),
        )
        .await
    }

    async fn read_at(
        &self,
        tenant: &TenantId,
        at: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.events(
            sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND position = ANY($2) ORDER BY position",
            )
            .bind(tenant.as_str())
            .bind(positions(at)),
        )
        .await
    }

    async fn read_account(
        &self,
        tenant: &TenantId,
        account: AccountId,
        before: Option<Position>,
        at_most: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.events(
            sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND account_id = $2 AND position < $3 ORDER BY position DESC LIMIT $4",
            )
            .bind(tenant.as_str())
            .bind(account.to_string())
            .bind(before.map_or(i64::MAX, |before| bigint(before.0)))
            .bind(limit(at_most)),
        )
        .await
    }

    async fn leaf_entries(
        &self,
        tenant: &TenantId,
        from: u64,
        until: u64,
    ) -> Result<Vec<Digest>, ReadError> {
        let rows = sqlx::query(
            "SELECT leaf_entry FROM events
             WHERE tenant_id = $1 AND position >= $2 AND position < $3 ORDER BY position",
        )
        .bind(tenant.as_str())
        .bind(bigint(from))
        .bind(bigint(until))
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        rows.iter().map(|row| digest(row, "leaf_entry")).collect()
    }

    async fn subtree_hashes(
        &self,
        tenant: &TenantId,
        level: u8,
        from: u64,
        until: u64,
    ) -> Result<Vec<SubtreeHash>, ReadError> {
        let rows = sqlx::query(
            "SELECT index, hash FROM tree_hashes
             WHERE tenant_id = $1 AND level = $2 AND index >= $3 AND index < $4 ORDER BY index",
        )
        .bind(tenant.as_str())
        .bind(i16::from(level))
        .bind(bigint(from))
        .bind(bigint(until))
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        rows.iter()
            .map(|row| {
                Ok(SubtreeHash {
                    level,
                    index: rows::unsigned(row, "index")?,
                    hash: digest(row, "hash")?,
                })
            })
            .collect()
    }

    async fn contents(
        &self,
        tenant: &TenantId,
        at: &[Position],
    ) -> Result<Vec<(Position, SealedContent)>, ReadError> {
        let rows = sqlx::query(
            "SELECT position, key_id, ciphertext FROM event_contents
             WHERE tenant_id = $1 AND position = ANY($2) ORDER BY position",
        )
        .bind(tenant.as_str())
        .bind(positions(at))
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        rows.iter()
            .map(|row| {
                let content = SealedContent {
                    key: rows::parsed(row, "key_id")?,
                    ciphertext: row.try_get("ciphertext").map_err(unavailable)?,
                };
                Ok((Position(rows::unsigned(row, "position")?), content))
            })
            .collect()
    }

    async fn delete_contents(&self, tenant: &TenantId, at: &[Position]) -> Result<u64, ReadError> {
        let done =
            sqlx::query("DELETE FROM event_contents WHERE tenant_id = $1 AND position = ANY($2)")
                .bind(tenant.as_str())
                .bind(positions(at))
                .execute(&self.pool)
                .await
                .map_err(unavailable)?;
        Ok(done.rows_affected())
    }

    async fn find(&self, tenant: &TenantId, index: Digest) -> Result<Vec<Lookup>, ReadError> {
        let rows = sqlx::query("SELECT case_id, party_id FROM lookups WHERE tenant_id = $1 AND index = $2 ORDER BY case_id, party_id")
            .bind(tenant.as_str())
            .bind(&index.0[..])
            .fetch_all(&self.pool)
            .await
            .map_err(unavailable)?;
        rows.iter()
            .map(|row| {
                Ok(Lookup {
                    index,
                    case: rows::parsed(row, "case_id")?,
                    party: rows::parsed(row, "party_id")?,
                })
            })
            .collect()
    }

    async fn delete_lookups(&self, tenant: &TenantId, case: CaseId) -> Result<(), ReadError> {
        sqlx::query("DELETE FROM lookups WHERE tenant_id = $1 AND case_id = $2")
            .bind(tenant.as_str())
            .bind(case.to_string())
            .execute(&self.pool)
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn repeated(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<AppendError>, ReadError> {
        let row: Option<PgRow> = sqlx::query(
            "SELECT request, first, count FROM idempotency WHERE tenant_id = $1 AND account_id = $2 AND key = $3",
        )
        .bind(tenant.as_str())
        .bind(key.account.to_string())
        .bind(&key.key.0[..])
        .fetch_optional(&self.pool)
        .await
        .map_err(unavailable)?;
        row.map(|row| rows::repetition(&row, key)).transpose()
    }

    async fn put_chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        chunks: Vec<DocumentChunk>,
    ) -> Result<(), ReadError> {
        let indexes: Vec<i32> = chunks
            .iter()
            .map(|chunk| i32::try_from(chunk.index).unwrap_or(i32::MAX))
            .collect();
        let ciphertexts: Vec<Vec<u8>> = chunks.into_iter().map(|chunk| chunk.ciphertext).collect();
        sqlx::query(
            "INSERT INTO document_chunks (tenant_id, document_id, index, ciphertext)
             SELECT $1, $2, * FROM unnest($3::integer[], $4::bytea[])",
        )
        .bind(tenant.as_str())
        .bind(document.to_string())
        .bind(indexes)
        .bind(ciphertexts)
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        from: u32,
        at_most: usize,
    ) -> Result<Vec<DocumentChunk>, ReadError> {
        let rows = sqlx::query(
            "SELECT index, ciphertext FROM document_chunks
             WHERE tenant_id = $1 AND document_id = $2 AND index >= $3 ORDER BY index LIMIT $4",
        )
        .bind(tenant.as_str())
        .bind(document.to_string())
        .bind(i32::try_from(from).unwrap_or(i32::MAX))
        .bind(limit(at_most))
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        rows.iter()
            .map(|row| {
                let index: i32 = row.try_get("index").map_err(unavailable)?;
                let ciphertext = row.try_get("ciphertext").map_err(unavailable)?;
                Ok(DocumentChunk {
                    index: index.unsigned_abs(),
                    ciphertext,
                })
            })
            .collect()
    }

    async fn delete_documents(
        &self,
        tenant: &TenantId,
        documents: &[DocumentId],
    ) -> Result<(), ReadError> {
        let documents: Vec<String> = documents.iter().map(ToString::to_string).collect();
        sqlx::query("DELETE FROM document_chunks WHERE tenant_id = $1 AND document_id = ANY($2)")
            .bind(tenant.as_str())
            .bind(documents)
            .execute(&self.pool)
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn cases(
        &self,
        tenant: &TenantId,
        after: Option<CaseId>,
        at_most: usize,
    ) -> Result<Vec<CaseId>, ReadError> {
        // The conditions are those of the index `events_first_of_cases`, word for word.
        let rows = sqlx::query(
            "SELECT stream FROM events
             WHERE tenant_id = $1 AND version = 1 AND stream >= 'case/' AND stream < 'case0' AND stream > $2
             ORDER BY stream LIMIT $3",
        )
        .bind(tenant.as_str())
        .bind(after.map_or_else(String::new, |after| StreamId::Case(after).to_string()))
        .bind(limit(at_most))
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        let streams = rows
            .iter()
            .map(|row| rows::parsed::<StreamId>(row, "stream"));
        streams
            .filter_map(|stream| match stream {
                Ok(StreamId::Case(case)) => Some(Ok(case)),
                Ok(_) => None,
                Err(error) => Some(Err(error)),
            })
            .collect()
    }

    async fn read_kind(
        &self,
        tenant: &TenantId,
        kind: StreamKind,
        after: Option<Position>,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        // The bounds stand in the text: each kind has an index of its own, which holds nothing else.
        let query = match kind {
            StreamKind::Accounts => sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND stream >= 'account/' AND stream < 'account0'
                   AND position > $2 ORDER BY position",
            ),
            StreamKind::Organisations => sqlx::query(
                "SELECT position, envelope, salt, leaf_entry FROM events
                 WHERE tenant_id = $1 AND stream >= 'organisation/' AND stream < 'organisation0'
                   AND position > $2 ORDER BY position",
            ),
        };
        let after = after.map_or(-1, |after| i64::try_from(after.0).unwrap_or(i64::MAX));
        self.events(query.bind(tenant.as_str()).bind(after)).await
    }

    async fn published_head(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<String>, ReadError> {
        sqlx::query_scalar(
            "SELECT signed_head FROM published_heads WHERE tenant_id = $1 AND name = $2",
        )
        .bind(tenant.as_str())
        .bind(name)
        .fetch_optional(&self.pool)
        .await
        .map_err(unavailable)
    }

    async fn publish_head(
        &self,
        tenant: &TenantId,
        name: &str,
        size: u64,
        signed: &str,
    ) -> Result<(), ReadError> {
        sqlx::query(
            "INSERT INTO published_heads AS served (tenant_id, name, size, signed_head) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, name) DO UPDATE SET size = excluded.size, signed_head = excluded.signed_head
             WHERE served.size < excluded.size",
        )
        .bind(tenant.as_str())
        .bind(name)
        .bind(bigint(size))
        .bind(signed)
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        Ok(())
    }
}
