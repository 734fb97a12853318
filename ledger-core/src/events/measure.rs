//! Measures: planned, begun, changed, evaluated, ended (V3, V14).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{Code, MeasureId, PartyId};

/// A measure is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasurePlanned {
    /// Its id.
    pub measure: MeasureId,
    /// Who sees to it (V3).
    pub responsible: PartyId,
    /// When it is to be evaluated (V3).
    pub evaluate_on: NaiveDate,
    /// When it is meant to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_on: Option<NaiveDate>,
    /// When it is meant to end; none = it goes on over time (V14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasurePlannedContent {
    /// Its name.
    pub title: String,
    /// What is done, how and with what aim.
    pub description: String,
    /// In what the child needs extra support (V14).
    pub development_area: String,
}

/// A measure is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureBegun {
    /// Which measure.
    pub measure: MeasureId,
}

/// A measure is planned anew: everything that is said here replaces what was said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureChanged {
    /// Which measure.
    pub measure: MeasureId,
    /// Who sees to it.
    pub responsible: PartyId,
    /// When it is to be evaluated.
    pub evaluate_on: NaiveDate,
    /// When it is meant to begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_on: Option<NaiveDate>,
    /// When it is meant to end; none = it goes on over time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<NaiveDate>,
}

/// A measure was evaluated, and goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureEvaluated {
    /// Which measure.
    pub measure: MeasureId,
    /// Which of the profile's effects.
    pub effect: Code,
    /// When it is to be evaluated next.
    pub evaluate_on: NaiveDate,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureEvaluatedContent {
    /// What those who worked together found.
    pub assessment: String,
}

/// A measure has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureEnded {
    /// Which measure.
    pub measure: MeasureId,
    /// Which of the profile's effects (V15).
    pub effect: Code,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeasureEndedContent {
    /// What those who worked together found.
    pub assessment: String,
}
