//! End the work in the log (V15, V16, X7).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{CaseClosed, CaseClosedContent},
    ids::Code,
};

/// Closes a case.
#[derive(Debug, Clone)]
pub struct CloseCase {
    /// Which of the profile's reasons.
    pub reason: Code,
    /// How it ended, in words.
    pub summary: String,
}

impl CloseCase {
    /// `case_closed` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let reasons = &setting.profile.reasons.closing;
        if !reasons.contains_key(&self.reason) {
            let unknown = not_in_profile("reason for closing", &self.reason, reasons.keys());
            return Err(unknown);
        }
        if let Some(reason) = reasons.get(&self.reason) {
            let missing = case.missing_agreements(&self.reason, reason);
            if !missing.is_empty() {
                let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
                let message = format!(
                    "a case is closed for the reason {} in agreement; whose agreement is missing: {}",
                    self.reason,
                    missing.join(", ")
                );
                return Err(Rejection::new(RejectionCode::WrongStatus, message)
                    .because(reason.requirement.as_ref()));
            }
        }
        let moved = command::must_move(setting, Action::CloseCase, case, case)?;
        let content = CaseClosedContent {
            summary: command::text("summary", &self.summary)?,
        };
        let facts = CaseClosed {
            reason: self.reason,
        };
        Ok(vec![setting.sealed(facts, &content), moved])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{closed, code, content, given, opened};

    fn close() -> CloseCase {
        CloseCase {
            reason: code("thrives"),
            summary: "Barnet trivst".to_owned(),
        }
    }

    #[test]
    fn a_closed_case_says_why_and_moves_on() {
        let [case_closed, _] = given([opened()]).when(close()).then(closed());
        let sealed: CaseClosedContent = content(&case_closed);
        assert_eq!(sealed.summary, "Barnet trivst");
    }

    #[test]
    fn the_reason_must_be_one_of_the_profile() {
        let reason = code("boredom");
        given([opened()])
            .when(CloseCase { reason, ..close() })
            .rejected(RejectionCode::NotInProfile)
            .naming("boredom");
    }

    #[test]
    fn only_what_is_open_can_be_closed() {
        let [first, second] = closed();
        given([opened(), first, second])
            .when(close())
            .rejected(RejectionCode::WrongStatus)
            .naming("closed");
        given([]).when(close()).rejected(RejectionCode::WrongStatus);
    }

    #[test]
    fn the_summary_ends_somewhere() {
        let summary = "x".repeat(command::TEXT_CHARS_MAX + 1);
        given([opened()])
            .when(CloseCase { summary, ..close() })
            .rejected(RejectionCode::Invalid)
            .naming("summary");
    }
}
