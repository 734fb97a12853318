//! Lift a legal hold.

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{HoldLifted, HoldLiftedContent},
    ids::HoldId,
};

/// Lifts a hold.
#[derive(Debug, Clone)]
pub struct LiftHold {
    /// Which hold.
    pub hold: HoldId,
    /// Why, in words.
    pub reason: String,
}

impl LiftHold {
    /// `hold_lifted`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let hold = case.holds.get(&self.hold);
        let hold = hold.ok_or_else(|| not_there("hold", self.hold))?;
        if hold.lifted.is_some() {
            let message = "the hold was lifted before";
            return Err(Rejection::already(message));
        }
        let content = HoldLiftedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = HoldLifted { hold: self.hold };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{case_after, code, given, hold, opened};
    use crate::command::RejectionCode;
    use crate::events::{Event, HoldPlaced};

    #[test]
    fn a_hold_is_lifted_once() {
        let lift = || LiftHold {
            hold: hold(),
            reason: "Tilsynet er avslutta".to_owned(),
        };
        let placed = || {
            Event::from(HoldPlaced {
                hold: hold(),
                reason: code("supervision"),
            })
        };
        let lifted = || Event::from(HoldLifted { hold: hold() });
        given([opened(), placed()]).when(lift()).then([lifted()]);
        assert!(!case_after([opened(), placed(), lifted()]).is_held());
        given([opened(), placed(), lifted()])
            .when(lift())
            .rejected(RejectionCode::AlreadyThere)
            .because("V19");
        given([opened()])
            .when(lift())
            .rejected(RejectionCode::NotFound)
            .because("V19");
    }
}
