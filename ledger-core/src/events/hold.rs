//! Legal holds: what must not be erased although its time has come.

use serde::{Deserialize, Serialize};

use crate::ids::{Code, HoldId};

/// Nothing of the case is destroyed until the hold is lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldPlaced {
    /// Its id.
    pub hold: HoldId,
    /// Which of the profile's reasons.
    pub reason: Code,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldPlacedContent {
    /// The proceedings or the letter that asks for it.
    pub reference: String,
}

/// The hold ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldLifted {
    /// Which hold.
    pub hold: HoldId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldLiftedContent {
    /// The reason in words.
    pub reason: String,
}
