//! The life of a case: cleared, opened, changed in status, resting, closed (in agreement, or not), reopened, packaged, archived.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, CaseId, Code, Digest, OrganisationId, PartyId, Position, ProfileId};

/// A case begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseOpened {
    /// Its id.
    pub case: CaseId,
    /// The system whose rules it follows.
    pub profile: ProfileId,
    /// The unit that is responsible.
    pub unit: OrganisationId,
    /// The status in which it begins.
    pub status: Code,
    /// What is asked for, where the system knows several kinds of request (K1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Code>,
    /// The organisation at whose desk it is to be discussed (K2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_to: Option<OrganisationId>,
}

/// Whom it is about, and what the concern is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseOpenedContent {
    /// The child's name.
    pub child_name: String,
    /// The child's national identity number, for finding the case again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_id: Option<String>,
    /// The day on which the child was born, for coming of age (X3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Why the case is opened.
    pub concern: String,
}

/// The case moves on to another status of its profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusChanged {
    /// The status it leaves.
    pub from: Code,
    /// The status it has now.
    pub to: Code,
}

/// Somebody agrees that the case is closed for a reason. It counts until it is taken back, and until the case is
/// reopened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClosingAgreed {
    /// Who agrees: for themselves, or for the service for which they take part.
    pub party: PartyId,
    /// Which of the profile's reasons.
    pub reason: Code,
}

/// Somebody does not agree any more that the case is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClosingAgreementTakenBack {
    /// Who.
    pub party: PartyId,
    /// Which of the profile's reasons.
    pub reason: Code,
}

/// The work in the log has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseClosed {
    /// Which of the profile's reasons (V15, V16, X7).
    pub reason: Code,
}

/// The reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseClosedContent {
    /// How it ended.
    pub summary: String,
}

/// An archive package was made and is committed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PackageBuilt {
    /// Which format.
    pub format: Code,
    /// SHA-256 of the package's `manifest-sha256.txt`, which in turn names every file of the payload.
    pub manifest_sha256: Digest,
    /// The last position that the package covers.
    pub cut: Position,
    /// The last version of the case's own stream within the cut.
    pub case_version: u64,
    /// The last version of its views within the cut.
    pub views_version: u64,
}

/// The content is kept by the archive from here on (V19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseArchived {
    /// The package that the archive has confirmed, by the position of its `package_built`.
    pub package: Position,
}

/// What the archive answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseArchivedContent {
    /// The archive's own reference or receipt.
    pub reference: String,
}

/// The nearest leader has cleared that a case is opened (V23). It stands first in the stream of the case that may now be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpeningCleared {
    /// The case that may be opened.
    pub case: CaseId,
    /// The system whose rules it will follow.
    pub profile: ProfileId,
    /// The unit that will be responsible.
    pub unit: OrganisationId,
    /// Who may open it.
    pub account: AccountId,
}

/// The situation of the child has changed so much that consent is to be asked anew (V27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SituationChanged {}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SituationChangedContent {
    /// In words.
    pub description: String,
}

/// The case rests, because the family wishes it (V16).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseRested {}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseRestedContent {
    /// What was said; nobody has to give a reason.
    pub reason: String,
}

/// The case is worked in again (V17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResumed {}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseResumedContent {
    /// The reason in words.
    pub reason: String,
}

/// A closed case is taken up again (X10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseReopened {}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CaseReopenedContent {
    /// The reason in words.
    pub reason: String,
}
