//! Breaking the glass: reading without the usual right, for a written reason and a limited time.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{AccountId, EmergencyId},
};

/// Somebody reads without the usual right from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GlassBroken {
    /// Its id.
    pub emergency: EmergencyId,
    /// Who.
    pub account: AccountId,
    /// First moment at which the right no longer holds.
    pub until: Timestamp,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GlassBrokenContent {
    /// The reason; it is never empty.
    pub reason: String,
}

/// The right ends before its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GlassMended {
    /// Which.
    pub emergency: EmergencyId,
}
