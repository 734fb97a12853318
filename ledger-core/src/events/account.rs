//! People who sign in, and the roles handed to them (X1).

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{AccountId, Code, OrganisationId, ProfileId},
};

/// An account may be used from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountActivated {
    /// Its id.
    pub account: AccountId,
    /// The employer of a member of staff; none for a member of a family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
}

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountActivatedContent {
    /// The person's name.
    pub name: String,
}

/// A role is handed to a person: in the whole tenant, or in one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleAssigned {
    /// To whom.
    pub account: AccountId,
    /// The system in which it counts: that by whose rules it was given. Nothing where it was given before there were
    /// several; it counts in all of them then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
    /// Which role of the profile.
    pub role: Code,
    /// In which unit; none = in the whole tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OrganisationId>,
    /// First moment at which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A role is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleEnded {
    /// From whom.
    pub account: AccountId,
    /// The system in which it counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
    /// Which role.
    pub role: Code,
    /// In which unit; none = in the whole tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OrganisationId>,
}

/// An account may not be used any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountDeactivated {
    /// Which account.
    pub account: AccountId,
}
