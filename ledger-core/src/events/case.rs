//! The life of a case: opened, changed in status, closed, packaged, archived.

use serde::{Deserialize, Serialize};

use crate::ids::{CaseId, Code, Digest, OrganisationId, Position, ProfileId};

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
