//! Organisations and their units.

use serde::{Deserialize, Serialize};

use crate::ids::{Code, OrganisationId};

/// A municipality's service, a school or a unit of one is known to the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationRegistered {
    /// Its id.
    pub organisation: OrganisationId,
    /// What kind: `school`, `health_service`, …
    pub kind: Code,
    /// The organisation that it is a unit of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationId>,
}

/// What people call it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationRegisteredContent {
    /// Its name.
    pub name: String,
}
