//! Agreements: made with the family in a case (V2), signed by an organisation (processing of data, protocols).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AgreementId, Code, MeetingId, OrganisationId, PartyId, ProfileId};

/// Family and services have agreed on something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementMade {
    /// Its id.
    pub agreement: AgreementId,
    /// The meeting at which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<MeetingId>,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<PartyId>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<NaiveDate>,
}

/// What was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementMadeContent {
    /// In words.
    pub text: String,
}

/// What was agreed is done, or no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementSettled {
    /// Which agreement.
    pub agreement: AgreementId,
    /// Whether it was kept.
    pub kept: bool,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementSettledContent {
    /// In words.
    pub remark: String,
}

/// An organisation has signed an agreement, such as one on processing data on another's behalf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementSigned {
    /// Its id.
    pub agreement: AgreementId,
    /// Who signed.
    pub organisation: OrganisationId,
    /// What it is about: `data_processing`, `cooperation`, …
    pub kind: Code,
    /// First day on which it holds.
    pub valid_from: NaiveDate,
    /// Last day on which it holds; none = until it is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_through: Option<NaiveDate>,
    /// Whether, by it, whoever receives something on it is bound by professional secrecy (M4).
    #[serde(default, skip_serializing_if = "is_false")]
    pub bound_by_secrecy: bool,
    /// The other organisation that has signed it, where it is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<OrganisationId>,
    /// The system whose word `kind` is: only there it decides anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Where it is found, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementSignedContent {
    /// Its name.
    pub title: String,
    /// Where the signed text is kept.
    pub reference: String,
    /// What it says of each item that the profile asks for (M6).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<Code, String>,
    /// The mailbox that it names for what is sent on it (M13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<String>,
}

/// An agreement of an organisation no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementEnded {
    /// Which agreement.
    pub agreement: AgreementId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgreementEndedContent {
    /// The reason in words.
    pub reason: String,
}
