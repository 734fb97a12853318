//! Opening sealed contents. What is kept in memory between requests is ciphertext only: a key that is destroyed
//! closes it at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use quick_cache::{Weighter, sync::Cache};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{Ledger, LedgerError};
use crate::{
    ids::{Digest, KeyId, Position, TenantId},
    sealing::{self, Binding, KeyState},
    store::{Recorded, SealedContent},
};

/// How many bytes of ciphertext are kept.
const SEALED_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// About how many contents that is.
const SEALED_ESTIMATE: usize = 100_000;

pub(super) struct SealedCache(Cache<(TenantId, Position), Arc<SealedContent>, SealedWeight>);

/// A content weighs as much as its bytes, and a little for the entry.
#[derive(Clone)]
struct SealedWeight;

impl Weighter<(TenantId, Position), Arc<SealedContent>> for SealedWeight {
    fn weight(&self, _: &(TenantId, Position), content: &Arc<SealedContent>) -> u64 {
        content.ciphertext.len() as u64 + 100
    }
}

impl Default for SealedCache {
    fn default() -> Self {
        Self(Cache::with_weighter(
            SEALED_ESTIMATE,
            SEALED_BYTES_MAX,
            SealedWeight,
        ))
    }
}

/// One content that was opened, with the salt of its commitment.
pub struct OpenedContent {
    /// The salt.
    pub salt: Digest,
    /// The content as JSON, byte for byte as it was sealed.
    pub json: Zeroizing<Vec<u8>>,
}

/// Contents that were opened, by position. What was deleted, or whose key was destroyed, is not there.
#[derive(Default)]
pub struct OpenedContents(BTreeMap<Position, OpenedContent>);

impl OpenedContents {
    /// The content at a position in its type.
    pub fn read<T: DeserializeOwned>(&self, position: Position) -> Option<T> {
        serde_json::from_slice(&self.0.get(&position)?.json).ok()
    }

    /// The content at a position.
    pub fn get(&self, position: Position) -> Option<&OpenedContent> {
        self.0.get(&position)
    }

    /// Changes the content at a position, or takes it out. What is left matches its commitment no more.
    pub(super) fn change(&mut self, position: Position, to: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
        let Some(content) = self.0.remove(&position) else {
            return;
        };
        if let Some(json) = to(&content.json) {
            let changed = OpenedContent {
                salt: Digest([0; 32]),
                json: Zeroizing::new(json),
            };
            self.0.insert(position, changed);
        }
    }

    /// Takes in other contents.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl Ledger {
    /// Opens the contents of these events, as far as they are still there.
    pub(super) async fn open_contents(
        &self,
        tenant: &TenantId,
        events: &[&Recorded],
    ) -> Result<OpenedContents, LedgerError> {
        let committed: Vec<(&Recorded, Digest)> = events
            .iter()
            .filter_map(|event| Some((*event, event.envelope.content_commitment?)))
            .collect();
        let positions: Vec<Position> = committed.iter().map(|(event, _)| event.position).collect();
        let sealed = self.sealed_contents(tenant, &positions).await?;
        let wanted: BTreeSet<KeyId> = sealed.values().map(|content| content.key).collect();
        if wanted.is_empty() {
            return Ok(OpenedContents::default());
        }
        let wanted: Vec<KeyId> = wanted.into_iter().collect();
        let keys = self.parts.keyring.keys(tenant, &wanted).await?;
        let mut opened = BTreeMap::new();
        for (event, commitment) in committed {
            let Some(content) = sealed.get(&event.position) else {
                continue;
            };
            let Some(KeyState::Present(key)) = keys.get(&content.key) else {
                continue;
            };
            let binding = Binding {
                tenant,
                event: event.envelope.event_id,
                key_id: content.key,
            };
            let content = sealing::open(key, &binding, &content.ciphertext, &commitment)
                .map_err(|_| LedgerError::ContentUnreadable(event.position))?;
            opened.insert(
                event.position,
                OpenedContent {
                    salt: Digest(content.salt),
                    json: content.plaintext,
                },
            );
        }
        Ok(OpenedContents(opened))
    }

    async fn sealed_contents(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<BTreeMap<Position, Arc<SealedContent>>, LedgerError> {
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        for position in positions {
            match self.sealed.0.get(&(tenant.clone(), *position)) {
                Some(content) => drop(found.insert(*position, content)),
                None => missing.push(*position),
            }
        }
        if !missing.is_empty() {
            for (position, content) in self.parts.store.contents(tenant, &missing).await? {
                let content = Arc::new(content);
                self.sealed
                    .0
                    .insert((tenant.clone(), position), Arc::clone(&content));
                found.insert(position, content);
            }
        }
        Ok(found)
    }

    /// Forgets ciphertext that was deleted from the store.
    pub(super) fn forget_sealed(&self, tenant: &TenantId, positions: &[Position]) {
        for position in positions {
            self.sealed.0.remove(&(tenant.clone(), *position));
        }
    }
}
