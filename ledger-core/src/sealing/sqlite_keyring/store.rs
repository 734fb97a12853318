//! The connection with what is remembered about it: transactions, opened keys, and what other processes have done.

use std::{collections::HashMap, sync::Arc, time::Duration};

use rusqlite::{Connection, OptionalExtension};

use super::{
    cache::KeyCache,
    schema::{BUSY_TIMEOUT, failed},
};
use crate::{
    clock::{Entropy, Timestamp},
    ids::{KeyId, TenantId},
    sealing::{
        keyring::KeyringError,
        secret::{DataKey, MasterKey},
        wrapping::{Place, unwrap},
    },
};

pub(super) struct Store {
    pub(super) connection: Connection,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) master: MasterKey,
    /// Data keys that were opened. May be used after [`Store::catch_up`] only.
    pub(super) cache: KeyCache,
    /// Keys of tenants that were opened. They never change.
    tenant_keys: HashMap<TenantId, DataKey>,
    /// `PRAGMA data_version` when the cache was last known to be current.
    version_seen: i64,
    /// The newest destruction that the cache knows of.
    destruction_seen: i64,
}

impl Store {
    pub(super) fn new(
        connection: Connection,
        master: MasterKey,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyringError> {
        let mut store = Self {
            connection,
            entropy,
            master,
            cache: KeyCache::default(),
            tenant_keys: HashMap::new(),
            version_seen: -1,
            destruction_seen: 0,
        };
        store.catch_up()?;
        Ok(store)
    }

    /// Forgets the opened keys that another process has destroyed.
    ///
    /// Costs one look at the file's change counter, and more only if another connection has changed something. The
    /// version is noted before the destructions are read, so that a change in between is seen next time.
    pub(super) fn catch_up(&mut self) -> Result<(), KeyringError> {
        const LOOK: &str = "see what other processes have changed";
        let version: i64 = self
            .connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(failed(LOOK))?;
        if version == self.version_seen {
            return Ok(());
        }
        let destroyed: Vec<(i64, String, String)> = self
            .connection
            .prepare_cached(
                "SELECT sequence, tenant, key_id FROM destroyed_keys WHERE sequence > ?1 ORDER BY sequence",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([self.destruction_seen], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })?
                    .collect()
            })
            .map_err(failed(LOOK))?;
        for (sequence, tenant, id) in destroyed {
            self.cache
                .forget(&read_word(&tenant, "a destroyed key")?, read_key_id(&id)?);
            self.destruction_seen = sequence;
        }
        self.version_seen = version;
        Ok(())
    }

    /// The same, failing at once if another process is writing just now.
    pub(super) fn catch_up_without_waiting(&mut self) -> Result<(), KeyringError> {
        const SET: &str = "set how long to wait for others";
        self.connection
            .busy_timeout(Duration::ZERO)
            .map_err(failed(SET))?;
        let outcome = self.catch_up();
        self.connection
            .busy_timeout(BUSY_TIMEOUT)
            .map_err(failed(SET))?;
        outcome
    }

    /// Begins a transaction that nobody else can write beside.
    pub(super) fn begin(&mut self) -> Result<(), KeyringError> {
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(failed("lock its file"))?;
        // Under the lock the cache is exact until the end of the transaction.
        self.catch_up().inspect_err(|_| self.roll_back())
    }

    /// Makes the transaction durable.
    pub(super) fn commit(&mut self) -> Result<(), KeyringError> {
        self.connection
            .execute_batch("COMMIT")
            .map_err(failed("save the changes"))
            .inspect_err(|_| {
                // Keys that were opened or made in this transaction may not exist.
                self.cache.clear();
                self.tenant_keys.clear();
                self.roll_back();
            })
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // If even this fails, the next transaction cannot begin and says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Runs one of the changes of a transaction; if it fails, it alone is undone.
    pub(super) fn all_or_nothing<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        // A full disk ends the whole transaction; what is left of the batch must not be made outside of one.
        if self.connection.is_autocommit() {
            return Err(KeyringError::Storage {
                doing: "go on with a transaction that has failed",
                source: Arc::new(rusqlite::Error::InvalidQuery),
            });
        }
        self.connection
            .execute_batch("SAVEPOINT change")
            .map_err(failed("begin a change"))?;
        let outcome = run(self);
        let end = match outcome {
            Ok(_) => "RELEASE change",
            Err(_) => "ROLLBACK TO change; RELEASE change",
        };
        if outcome.is_err() {
            // A tenant that was opened just now is gone again, and its key with it.
            self.tenant_keys.clear();
        }
        match self.connection.execute_batch(end) {
            Ok(()) => outcome,
            // The failure that ended the transaction says more than the one that followed from it.
            Err(source) => Err(outcome
                .err()
                .unwrap_or_else(|| failed("end a change")(source))),
        }
    }

    /// The key under which the tenant's secrets are wrapped.
    pub(super) fn tenant_key(&mut self, tenant: &TenantId) -> Result<DataKey, KeyringError> {
        if let Some(key) = self.tenant_keys.get(tenant) {
            return Ok(key.clone());
        }
        let wrapped: Vec<u8> = self
            .connection
            .prepare_cached("SELECT wrapped_key FROM tenants WHERE tenant = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([tenant.as_str()], |row| row.get(0))
                    .optional()
            })
            .map_err(failed("read a tenant's key"))?
            .ok_or_else(|| KeyringError::UnknownTenant(tenant.clone()))?;
        let key = unwrap(self.master.expose(), tenant_key_place(tenant), &wrapped)
            .map(|key| DataKey::from_bytes(*key))
            .ok_or_else(|| damaged(format!("the key of tenant {tenant}")))?;
        self.tenant_keys.insert(tenant.clone(), key.clone());
        Ok(key)
    }
}

/// Where the tenant's own key stands.
pub(super) fn tenant_key_place(tenant: &TenantId) -> Place<'_> {
    Place {
        kind: "tenant_key",
        tenant: tenant.as_str(),
        name: "",
    }
}

/// Something in the file cannot be what was written there.
pub(super) fn damaged(what: impl Into<String>) -> KeyringError {
    KeyringError::Damaged { what: what.into() }
}

/// A stored time, in microseconds since 1970.
pub(super) fn read_time(micros: i64) -> Result<Timestamp, KeyringError> {
    Timestamp::from_timestamp_micros(micros).ok_or_else(|| damaged(format!("the time {micros}")))
}

/// A stored name of a key.
pub(super) fn read_key_id(text: &str) -> Result<KeyId, KeyringError> {
    read_word(text, "the name of a key")
}

fn read_word<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, KeyringError> {
    text.parse()
        .map_err(|_| damaged(format!("{what}: {text:?}")))
}
