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
