//! Referrals: a family is shown the way to another organisation, with or without data about it (M9).

use serde::{Deserialize, Serialize};

use crate::ids::{Code, OrganisationId, ReferralId};

/// A family is referred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferralMade {
    /// Its id.
    pub referral: ReferralId,
    /// Which of the profile's kinds.
    pub kind: Code,
    /// Which subtype of that kind.
    pub subtype: Code,
    /// Whether data may be handed over on it: as the profile said of the subtype at that time.
    pub shares_data: bool,
    /// To which organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<OrganisationId>,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferralMadeContent {
    /// What the family hopes for.
    pub remark: String,
}
