//! Take up a case again that rested (V17).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting},
    events::{CaseResumed, CaseResumedContent},
};

/// Takes up a case that rested.
#[derive(Debug, Clone)]
pub struct ResumeCase {
    /// Why, in words.
    pub reason: String,
}

impl ResumeCase {
    /// `case_resumed` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let moved = command::must_move(setting, Action::ResumeCase, case, case)?;
        let content = CaseResumedContent {
            reason: command::text("reason", &self.reason)?,
        };
        Ok(vec![setting.sealed(CaseResumed {}, &content), moved])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        begun, consent, gave, given, in_preparation, mother, moved, opened, planned, takes_part,
    };
    use crate::command::RejectionCode;

    #[test]
    fn a_log_that_rested_in_preparation_is_taken_up_there_or_begins() {
        let resume = || ResumeCase {
            reason: String::new(),
        };
        let resting = || {
            vec![
                in_preparation(),
                takes_part(mother(), "guardian"),
                planned(),
                begun(),
                moved("preparing", "passive"),
            ]
        };
        given(resting())
            .when(resume())
            .then([CaseResumed {}.into(), moved("passive", "preparing")]);
        let consented = resting()
            .into_iter()
            .chain([gave(consent(), mother()).into()]);
        given(consented)
            .when(resume())
            .then([CaseResumed {}.into(), moved("passive", "active")]);
    }

    #[test]
    fn a_log_that_rests_is_taken_up_again_with_the_consent() {
        let resume = || ResumeCase {
            reason: String::new(),
        };
        let resting = || {
            vec![
                opened(),
                takes_part(mother(), "guardian"),
                moved("active", "passive"),
            ]
        };
        let consented = resting()
            .into_iter()
            .chain([gave(consent(), mother()).into()]);
        given(consented)
            .when(resume())
            .then([CaseResumed {}.into(), moved("passive", "active")]);
        for not_so in [resting(), vec![opened()]] {
            given(not_so)
                .when(resume())
                .rejected(RejectionCode::WrongStatus)
                .because("V17");
        }
    }
}
