//! The ledger's own events: opening, signing keys, recovery after a restore.

use serde::{Deserialize, Serialize};

use crate::ids::Digest;

/// A tenant's ledger begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerOpened {
    /// The Ed25519 public key that signs its heads.
    pub signing_key: Digest,
}

/// The name under which the log is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerOpenedContent {
    /// The origin line of its signed heads (C2SP tlog-checkpoint).
    pub origin: String,
}

/// Another key signs from here on. One head carries both signatures, so that trust passes from one to the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigningKeyRotated {
    /// The Ed25519 public key that signed until now.
    pub old_key: Digest,
    /// The one that signs from now on.
    pub new_key: Digest,
}

/// The database was restored from a backup older than what had been published; a new log begins under a new origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerRecovered {
    /// Size of the last head published under the former origin.
    pub published_size: u64,
    /// Its root.
    pub published_root: Digest,
    /// How many events the restored database held.
    pub restored_size: u64,
    /// The Ed25519 public key that signs under the new origin.
    pub signing_key: Digest,
}

/// The names of both logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerRecoveredContent {
    /// The origin that ended.
    pub former_origin: String,
    /// The origin that begins.
    pub origin: String,
}
