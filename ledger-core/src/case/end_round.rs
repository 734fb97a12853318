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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, given, opened, round,
        rounds::{discussed, in_a_round, kindkans, round_ended, round_until},
    };
    use crate::command::RejectionCode;

    fn after(events: impl IntoIterator<Item = crate::events::Event>) -> Outcome {
        let command = EndRound { round: round() };
        given(events).by_the_rules_of(kindkans()).when(command)
    }

    #[test]
    fn a_round_that_is_under_way_is_ended() {
        after(in_a_round([])).then([round_ended()]);
        // On its last day too.
        after([discussed(), round_until("2026-03-02")]).then([round_ended()]);
    }

    #[test]
    fn what_is_over_is_not_ended_again() {
        for over in [
            in_a_round([round_ended()]),
            vec![discussed(), round_until("2026-03-01")],
        ] {
            after(over)
                .rejected(RejectionCode::WrongStatus)
                .because("K5")
                .naming("the round is over");
        }
    }

    #[test]
    fn there_is_no_end_without_a_beginning() {
        after([discussed()])
            .rejected(RejectionCode::NotFound)
            .because("K5")
            .naming(&round().to_string());
        given([opened()])
            .when(EndRound { round: round() })
            .rejected(RejectionCode::NotInProfile);
    }
}
