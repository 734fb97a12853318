//! Services that take part in a case, and what they and their people do there (V4, V5).

use serde::{Deserialize, Serialize};

use crate::ids::{OrganisationId, PartyId};

/// A service takes part from here on. What its people may see depends on the consents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAdded {
    /// Which service.
    pub service: OrganisationId,
}

/// What it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceAddedContent {
    /// Its task in this case (V4).
    pub task: String,
}

/// A service no longer takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceRemoved {
    /// Which service.
    pub service: OrganisationId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceRemovedContent {
    /// The reason in words.
    pub reason: String,
}

/// Somebody who takes part has a task, instead of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskAssigned {
    /// Who.
    pub party: PartyId,
}

/// Which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TaskAssignedContent {
    /// The task in this case (V5).
    pub task: String,
}
