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
