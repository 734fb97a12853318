//! Consents: given and withdrawn (V7, V12, V18, V24).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{Code, ConsentId, OrganisationId, PartyId};

/// A member of the family allows something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentGiven {
    /// Its id.
    pub consent: ConsentId,
    /// Which of the profile's consents (V24).
    pub kind: Code,
    /// Who gives it.
    pub by: PartyId,
    /// The services that it lets in (V12); empty where the kind names none.
    pub services: Vec<OrganisationId>,
    /// First day on which it holds; none = from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    /// Last day on which it holds, in the profile's time zone (V26); none = until withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_through: Option<NaiveDate>,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentGivenContent {
    /// A remark, such as where the signed form is kept.
    pub remark: String,
}

/// A member of the family takes a consent back. It ends at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentWithdrawn {
    /// Which consent.
    pub consent: ConsentId,
    /// Who takes it back; any guardian may (V18).
    pub by: PartyId,
}

/// What was said about it; no reason is ever asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentWithdrawnContent {
    /// The reason, if one was given.
    pub reason: String,
}
