//! The baton handed over: offered by one, taken by the other (X2).

use serde::{Deserialize, Serialize};

use crate::ids::{Code, HandoverId, OrganisationId, PartyId};

/// The baton holder asks somebody to take the baton; until they do, nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatonOffered {
    /// Its id.
    pub handover: HandoverId,
    /// Who holds the baton.
    pub from: PartyId,
    /// Who is asked.
    pub to: PartyId,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatonOfferedContent {
    /// In words.
    pub message: String,
}

/// The baton is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatonAccepted {
    /// Which handover.
    pub handover: HandoverId,
    /// Who held it.
    pub from: PartyId,
    /// Who holds it now.
    pub to: PartyId,
    /// The role of whoever holds it.
    pub role: Code,
    /// The role that whoever held it has from now on.
    pub former_role: Code,
    /// The unit that is responsible from now on, where that is another one (V13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OrganisationId>,
}

/// The baton stays where it is: whoever was asked said no, or the offer was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatonDeclined {
    /// Which handover.
    pub handover: HandoverId,
    /// Who said so.
    pub by: PartyId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatonDeclinedContent {
    /// The reason in words.
    pub reason: String,
}
