//! What counts as unusual reading: plain rules with thresholds, each of which says what it counts. Nobody is accused by
//! them; they show an auditor where to ask.

use serde::Deserialize;

use super::Requirement;

/// The rules of a system. What is left out is not looked for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnusualReading {
    /// Many cases in a short time.
    pub burst: Option<Burst>,
    /// Whether reading cases in which one takes no part is shown.
    #[serde(default)]
    pub outside_own_cases: bool,
    /// Reading a case so many days or more after one's last contribution to it.
    pub days_after_contribution: Option<u32>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}

/// Many cases in a short time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Burst {
    /// So many different cases, or more,
    pub cases: u32,
    /// within so many minutes.
    pub minutes: u32,
}
