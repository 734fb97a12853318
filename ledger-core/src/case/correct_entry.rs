//! Correct an entry that is wrong. It stays, visible as superseded; what must not stay is redacted instead
//! (GDPR article 16).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting},
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
        if !case.with_content.contains(&self.target) || case.redacted.contains(&self.target) {
            let message = format!(
                "position {} has no content of this case that is still there",
                self.target
            );
            let missing = Rejection::new(crate::command::RejectionCode::NotFound, message);
            return Err(missing);
        }
        if self.text.trim().is_empty() {
            let message = "text is empty; say what should stand there instead";
            return Err(Rejection::invalid(message));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Noughts, content, given, moved, now, opened, wrote};
    use crate::command::RejectionCode;

    fn correct(position: u64, text: &str) -> CorrectEntry {
        CorrectEntry {
            target: Position(position),
            text: text.to_owned(),
            reason: "Feil dag".to_owned(),
        }
    }

    #[test]
    fn what_is_right_stands_beside_what_was_wrong() {
        let facts = EntryCorrected {
            correction: CorrectionId::generate(now(), &Noughts),
            target: Position(2),
        };
        let [event] = given([opened(), wrote()])
            .when(correct(2, "Måndag"))
            .then([facts.into()]);
        assert_eq!(content::<EntryCorrectedContent>(&event).text, "Måndag");
    }

    #[test]
    fn it_corrects_a_content_that_is_there_and_says_something() {
        for nothing_there in [3, 4] {
            given([opened(), wrote(), moved("active", "passive")])
                .when(correct(nothing_there, "Måndag"))
                .rejected(RejectionCode::NotFound)
                .because("V29");
        }
        given([opened(), wrote()])
            .when(correct(2, " "))
            .rejected(RejectionCode::Invalid)
            .because("V29");
    }
}
