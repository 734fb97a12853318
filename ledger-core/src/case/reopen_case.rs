//! Take up a closed case again, by a right of its own (X10).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting},
    events::{CaseReopened, CaseReopenedContent},
};

/// Reopens a closed case.
#[derive(Debug, Clone)]
pub struct ReopenCase {
    /// Why, in words.
    pub reason: String,
}

impl ReopenCase {
    /// `case_reopened` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let moved = command::must_move(setting, Action::ReopenCase, case, case)?;
        let content = CaseReopenedContent {
            reason: command::text("reason", &self.reason)?,
        };
        Ok(vec![setting.sealed(CaseReopened {}, &content), moved])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        begun, closed, consent, gave, given, mother, moved, opened, planned, takes_part,
    };
    use crate::command::RejectionCode;

    #[test]
    fn a_closed_log_is_taken_up_where_it_was_or_from_the_beginning() {
        let reopen = || ReopenCase {
            reason: "Nytt behov".to_owned(),
        };
        let [case_closed, ended] = closed();
        let bare = vec![opened(), case_closed.clone(), ended.clone()];
        given(bare)
            .when(reopen())
            .then([CaseReopened {}.into(), moved("closed", "preparing")]);
        let at_work = [
            opened(),
            takes_part(mother(), "guardian"),
            gave(consent(), mother()).into(),
            planned(),
            begun(),
            case_closed,
            ended,
        ];
        given(at_work)
            .when(reopen())
            .then([CaseReopened {}.into(), moved("closed", "active")]);
        given([opened()])
            .when(reopen())
            .rejected(RejectionCode::WrongStatus)
            .because("X10");
    }
}
