//! End a consultation round before its last day is over (K5). Its guests read no more.

use super::Case;
use crate::{
    command::{Decided, Rejection, Setting},
    events::RoundEnded,
    ids::RoundId,
};

/// Ends a round, at once.
#[derive(Debug, Clone)]
pub struct EndRound {
    /// Which round.
    pub round: RoundId,
}

impl EndRound {
    /// `round_ended`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        case.round_under_way(self.round, setting)?;
        Ok(vec![setting.bare(RoundEnded { round: self.round })])
    }
}
