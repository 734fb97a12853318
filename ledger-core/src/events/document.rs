//! Documents: the event names and commits; the body lies sealed under a key of its own.

use serde::{Deserialize, Serialize};

use crate::ids::{Code, Digest, DocumentId};

/// A document is filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentAdded {
    /// Its id, which is also that of its key.
    pub document: DocumentId,
    /// The section of the log that it belongs to.
    pub section: Code,
    /// What kind of file: `pdf`, `png`, `jpeg`, `text`.
    pub format: Code,
    /// Length of the body in bytes.
    pub size_bytes: u64,
    /// `SHA-256(salt ‖ body)`; the salt is sealed with the body.
    pub body_commitment: Digest,
}

/// What it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentAddedContent {
    /// Its heading.
    pub title: String,
    /// The name of the file that was handed in.
    pub file_name: String,
}
