//! The key store: every secret, and the two things that must outlive a restored backup.
//!
//! A keyring lives outside of the ledger's database, with backups of its own. It holds the keys; it remembers which keys were
//! destroyed, so that after a restore of the database erasures can be replayed; and it remembers the last
//! published tree head of each tenant, so that no restore can make the ledger publish an earlier past as its present.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;

use super::secret::{DataKey, IndexKey, SigningSeed};
use crate::{
    clock::Timestamp,
    ids::{Digest, KeyId, TenantId},
};

/// What the key store knows of one data key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It exists.
    Present(DataKey),
    /// It was destroyed; what it sealed can never be read again.
    Destroyed {
        /// When.
        at: Timestamp,
    },
    /// It was never made.
    Unknown,
}

/// Why a key was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Destruction {
    /// The case it belongs to was erased.
    CaseErased,
    /// The document it sealed was redacted.
    DocumentRedacted,
    /// The packed copy that it sealed was no longer needed.
    WorkingCopyDestroyed,
    /// The last case of the log was erased.
    ImportErased,
}

impl Destruction {
    /// The word that stores keep.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CaseErased => "case_erased",
            Self::DocumentRedacted => "document_redacted",
            Self::WorkingCopyDestroyed => "working_copy_destroyed",
            Self::ImportErased => "import_erased",
        }
    }

    /// The reason that a store kept as this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::CaseErased,
            Self::DocumentRedacted,
            Self::WorkingCopyDestroyed,
            Self::ImportErased,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == word)
    }
}

/// A key that was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DestroyedKey {
    /// Which key.
    pub id: KeyId,
    /// When; the first time, if it was asked for again.
    pub at: Timestamp,
    /// Why.
    pub reason: Destruction,
}

/// A key that signs tree heads, as the key store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSigningKey {
    /// Which of the tenant's signing keys, from 1.
    pub number: u32,
    /// The secret half.
    pub seed: SigningSeed,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// Since when it signs nothing any more; `None` while it is in use.
    pub retired_at: Option<Timestamp>,
}

/// The name under which a tenant's tree heads are published (the first line of a C2SP checkpoint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// For example `caseledger.example/solvik`.
    pub name: Box<str>,
    /// Since when.
    pub opened_at: Timestamp,
}

/// A tree head that was shown to the world, or is about to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedHead {
    /// Number of events.
    pub size: u64,
    /// Root of their Merkle tree.
    pub root: Digest,
    /// When it was published.
    pub at: Timestamp,
}

impl PublishedHead {
    /// Whether `offered` may be published after this head: larger, or the very same tree.
    pub fn admits(&self, offered: &Self) -> bool {
        offered.size > self.size || (offered.size == self.size && offered.root == self.root)
    }
}

impl fmt::Display for PublishedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "size {} with root {}", self.size, self.root)
    }
}

/// What went wrong further down; kept for the log, not shown in messages.
pub type KeyringSource = Arc<dyn std::error::Error + Send + Sync>;

/// Why the key store did not do what was asked. Nothing was changed, unless [`KeyringError::Storage`] says otherwise.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyringError {
    /// No such tenant here.
    #[error(
        "the key store holds no tenant {0}: open the tenant first, or check that this key store belongs to this ledger"
    )]
    UnknownTenant(TenantId),
    /// The key was destroyed and can never be made again.
    #[error(
        "key {0} was destroyed: what it sealed cannot be read and nothing new can be sealed with it"
    )]
    Destroyed(KeyId),
    /// The tenant publishes under another origin.
    #[error(
        "tenant {tenant} publishes under the origin {remembered:?}, not {offered:?}: correct the configured origin; only recovery from a restored backup opens a new one"
    )]
    OriginDiffers {
        /// Whose origin.
        tenant: TenantId,
        /// What the key store remembers.
        remembered: Box<str>,
        /// What was offered.
        offered: Box<str>,
    },
    /// An origin is never used for two histories.
    #[error(
        "tenant {tenant} has already published under the origin {origin:?} and left it: choose one that was never used"
    )]
    OriginUsedBefore {
        /// Whose origin.
        tenant: TenantId,
        /// What was offered.
        origin: Box<str>,
    },
    /// A head that would take back what was published.
    #[error(
        "refusing to publish {offered}: {published} was already published; the ledger's database was restored from an older backup or has forked: replay the erasures and open a new origin"
    )]
    BelowPublished {
        /// What the key store remembers.
        published: PublishedHead,
        /// What was offered.
        offered: PublishedHead,
    },
    /// No such signing key.
    #[error(
        "tenant {tenant} has no signing key number {number}: list its signing keys and choose one"
    )]
    UnknownSigningKey {
        /// Whose key.
        tenant: TenantId,
        /// Which one.
        number: u32,
    },
    /// The ledger could not sign any more.
    #[error(
        "signing key number {number} is the only one of tenant {tenant} in use: add another before retiring it"
    )]
    LastSigningKey {
        /// Whose key.
        tenant: TenantId,
        /// Which one.
        number: u32,
    },
    /// The key store was made with another master key.
    #[error(
        "the master key does not belong to this key store: give the one it was made with; without it nothing in the ledger can be read"
    )]
    WrongMasterKey,
    /// A stored secret or value cannot be read.
    #[error("the key store is damaged at {what}: restore it from its own backup")]
    Damaged {
        /// Which record.
        what: String,
    },
    /// Others than the owner may read the key store.
    #[error(
        "{path} can be read by others (mode {mode:o}): run `chmod {wanted:o}` on it and start again"
    )]
    OpenToOthers {
        /// File or folder.
        path: String,
        /// Its permission bits.
        mode: u32,
        /// The permission bits that are accepted.
        wanted: u32,
    },
    /// Written by a later version of this program.
    #[error(
        "the key store has format {found}, this program knows formats up to {known}: run the newer program"
    )]
    NewerFormat {
        /// What the file says.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// The disk or the database below has failed. Whether a change was made is uncertain; repeating it is safe.
    #[error(
        "the key store could not {doing}: check its disk, its permissions and what else has it open, then try again"
    )]
    Storage {
        /// What was being done.
        doing: &'static str,
        /// The failure below.
        #[source]
        source: KeyringSource,
    },
    /// The key store's thread has ended.
    #[error("the key store has stopped: restart the service and look for the cause in its log")]
    Stopped,
}

