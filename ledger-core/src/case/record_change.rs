//! Record that the situation has changed substantially: consent is to be asked anew (V27).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{SituationChanged, SituationChangedContent},
};

/// Records a change.
#[derive(Debug, Clone)]
pub struct RecordChange {
    /// What has changed.
    pub description: String,
}

impl RecordChange {
    /// `situation_changed`. Consents go on until they end; what is due says that new ones are to be asked for.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if self.description.trim().is_empty() {
            let message = "description is empty; say what has changed";
            return Err(Rejection::invalid(message));
        }
        let content = SituationChangedContent {
            description: command::text("description", &self.description)?,
        };
        Ok(vec![setting.sealed(SituationChanged {}, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{case_after, content, given, opened};
    use crate::command::RejectionCode;

    #[test]
    fn a_change_is_told_and_asks_for_consent_anew() {
        let change = |text: &str| RecordChange {
            description: text.to_owned(),
        };
        let [event] = given([opened()])
            .when(change("Foreldra flyttar"))
            .then([SituationChanged {}.into()]);
        let sealed: SituationChangedContent = content(&event);
        assert_eq!(sealed.description, "Foreldra flyttar");
        assert_eq!(
            case_after([opened(), SituationChanged {}.into()])
                .changes
                .len(),
            1
        );
        given([opened()])
            .when(change(" "))
            .rejected(RejectionCode::Invalid)
            .because("V27");
    }
}
