//! The reference key store, in memory: for tests and the in-memory ledger. Nothing survives the process.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{
    keyring::{
        DestroyedKey, Destruction, KeyState, Keyring, KeyringError, Origin, PublishedHead,
        StoredSigningKey,
    },
    secret::{DataKey, IndexKey, SigningSeed},
};
use crate::{
    clock::{Entropy, Timestamp},
    ids::{KeyId, TenantId},
};

/// A key store that forgets everything when it is dropped. Clones share what they hold.
#[derive(Clone)]
pub struct MemoryKeyring {
    tenants: Arc<Mutex<HashMap<TenantId, Tenant>>>,
    entropy: Arc<dyn Entropy>,
}

struct Tenant {
    index_key: IndexKey,
    origins: Vec<(Origin, Option<PublishedHead>)>,
    signing_keys: Vec<StoredSigningKey>,
    keys: HashMap<KeyId, DataKey>,
    destroyed: Vec<DestroyedKey>,
}

impl Tenant {
    fn state(&self, id: KeyId) -> KeyState {
        if let Some(gone) = self.destroyed.iter().find(|gone| gone.id == id) {
            KeyState::Destroyed { at: gone.at }
        } else if let Some(key) = self.keys.get(&id) {
            KeyState::Present(key.clone())
        } else {
            KeyState::Unknown
        }
    }

    fn add_signing_key(&mut self, now: Timestamp, entropy: &dyn Entropy) -> StoredSigningKey {
        let newest = self.signing_keys.last().map_or(0, |key| key.number);
        let key = StoredSigningKey {
            number: newest + 1,
            seed: SigningSeed::generate(entropy),
            created_at: now,
            retired_at: None,
        };
        self.signing_keys.push(key.clone());
        key
    }
}

impl fmt::Debug for MemoryKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryKeyring(redacted)")
    }
}

impl MemoryKeyring {
    /// An empty key store that draws its keys from `entropy`.
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self {
            tenants: Arc::default(),
            entropy,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        // No change below stops half-way, so what a panicking caller leaves behind is whole.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        tenant: &TenantId,
        run: impl FnOnce(&mut Tenant) -> Result<T, KeyringError>,
    ) -> Result<T, KeyringError> {
        match self.lock().get_mut(tenant) {
            Some(found) => run(found),
            None => Err(KeyringError::UnknownTenant(tenant.clone())),
        }
    }
}

fn current(
    origins: &mut [(Origin, Option<PublishedHead>)],
) -> &mut (Origin, Option<PublishedHead>) {
    origins
        .last_mut()
        .expect("a tenant is opened with an origin and never loses it")
}

fn origin_differs(tenant: &TenantId, remembered: &Origin, offered: &str) -> KeyringError {
    KeyringError::OriginDiffers {
        tenant: tenant.clone(),
        remembered: remembered.name.clone(),
        offered: offered.into(),
    }
}

#[async_trait]
impl Keyring for MemoryKeyring {
    async fn open_tenant(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        let mut tenants = self.lock();
        if let Some(found) = tenants.get_mut(tenant) {
            let (remembered, _) = current(&mut found.origins);
            if &*remembered.name != origin {
                return Err(origin_differs(tenant, remembered, origin));
            }
            return Ok(());
        }
        let mut opened = Tenant {
            index_key: IndexKey::generate(&*self.entropy),
            origins: vec![(
                Origin {
                    name: origin.into(),
                    opened_at: now,
                },
                None,
            )],
            signing_keys: Vec::new(),
            keys: HashMap::new(),
            destroyed: Vec::new(),
        };
        opened.add_signing_key(now, &*self.entropy);
        tenants.insert(tenant.clone(), opened);
        Ok(())
    }

    async fn open_new_origin(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError> {
        self.with(tenant, |found| {
            if &*current(&mut found.origins).0.name == origin {
                return Ok(());
            }
            if found.origins.iter().any(|(used, _)| &*used.name == origin) {
                return Err(KeyringError::OriginUsedBefore {
                    tenant: tenant.clone(),
                    origin: origin.into(),
                });
            }
            let opened = Origin {
                name: origin.into(),
                opened_at: now,
            };
            found.origins.push((opened, None));
            Ok(())
        })
    }

    async fn origins(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<(Origin, Option<PublishedHead>)>, KeyringError> {
        self.with(tenant, |found| Ok(found.origins.clone()))
    }

    async fn create(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, DataKey>, KeyringError> {
        self.with(tenant, |found| {
            for id in ids {
                if matches!(found.state(*id), KeyState::Destroyed { .. }) {
                    return Err(KeyringError::Destroyed(*id));
                }
            }
            let mut key = |id: &KeyId| {
                let key = found.keys.entry(*id);
                key.or_insert_with(|| DataKey::generate(&*self.entropy))
                    .clone()
            };
            Ok(ids.iter().map(|id| (*id, key(id))).collect())
        })
    }

    async fn keys(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, KeyState>, KeyringError> {
        self.with(tenant, |found| {
            Ok(ids.iter().map(|id| (*id, found.state(*id))).collect())
        })
    }

    async fn destroy(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
        at: Timestamp,
        why: Destruction,
    ) -> Result<(), KeyringError> {
        self.with(tenant, |found| {
            for &id in ids {
                found.keys.remove(&id);
                if !found.destroyed.iter().any(|gone| gone.id == id) {
                    found.destroyed.push(DestroyedKey {
                        id,
                        at,
                        reason: why,
                    });
                }
            }
            Ok(())
        })
    }

    async fn destroyed(&self, tenant: &TenantId) -> Result<Vec<DestroyedKey>, KeyringError> {
        self.with(tenant, |found| Ok(found.destroyed.clone()))
    }

    async fn index_key(&self, tenant: &TenantId) -> Result<IndexKey, KeyringError> {
        self.with(tenant, |found| Ok(found.index_key.clone()))
    }

    async fn signing_seeds(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<StoredSigningKey>, KeyringError> {
        self.with(tenant, |found| Ok(found.signing_keys.clone()))
    }

    async fn add_signing_seed(
        &self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<StoredSigningKey, KeyringError> {
        self.with(tenant, |found| {
            Ok(found.add_signing_key(now, &*self.entropy))
        })
    }

    async fn retire_signing_seed(
        &self,
        tenant: &TenantId,
        number: u32,
        at: Timestamp,
    ) -> Result<(), KeyringError> {
        self.with(tenant, |found| {
            let others_in_use = found
                .signing_keys
                .iter()
                .any(|key| key.number != number && key.retired_at.is_none());
            let key = found
                .signing_keys
                .iter_mut()
                .find(|key| key.number == number)
                .ok_or_else(|| KeyringError::UnknownSigningKey {
                    tenant: tenant.clone(),
                    number,
                })?;
            if key.retired_at.is_none() && !others_in_use {
                return Err(KeyringError::LastSigningKey {
                    tenant: tenant.clone(),
                    number,
                });
            }
            key.retired_at.get_or_insert(at);
            Ok(())
        })
    }

    async fn remember_published(
        &self,
        tenant: &TenantId,
        origin: &str,
        head: PublishedHead,
    ) -> Result<(), KeyringError> {
        self.with(tenant, |found| {
            let (remembered, published) = current(&mut found.origins);
            if &*remembered.name != origin {
                return Err(origin_differs(tenant, remembered, origin));
            }
            match published {
                Some(published) if !published.admits(&head) => Err(KeyringError::BelowPublished {
                    published: *published,
                    offered: head,
                }),
                Some(published) if published.size == head.size => Ok(()),
                _ => {
                    *published = Some(head);
                    Ok(())
                }
            }
        })
    }
}