/// Holds the keys of all tenants.
///
/// Every change is durable when its call returns. Every change may be repeated: a caller that does not know
/// whether it succeeded asks again. Several processes may share one store, and each sees what the others have done.
#[async_trait]
pub trait Keyring: Send + Sync {
    /// Makes the tenant's own key, its index key and its first signing key, and remembers the origin it publishes under.
    /// Does nothing if the tenant is open under the same origin; [`KeyringError::OriginDiffers`] if under another.
    async fn open_tenant(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError>;

    /// Goes over to a new origin, under which nothing is published yet: how a ledger restored from an old
    /// backup goes on without contradicting itself. Earlier origins stay listed, with what was published under them,
    /// and cannot be used again. Does nothing if this is the current origin.
    async fn open_new_origin(
        &self,
        tenant: &TenantId,
        origin: &str,
        now: Timestamp,
    ) -> Result<(), KeyringError>;

    /// The origin the tenant publishes under; `None` if the tenant is not open here.
    async fn origin(&self, tenant: &TenantId) -> Result<Option<Origin>, KeyringError> {
        match self.origins(tenant).await {
            Ok(mut origins) => Ok(origins.pop().map(|(origin, _)| origin)),
            Err(KeyringError::UnknownTenant(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every origin the tenant has published under, the current one last, each with the last head published under it.
    async fn origins(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<(Origin, Option<PublishedHead>)>, KeyringError>;

    /// Gives the data keys, making those that do not exist yet. Fails as a whole, making none, with
    /// [`KeyringError::Destroyed`] if one of them was destroyed.
    async fn create(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, DataKey>, KeyringError>;

    /// What is known of each of the data keys; the answer has an entry for every id.
    async fn keys(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
    ) -> Result<HashMap<KeyId, KeyState>, KeyringError>;

    /// Destroys data keys for ever, and remembers that. Ids that were never made are remembered too, so that they
    /// never will be; those destroyed before keep the date and reason of the first time.
    async fn destroy(
        &self,
        tenant: &TenantId,
        ids: &[KeyId],
        at: Timestamp,
        why: Destruction,
    ) -> Result<(), KeyringError>;

    /// Every key that was destroyed, in the order of destruction.
    async fn destroyed(&self, tenant: &TenantId) -> Result<Vec<DestroyedKey>, KeyringError>;

    /// The key of the tenant's blind indexes.
    async fn index_key(&self, tenant: &TenantId) -> Result<IndexKey, KeyringError>;

    /// Every signing key, retired ones included, newest last.
    async fn signing_seeds(&self, tenant: &TenantId)
    -> Result<Vec<StoredSigningKey>, KeyringError>;

    /// Makes a new signing key and gives it. The one change that is not idempotent: each call makes a key.
    async fn add_signing_seed(
        &self,
        tenant: &TenantId,
        now: Timestamp,
    ) -> Result<StoredSigningKey, KeyringError>;

    /// Notes since when a signing key signs nothing any more; the first date stays. Refuses the only one in use.
    async fn retire_signing_seed(
        &self,
        tenant: &TenantId,
        number: u32,
        at: Timestamp,
    ) -> Result<(), KeyringError>;

    /// Remembers a head *before* it is shown to anyone. Refuses, with [`KeyringError::BelowPublished`], a smaller
    /// size than the one remembered, or the same size with another root; and, with [`KeyringError::OriginDiffers`], a head for an
    /// origin that is not the current one. A head that is remembered already keeps its time.
    async fn remember_published(
        &self,
        tenant: &TenantId,
        origin: &str,
        head: PublishedHead,
    ) -> Result<(), KeyringError>;

    /// The last head published under the current origin.
    async fn published(&self, tenant: &TenantId) -> Result<Option<PublishedHead>, KeyringError> {
        Ok(self.origins(tenant).await?.pop().and_then(|(_, head)| head))
    }
}
