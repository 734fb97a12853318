//! Signed heads and receipts. A few times a second the service publishes the newest head: it is remembered in the key
//! store first, then signed and served, so that no restored backup can ever be shown as the present.

use super::{Ledger, LedgerError};
use crate::{
    events::Event,
    ids::{Digest, Position, StreamId, TenantId},
    log::{
        self, NodeRange, NodeSource, Origin, Receipt, SignedHead, SigningKey, TilePath, TreeError,
        TreeHead, VerifierKey,
    },
    sealing::{KeyringError, PublishedHead},
    store::LATEST_HEAD,
};

/// The name of the head that the old and the new key signed when the key was changed.
pub(super) fn rotation_name(position: Position) -> String {
    format!("rotation-{position}")
}

impl Ledger {
    /// Publishes the newest head, if there is a newer one than was published.
    ///
    /// # Errors
    /// [`LedgerError::Restored`] if the database holds less than was published, or something else.
    pub async fn publish(&self, tenant: &TenantId) -> Result<SignedHead, LedgerError> {
        loop {
            let tip = self.parts.store.tip(tenant).await?;
            let (size, root) = (tip.frontier.size(), tip.frontier.root());
            if let Some(served) = self.head(tenant).await?
                && served.claimed().size == size
                && served.claimed().root == root
            {
                return Ok(served);
            }
            match self.publish_as(tenant, LATEST_HEAD, size, root).await {
                // Others append and publish too: only a ledger that is still smaller now was restored.
                Err(LedgerError::Restored { published, .. })
                    if size < published
                        && self.parts.store.tip(tenant).await?.frontier.size() >= published => {}
                outcome => return outcome,
            }
        }
    }

    /// Remembers, signs and serves a head under a name.
    pub(super) async fn publish_as(
        &self,
        tenant: &TenantId,
        name: &str,
        size: u64,
        root: Digest,
    ) -> Result<SignedHead, LedgerError> {
        let origin = self.origin(tenant).await?;
        let head = PublishedHead {
            size,
            root,
            at: self.now(),
        };
        self.parts
            .keyring
            .remember_published(tenant, origin.as_str(), head)
            .await
            .map_err(|error| match error {
                KeyringError::BelowPublished { published, offered }
                    if offered.size <= published.size =>
                {
                    LedgerError::Restored {
                        found: offered.size,
                        published: published.size,
                    }
                }
                error => error.into(),
            })?;
        let keys = self.signing_keys(tenant, &origin).await?;
        let keys: Vec<&SigningKey> = keys.iter().collect();
        let signed = SignedHead::sign(TreeHead { origin, size, root }, &keys)?;
        self.parts
            .store
            .publish_head(tenant, name, size, &signed.to_string())
            .await?;
        Ok(signed)
    }

    /// The newest head that was published.
    pub async fn head(&self, tenant: &TenantId) -> Result<Option<SignedHead>, LedgerError> {
        self.named_head(tenant, LATEST_HEAD).await
    }

