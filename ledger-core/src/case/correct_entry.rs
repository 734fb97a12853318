//! Correct an entry that is wrong. It stays, visible as superseded; what must not stay is redacted instead
//! (GDPR article 16).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, requirement},
    events::{EntryCorrected, EntryCorrectedContent},
    ids::{CorrectionId, Position},
};

/// Corrects an entry.
#[derive(Debug, Clone)]
pub struct CorrectEntry {
    /// The event whose content is wrong.
    pub target: Position,
    /// What should stand there instead.
    pub text: String,
    /// Why it was wrong.
    pub reason: String,
}

impl CorrectEntry {
    /// `entry_corrected`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let v29 = requirement("V29");
        if !case.with_content.contains(&self.target) || case.redacted.contains(&self.target) {
            let message = format!(
                "position {} has no content of this case that is still there",
                self.target
            );
            let missing = Rejection::new(crate::command::RejectionCode::NotFound, message);
            return Err(missing.because(v29.as_ref()));
        }
        if self.text.trim().is_empty() {
            let message = "text is empty; say what should stand there instead";
            return Err(Rejection::invalid(message).because(v29.as_ref()));
        }
        let content = EntryCorrectedContent {
            text: command::text("text", &self.text)?,
            reason: command::text("reason", &self.reason)?,
        };
        let facts = EntryCorrected {
            correction: CorrectionId::generate(setting.now, setting.entropy),
            target: self.target,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
