//! Who saw what. Each is appended before anything is shown.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{AccountId, Code, DocumentId, Position},
};

/// The moment of the past that was shown; each part only if it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PastMoment {
    /// What was known when this was the last position of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_position: Option<Position>,
    /// What was known at this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_time: Option<Timestamp>,
    /// What had happened by this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_at: Option<Timestamp>,
}

/// A case was opened on a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseViewed {
    /// The sections that were shown.
    pub sections: Vec<Code>,
    /// Of these, the sections of which nothing was shown that was recorded before the case was reopened (S18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_earlier: Vec<Code>,
    /// The last version of the case that was shown.
    pub through_version: u64,
    /// The moment of the past that was shown; nothing for the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<PastMoment>,
}

/// A case stood in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseListed {}

/// A case was found by a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseFound {
    /// What was searched by.
    pub by: Code,
}

/// What was searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseFoundContent {
    /// The search term.
    pub term: String,
}

/// The sequence of events of a case was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimelineViewed {
    /// Whether contents were shown with it.
    pub with_content: bool,
    /// Whether nothing was shown that was recorded before the case was reopened (S18).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_earlier: bool,
    /// The last version of the case that was shown.
    pub through_version: u64,
    /// The moment of the past that was shown; nothing for the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<PastMoment>,
}

/// A case was followed: what had happened in it was shown as it happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseWatched {
    /// The sections whose contents were shown.
    pub sections: Vec<Code>,
    /// Of these, the sections of which nothing was shown that was recorded before the case was reopened (S18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_earlier: Vec<Code>,
    /// The events after this version of the case were shown,
    pub after_version: u64,
    /// up to this one; the same version where nothing had happened yet.
    pub through_version: u64,
}

/// A document, or the rest of one, was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DocumentDownloaded {
    /// Which document.
    pub document: DocumentId,
    /// The first byte handed out under this view; a long download is viewed anew every few seconds.
    pub from_byte: u64,
}

/// A case was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CasePrinted {
    /// The sections that were printed.
    pub sections: Vec<Code>,
    /// Of these, the sections of which nothing was shown that was recorded before the case was reopened (S18).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_earlier: Vec<Code>,
    /// The last version of the case that was printed.
    pub through_version: u64,
    /// The moment of the past that was printed; nothing for the present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<PastMoment>,
}

/// A package with the contents of a case was made for someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseExported {
    /// Which format.
    pub format: Code,
    /// The last position that it covers.
    pub cut: Position,
}

/// The log of a case, who did and saw what, was given out in a format of the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogExported {
    /// Which format.
    pub format: Code,
    /// Only what was recorded from this moment on,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// and before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the contents of the case went with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_content: bool,
    /// The last position of the ledger that it covers.
    pub cut: Position,
}

/// An auditor's question about a case was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditAnswered {
    /// `saw`, `could`, `why`, …: the action without its `audit_`.
    pub question: Code,
    /// The position as of which it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_position: Option<Position>,
    /// The moment as of which it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_time: Option<Timestamp>,
    /// The first moment of the time that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The person that it was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<AccountId>,
}

/// Someone asked and was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessRefused {
    /// What was asked for.
    pub action: Code,
    /// How many times since the last such event; refusals are gathered, so that nobody can flood the ledger.
    pub count: u64,
}
