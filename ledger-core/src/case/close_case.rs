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
