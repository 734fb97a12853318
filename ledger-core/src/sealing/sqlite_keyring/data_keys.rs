//! Data keys: made, found, destroyed.

use std::collections::HashMap;

use rusqlite::params;

use super::{
    schema::failed,
    store::{Store, damaged, read_key_id, read_time},
};
use crate::{
    clock::Timestamp,
    ids::{KeyId, TenantId},
    sealing::{
        keyring::{DestroyedKey, Destruction, KeyState, KeyringError},
        secret::DataKey,
        wrapping::{Place, unwrap, wrap},
    },
};

impl Store {
    /// The keys, if every one of them is open; never for an empty list, which says nothing of the tenant.
    pub(super) fn cached(
        &mut self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Option<HashMap<KeyId, DataKey>> {
        if ids.is_empty() {
            return None;
        }
        ids.iter()
            .map(|&id| Some((id, self.cache.get(tenant, id)?)))
            .collect()
    }

    pub(super) fn create(
        &mut self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, DataKey>, KeyringError> {
        self.tenant_key(tenant)?;
        let mut keys = HashMap::with_capacity(ids.len());
        for &id in ids {
            let key = match self.state(tenant, id)? {
                KeyState::Present(key) => key,
                KeyState::Destroyed { .. } => return Err(KeyringError::Destroyed(id)),
                KeyState::Unknown => self.add(tenant, id)?,
            };
            keys.insert(id, key);
        }
        // Only now: had one of them been refused, none would have been made.
        for (&id, key) in &keys {
            self.cache.insert((tenant.clone(), id), key.clone());
        }
        Ok(keys)
    }

    pub(super) fn keys(
        &mut self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, KeyState>, KeyringError> {
        self.tenant_key(tenant)?;
        let mut states = HashMap::with_capacity(ids.len());
        for &id in ids {
            let state = self.state(tenant, id)?;
            if let KeyState::Present(key) = &state {
                self.cache.insert((tenant.clone(), id), key.clone());
            }
            states.insert(id, state);
        }
        Ok(states)
    }

    pub(super) fn destroy(
        &mut self,
        tenant: &TenantId,
        ids: &[KeyId],
        at: Timestamp,
        why: Destruction,
    ) -> Result<(), KeyringError> {
        // For an unknown tenant this is the answer that says what to do.
        self.tenant_key(tenant)?;
        for &id in ids {
            self.cache.forget(tenant, id);
            self.destroy_one(tenant, &id.to_string(), at, why)
                .map_err(failed("destroy a key"))?;
        }
        Ok(())
    }

    pub(super) fn destroyed(
        &mut self,
        tenant: &TenantId,
    ) -> Result<Vec<DestroyedKey>, KeyringError> {
        self.tenant_key(tenant)?;
        let rows: Vec<(String, i64, String)> = self
            .connection
            .prepare_cached(
                "SELECT key_id, destroyed_at, reason FROM destroyed_keys WHERE tenant = ?1 ORDER BY sequence",
            )
            .and_then(|mut statement| {
                statement
                    .query_map([tenant.as_str()], |row| {
                        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                    })?
                    .collect()
            })
            .map_err(failed("list the destroyed keys"))?;
        rows.into_iter()
            .map(|(id, at, reason)| {
                Ok(DestroyedKey {
                    id: read_key_id(&id)?,
                    at: read_time(at)?,
                    reason: Destruction::from_word(&reason)
                        .ok_or_else(|| damaged(format!("the reason {reason:?}")))?,
                })
            })
            .collect()
    }

    fn state(&mut self, tenant: &TenantId, id: KeyId) -> Result<KeyState, KeyringError> {
        if let Some(key) = self.cache.get(tenant, id) {
            return Ok(KeyState::Present(key));
        }
        let tenant_key = self.tenant_key(tenant)?;
        let name = id.to_string();
        // One statement, so that no other process can destroy the key between two looks.
        let (destroyed_at, wrapped): (Option<i64>, Option<Vec<u8>>) = self
            .connection
            .prepare_cached(
                "SELECT (SELECT destroyed_at FROM destroyed_keys WHERE tenant = ?1 AND key_id = ?2),
                        (SELECT wrapped_key FROM data_keys WHERE tenant = ?1 AND key_id = ?2)",
            )
            .and_then(|mut statement| {
                statement.query_row(params![tenant.as_str(), name], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
            })
            .map_err(failed("read a key"))?;
        match (destroyed_at, wrapped) {
            (Some(at), _) => Ok(KeyState::Destroyed { at: read_time(at)? }),
            (None, None) => Ok(KeyState::Unknown),
            (None, Some(wrapped)) => unwrap(tenant_key.expose(), place(tenant, &name), &wrapped)
                .map(|key| KeyState::Present(DataKey::from_bytes(*key)))
                .ok_or_else(|| damaged(format!("key {id} of tenant {tenant}"))),
        }
    }

    fn add(&mut self, tenant: &TenantId, id: KeyId) -> Result<DataKey, KeyringError> {
        let tenant_key = self.tenant_key(tenant)?;
        let name = id.to_string();
        let key = DataKey::generate(&*self.entropy);
        let wrapped = wrap(
            tenant_key.expose(),
            place(tenant, &name),
            key.expose(),
            &*self.entropy,
        );
        self.connection
            .prepare_cached(
                "INSERT INTO data_keys (tenant, key_id, wrapped_key) VALUES (?1, ?2, ?3)",
            )
            .and_then(|mut statement| statement.execute(params![tenant.as_str(), name, wrapped]))
            .map_err(failed("add a key"))?;
        Ok(key)
    }

    fn destroy_one(
        &self,
        tenant: &TenantId,
        name: &str,
        at: Timestamp,
        why: Destruction,
    ) -> rusqlite::Result<()> {
        // Zeros of the same length go to the same place in the file, over the key itself.
        self.connection
            .prepare_cached(
                "UPDATE data_keys SET wrapped_key = zeroblob(length(wrapped_key))
                 WHERE tenant = ?1 AND key_id = ?2",
            )?
            .execute(params![tenant.as_str(), name])?;
        self.connection
            .prepare_cached(
                "INSERT INTO destroyed_keys (tenant, key_id, destroyed_at, reason) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (tenant, key_id) DO NOTHING",
            )?
            .execute(params![tenant.as_str(), name, at.timestamp_micros(), why.as_str()])?;
        Ok(())
    }
}

fn place<'a>(tenant: &'a TenantId, name: &'a str) -> Place<'a> {
    Place {
        kind: "data_key",
        tenant: tenant.as_str(),
        name,
    }
}
