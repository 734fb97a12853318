//! Notes.

use serde::{Deserialize, Serialize};

use crate::ids::{Code, NoteId};

/// A note is written into the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoteAdded {
    /// Its id.
    pub note: NoteId,
    /// The section of the log that it belongs to.
    pub section: Code,
}

/// The note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoteAddedContent {
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}
