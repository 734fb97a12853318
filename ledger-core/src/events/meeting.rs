//! Meetings: planned, moved, held, cancelled (V1).

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    ids::{MeetingId, PartyId},
};

/// A meeting is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingPlanned {
    /// Its id.
    pub meeting: MeetingId,
    /// When it begins.
    pub at: Timestamp,
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingPlannedContent {
    /// Its name.
    pub title: String,
    /// Where.
    pub place: String,
    /// What is to be spoken of.
    pub agenda: String,
}

/// A meeting will be at another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingMoved {
    /// Which meeting.
    pub meeting: MeetingId,
    /// When it begins.
    pub at: Timestamp,
}

/// A meeting was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingHeld {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Who was there.
    pub present: Vec<PartyId>,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingHeldContent {
    /// The minutes.
    pub minutes: String,
}

/// A meeting will not be held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingCancelled {
    /// Which meeting.
    pub meeting: MeetingId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MeetingCancelledContent {
    /// The reason in words.
    pub reason: String,
}
