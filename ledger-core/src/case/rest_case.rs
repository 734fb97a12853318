//! Let a case rest, because the family wishes it (V16).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting},
    events::{CaseRested, CaseRestedContent},
};

/// Lets a case rest.
#[derive(Debug, Clone)]
pub struct RestCase {
    /// What was said; may be empty, because nobody has to give a reason.
    pub reason: String,
}

impl RestCase {
    /// `case_rested` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let moved = command::must_move(setting, Action::RestCase, case, case)?;
        let content = CaseRestedContent {
            reason: command::text("reason", &self.reason)?,
        };
        Ok(vec![setting.sealed(CaseRested {}, &content), moved])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{given, in_preparation, moved, opened};
    use crate::command::RejectionCode;

    fn rest() -> RestCase {
        RestCase {
            reason: String::new(),
        }
    }

    #[test]
    fn a_log_rests_at_any_time_without_a_reason() {
        given([opened()])
            .when(rest())
            .then([CaseRested {}.into(), moved("active", "passive")]);
        given([in_preparation()])
            .when(rest())
            .then([CaseRested {}.into(), moved("preparing", "passive")]);
    }

    #[test]
    fn a_log_that_rests_already_or_has_ended_does_not() {
        for status in ["passive", "withdrawn", "closed"] {
            given([opened(), moved("active", status)])
                .when(rest())
                .rejected(RejectionCode::WrongStatus)
                .because("V16")
                .naming(status);
        }
    }
}
