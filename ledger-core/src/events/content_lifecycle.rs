//! The end of content: redaction of a part, erasure of a whole case. The events themselves stay.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{Code, DocumentId, Position},
};

/// Content that must not stay was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContentRedacted {
    /// The events whose content was deleted.
    pub targets: Vec<Position>,
    /// The documents whose keys were destroyed.
    pub documents: Vec<DocumentId>,
    /// Which of the profile's reasons.
    pub reason: Code,
    /// From then on no backup can hold it either.
    pub backups_end: Timestamp,
}

/// Why, in words that do not repeat what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContentRedactedContent {
    /// The reason.
    pub reason: String,
}

/// From here on everything about the case is denied, while its keys and contents are destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ErasureStarted {}

/// Keys and contents are gone. This event is the certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseErased {
    /// How many keys were destroyed.
    pub keys: u64,
    /// How many contents were deleted.
    pub contents: u64,
    /// From then on no backup can hold it either.
    pub backups_end: Timestamp,
}