    /// A head that was published under a name.
    pub async fn named_head(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<SignedHead>, LedgerError> {
        match self.parts.store.published_head(tenant, name).await? {
            None => Ok(None),
            Some(text) => Ok(Some(text.parse()?)),
        }
    }

    /// Where the signing key was changed, oldest first: each has a head that the old and the new key signed.
    pub async fn rotations(&self, tenant: &TenantId) -> Result<Vec<Position>, LedgerError> {
        let events = self.read_after(tenant, &StreamId::Ledger, 0).await?;
        let rotated = events
            .iter()
            .filter(|event| matches!(event.event, Event::SigningKeyRotated(_)));
        Ok(rotated.map(|event| event.position).collect())
    }

    /// The head of a change of the signing key, signed by the old and the new key.
    pub async fn rotation_head(
        &self,
        tenant: &TenantId,
        position: Position,
    ) -> Result<Option<SignedHead>, LedgerError> {
        self.named_head(tenant, &rotation_name(position)).await
    }

    /// Every key that signs or has signed this ledger's heads, oldest first.
    pub async fn verifier_keys(&self, tenant: &TenantId) -> Result<Vec<VerifierKey>, LedgerError> {
        let origin = self.origin(tenant).await?;
        let seeds = self.parts.keyring.signing_seeds(tenant).await?;
        let keys = seeds
            .iter()
            .map(|stored| SigningKey::from_seed(origin.clone(), stored.seed.expose()));
        Ok(keys.map(|key| key.verifier().clone()).collect())
    }

    /// A receipt for a position: anyone can verify it with the public key alone. Publishes, if it is not covered yet.
    pub async fn receipt(
        &self,
        tenant: &TenantId,
        position: Position,
    ) -> Result<Receipt, LedgerError> {
        let mut receipts = self.receipts(tenant, &[position]).await?;
        receipts.pop().ok_or(LedgerError::NotFound)
    }

    /// Receipts for several positions under one head.
    pub async fn receipts(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<Receipt>, LedgerError> {
        let covers = |head: &SignedHead| {
            positions
                .iter()
                .all(|position| head.claimed().covers(*position))
        };
        let signed_head = match self.head(tenant).await? {
            Some(head) if covers(&head) => head,
            _ => self.publish(tenant).await?,
        };
        if !covers(&signed_head) {
            return Err(LedgerError::NotFound);
        }
        let size = signed_head.claimed().size;
        let plan = log::inclusion_plan(positions.iter().copied(), size)?;
        let source = self.hashes(tenant, &plan).await?;
        let entries = self.parts.store.read_at(tenant, positions).await?;
        let mut receipts = Vec::with_capacity(positions.len());
        for position in positions {
            let found = entries
                .binary_search_by_key(position, |entry| entry.position)
                .map_err(|_| LedgerError::NotFound)?;
            let leaf_entry = entries[found].leaf_entry;
            let inclusion_proof = log::inclusion_proof(*position, size, &source)?;
            receipts.push(Receipt {
                position: *position,
                leaf_entry,
                inclusion_proof,
                signed_head: signed_head.clone(),
            });
        }
        Ok(receipts)
    }

    /// Proof that the ledger of `new` events begins with the ledger of `old` events; both at most what was published.
    pub async fn consistency(
        &self,
        tenant: &TenantId,
        old: u64,
        new: u64,
    ) -> Result<Vec<Digest>, LedgerError> {
        let published = self
            .head(tenant)
            .await?
            .map_or(0, |head| head.claimed().size);
        if new > published {
            return Err(LedgerError::NotFound);
        }
        let plan = log::consistency_plan(old, new)?;
        let source = self.hashes(tenant, &plan).await?;
        Ok(log::consistency_proof(old, new, &source)?)
    }

    /// A tile of the published tree, in the bytes of C2SP tlog-tiles.
    pub async fn tile(&self, tenant: &TenantId, path: &TilePath) -> Result<Vec<u8>, LedgerError> {
        let published = self
            .head(tenant)
            .await?
            .map_or(0, |head| head.claimed().size);
        let tile = path.tile();
        if !tile.is_within(published) {
            return Err(LedgerError::NotFound);
        }
        let range = tile.node_range();
        let store = &self.parts.store;
        let hashes: Vec<Digest> = if range.level == 0 {
            store.leaf_entries(tenant, range.start, range.end).await?
        } else {
            let stored = store.subtree_hashes(tenant, range.level, range.start, range.end);
            stored.await?.iter().map(|subtree| subtree.hash).collect()
        };
        // A tile is kept for long by whoever fetches it: one with a gap must never leave.
        if hashes.len() != usize::from(tile.width()) {
            return Err(TreeError::Missing {
                level: range.level,
                index: range.start,
            }
            .into());
        }
        Ok(match path {
            TilePath::Entries(_) => log::encode_entry_bundle(&hashes),
            TilePath::Hashes(_) if range.level == 0 => {
                log::encode_hash_tile(&hashes.into_iter().map(log::leaf_hash).collect::<Vec<_>>())
            }
            TilePath::Hashes(_) => log::encode_hash_tile(&hashes),
        })
    }

    /// The hashes that a proof is made of.
    pub(super) async fn hashes(
        &self,
        tenant: &TenantId,
        plan: &[NodeRange],
    ) -> Result<NodeSource, LedgerError> {
        let mut source = NodeSource::default();
        for range in plan {
            if range.level == 0 {
                let entries = self
                    .parts
                    .store
                    .leaf_entries(tenant, range.start, range.end)
                    .await?;
                source.insert_leaf_entries(range.start, &entries);
            } else {
                let subtrees = self
                    .parts
                    .store
                    .subtree_hashes(tenant, range.level, range.start, range.end)
                    .await?;
                source.insert_subtrees(
                    range.level,
                    range.start,
                    subtrees.iter().map(|subtree| subtree.hash).collect(),
                );
            }
        }
        Ok(source)
    }

    /// The name under which the ledger's heads are published.
    pub async fn origin(&self, tenant: &TenantId) -> Result<Origin, LedgerError> {
        let origin = self.parts.keyring.origin(tenant).await?;
        let origin = origin.ok_or_else(|| KeyringError::UnknownTenant(tenant.clone()))?;
        origin
            .name
            .parse()
            .map_err(|_| LedgerError::KeyStoreContent { what: "the origin" })
    }

    /// The keys that sign now: two while one takes over from the other.
    pub(super) async fn signing_keys(
        &self,
        tenant: &TenantId,
        origin: &Origin,
    ) -> Result<Vec<SigningKey>, LedgerError> {
        let seeds = self.parts.keyring.signing_seeds(tenant).await?;
        let active = seeds.iter().filter(|stored| stored.retired_at.is_none());
        Ok(active
            .map(|stored| SigningKey::from_seed(origin.clone(), stored.seed.expose()))
            .collect())
    }
}
