//! Who takes part in a case.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Code, OrganisationId, PartyId};

/// A person or unit takes part from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyAdded {
    /// The id made for this case.
    pub party: PartyId,
    /// Its role in the case.
    pub role: Code,
    /// The account of a member of staff. A family's accounts are content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<AccountId>,
    /// The service for which a member of staff takes part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<OrganisationId>,
}

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyAddedContent {
    /// The name.
    pub name: String,
    /// The account of a member of the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The task of somebody who works with the case (V5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
}

/// A party no longer takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyRemoved {
    /// Which party.
    pub party: PartyId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartyRemovedContent {
    /// The reason in words.
    pub reason: String,
}

/// A young person is old enough to consent on their own behalf (X3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameOfAge {
    /// As which party they take part.
    pub party: PartyId,
}

/// What it was seen from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CameOfAgeContent {
    /// The day on which they were born.
    pub birth_date: NaiveDate,
}
