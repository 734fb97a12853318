//! The default key store: one SQLite file outside of the ledger's database cluster.
//!
//! It is separate because a database keeps what it deletes: in its write-ahead log, in dead rows, in base
//! backups. This file has `secure_delete`, a backup policy of its own, and no write-ahead log (see `schema`).
//! Every secret in it is wrapped: data keys, index keys and signing seeds under the tenant's key, that one under the
//! [`MasterKey`], which is kept elsewhere.
//!
//! SQLite blocks, so a thread of its own owns the connection (see `worker`), and the [`SqliteKeyring`] that everyone
//! holds is a handle to it. The thread takes all waiting requests at once and makes all changes among them durable in
//! one transaction: a thousand new cases cost a handful of disk flushes.
//!
//! What remains outside of our control: a file system or disk may keep old blocks (of a journal that was deleted, or after
//! wear levelling). They hold wrapped keys only; use an encrypted disk, and keep the master key off it.

mod cache;
mod data_keys;
mod schema;
mod signing;
mod store;
mod tenants;
mod worker;

use std::{collections::HashMap, fmt, path::Path, sync::Arc};

use async_trait::async_trait;

use super::{
    keyring::{
        DestroyedKey, Destruction, KeyState, Keyring, KeyringError, Origin, PublishedHead,
        StoredSigningKey,
    },
    secret::{DataKey, IndexKey, MasterKey},
};
use crate::{
    clock::{Entropy, Timestamp},
    ids::{KeyId, TenantId},
};
use worker::Worker;

/// A key store in one SQLite file. Clones share one thread and one connection; several processes may open one file.
#[derive(Clone)]
pub struct SqliteKeyring {
    worker: Worker,
}

impl fmt::Debug for SqliteKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteKeyring(redacted)")
    }
}

impl SqliteKeyring {
    /// Opens the key store in a folder, making both if they are not there: the folder with mode 0700, in it
    /// `keys.sqlite3` with mode 0600. The folder must be on a local disk: network file systems do not lock reliably. Blocks.
    ///
    /// Fails with [`KeyringError::OpenToOthers`] if others may enter the folder, with [`KeyringError::WrongMasterKey`] if
    /// the store was made with another master key.
    pub fn open(
        folder: &Path,
        master: &MasterKey,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, KeyringError> {
        let connection = schema::open(folder, master, &*entropy)?;
        let store = store::Store::new(connection, master.clone(), entropy)?;
        Ok(Self {
            worker: Worker::start(store)?,
        })
    }
}

#[async_trait]
impl Keyring for SqliteKeyring {
    async fn open_tenant(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        let (tenant, origin) = (tenant.clone(), Box::<str>::from(origin));
        self.worker
            .write(move |store| store.open_tenant(&tenant, &origin, now))
            .await
    }

    async fn open_new_origin(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        let (tenant, origin) = (tenant.clone(), Box::<str>::from(origin));
        self.worker
            .write(move |store| store.open_new_origin(&tenant, &origin, now))
            .await
    }

    async fn origins(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<(Origin, Option<PublishedHead>)>, KeyringError> {
        let tenant = tenant.clone();
        self.worker.read(move |store| store.origins(&tenant)).await
    }

    async fn create(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, DataKey>, KeyringError> {
        if let Some(keys) = self.worker.read_now(|store| store.cached(tenant, ids)) {
            return Ok(keys);
        }
        let (tenant, ids) = (tenant.clone(), ids.to_vec());
        self.worker
            .write(move |store| store.create(&tenant, &ids))
            .await
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, KeyState>, KeyringError> {
        if let Some(keys) = self.worker.read_now(|store| store.cached(tenant, ids)) {
            let present = |(id, key)| (id, KeyState::Present(key));
            return Ok(keys.into_iter().map(present).collect());
        }
        let (tenant, ids) = (tenant.clone(), ids.to_vec());
        self.worker
            .read(move |store| store.keys(&tenant, &ids))
            .await
    }

    async fn destroy(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
        at: Timestamp,
        why: Destruction,
    ) -> Result<(), KeyringError> {
        let (tenant, ids) = (tenant.clone(), ids.to_vec());
        self.worker
            .write(move |store| store.destroy(&tenant, &ids, at, why))
            .await
    }

    async fn destroyed(&self, tenant: &TenantId) -> Result<Vec<DestroyedKey>, KeyringError> {
        let tenant = tenant.clone();
        self.worker
            .read(move |store| store.destroyed(&tenant))
            .await
    }

    async fn index_key(&self, tenant: &TenantId) -> Result<IndexKey, KeyringError> {
        let tenant = tenant.clone();
        self.worker
            .read(move |store| store.index_key(&tenant))
            .await
    }

    async fn signing_seeds(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<StoredSigningKey>, KeyringError> {
        let tenant = tenant.clone();
        self.worker
            .read(move |store| store.signing_keys(&tenant))
            .await
    }

    async fn add_signing_seed(
        &self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<StoredSigningKey, KeyringError> {
        let tenant = tenant.clone();
        self.worker
            .write(move |store| store.add_signing_key(&tenant, now))
            .await
    }

    async fn retire_signing_seed(
        &self,
        tenant: &TenantId,
        number: u32,
        at: Timestamp,
    ) -> Result<(), KeyringError> {
        let tenant = tenant.clone();
        self.worker
            .write(move |store| store.retire_signing_key(&tenant, number, at))
            .await
    }

    async fn remember_published(
        &self,
        tenant: &TenantId,
        origin: &str,
        head: PublishedHead,
    ) -> Result<(), KeyringError> {
        let (tenant, origin) = (tenant.clone(), Box::<str>::from(origin));
        self.worker
            .write(move |store| store.remember_published(&tenant, &origin, head))
            .await
    }
}
