//! Corrections: what was written stays, and what is right stands beside it (GDPR article 16).

use serde::{Deserialize, Serialize};

use crate::ids::{CorrectionId, Position};

/// An entry is wrong. It stays visible as superseded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryCorrected {
    /// Its id.
    pub correction: CorrectionId,
    /// The event whose content is wrong.
    pub target: Position,
}

/// What is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntryCorrectedContent {
    /// What should stand there instead.
    pub text: String,
    /// Why it was wrong.
    pub reason: String,
}
