//! What somebody was told before they were asked to consent to it (M7).

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{Code, OrganisationId, PartyId},
};

/// A member of the family was told what a consent would mean. Who told it, and when it was recorded, is in the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InformationGiven {
    /// Who was told.
    pub party: PartyId,
    /// Of what: the profile's items, in alphabetical order.
    pub items: Vec<Code>,
    /// Which organisation it was about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<OrganisationId>,
    /// When they were told.
    pub told_at: Timestamp,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InformationGivenContent {
    /// A remark, such as that an interpreter was there.
    pub remark: String,
}
