//! End the work in the log (V15, V16, X7).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{CaseClosed, CaseClosedContent},
    ids::{Code, KeyId, StreamId},
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
        if !setting.profile.reasons.closing.contains_key(&self.reason) {
            let known: Vec<&str> = setting
                .profile
                .reasons
                .closing
                .keys()
                .map(Code::as_str)
                .collect();
            let message = format!(
                "the profile has no reason {} for closing; it has {}",
                self.reason,
                known.join(", ")
            );
            return Err(Rejection::new(RejectionCode::NotInProfile, message));
        }
        let moved = moved_by(Action::CloseCase, case, setting)?;
        let content = CaseClosedContent {
            summary: command::text("summary", &self.summary)?,
        };
        let facts = CaseClosed {
            reason: self.reason,
        };
        Ok(vec![
            Decided::sealed(
                StreamId::Case(setting.case),
                facts,
                KeyId::Case(setting.case),
                &content,
            ),
            moved,
        ])
    }
}

/// The change of status that a command must bring, or why it cannot.
pub(super) fn moved_by(
    command: Action,
    case: &Case,
    setting: &Setting<'_>,
) -> Result<Decided, Rejection> {
    let status = case.status.as_ref();
    status
        .and_then(|status| command::transition(setting, command, &status.code))
        .ok_or_else(|| {
            let status = status.map_or("none", |status| status.code.as_str());
            Rejection::new(
                RejectionCode::WrongStatus,
                format!("{command} is not possible in the status {status}"),
            )
        })
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
