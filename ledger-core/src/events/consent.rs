//! Consents: given, renewed, declined, withdrawn, found to be invalid (V7, V12, V18, V24, V26).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{Code, ConsentId, DocumentId, OrganisationId, PartyId};

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
    /// In which form it was given: one of the profile's, such as `digital` or `paper`; `unspecified` before that was
    /// asked.
    pub form: Code,
    /// The scanned form, where there is one (X5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<DocumentId>,
    /// The consent that it takes the place of (V26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<ConsentId>,
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

/// A member of the family says no to a consent that is asked for. It stands until the same party gives that consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentDeclined {
    /// To which of the profile's consents.
    pub kind: Code,
    /// Who says no.
    pub by: PartyId,
    /// The services that it was to let in; empty where the kind names none.
    pub services: Vec<OrganisationId>,
    /// The consents of theirs whose date has passed, and that are not given anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lapsed: Vec<ConsentId>,
}

/// What was said about it; no reason is ever asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentDeclinedContent {
    /// The reason, if one was given.
    pub reason: String,
}

/// A consent was never valid: given in the wrong name, or without having been understood. It ends at once; what was read
/// meanwhile was read without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentInvalidated {
    /// Which consent.
    pub consent: ConsentId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsentInvalidatedContent {
    /// The reason in words.
    pub reason: String,
}
