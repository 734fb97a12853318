//! Declare that a consent was never valid. It ends at once, and what was read meanwhile was read without it.

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting, not_there},
    events::{ConsentInvalidated, ConsentInvalidatedContent},
    ids::{ConsentId, Position},
};

/// Declares a consent invalid.
#[derive(Debug, Clone)]
pub struct InvalidateConsent {
    /// Which consent.
    pub consent: ConsentId,
    /// Why; never empty.
    pub reason: String,
}

impl InvalidateConsent {
    /// `consent_invalidated`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let consent = case.consents.get(&self.consent);
        let consent = consent.ok_or_else(|| not_there("consent", self.consent))?;
        if consent.invalidated.is_some() {
            let message = "the consent was declared invalid before";
            return Err(Rejection::already(message));
        }
        consent.taken_back_by(setting.party, case, setting)?;
        if self.reason.trim().is_empty() {
            let message = "reason is empty; say why the consent was not valid";
            return Err(Rejection::invalid(message));
        }
        let mut after = case.clone();
        if let Some(consent) = after.consents.get_mut(&self.consent) {
            consent.invalidated = Some(Position(0));
        }
        let content = ConsentInvalidatedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = ConsentInvalidated {
            consent: self.consent,
        };
        let invalidated = setting.sealed(facts, &content);
        let moved = command::transition(setting, Action::InvalidateConsent, case, &after);
        Ok([Some(invalidated), moved].into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        consent, content, gave, given, in_preparation, mother, moved, opened, takes_part, young,
    };
    use crate::command::RejectionCode;
    use crate::events::{CameOfAge, Event};

    fn consented() -> [Event; 4] {
        [
            in_preparation(),
            takes_part(mother(), "guardian"),
            takes_part(young(), "young_person"),
            gave(consent(), mother()).into(),
        ]
    }

    fn invalidate(reason: &str) -> InvalidateConsent {
        InvalidateConsent {
            consent: consent(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_consent_that_was_never_valid_ends_the_log() {
        let found = || Event::from(ConsentInvalidated { consent: consent() });
        let [event, _] = given(consented())
            .when(invalidate("Feil namn"))
            .then([found(), moved("preparing", "withdrawn")]);
        assert_eq!(
            content::<ConsentInvalidatedContent>(&event).reason,
            "Feil namn"
        );
        given(consented().into_iter().chain([found()]))
            .when(invalidate("Feil namn"))
            .rejected(RejectionCode::AlreadyThere)
            .because("V24");
    }

    #[test]
    fn somebody_says_why_and_it_was_given() {
        given(consented())
            .when(invalidate(" "))
            .rejected(RejectionCode::Invalid)
            .because("V24");
        given([opened()])
            .when(invalidate("Feil namn"))
            .rejected(RejectionCode::NotFound)
            .because("V24");
    }

    #[test]
    fn what_a_young_person_of_age_consented_to_is_not_for_the_guardians_to_undo() {
        let own = || {
            [
                in_preparation(),
                takes_part(mother(), "guardian"),
                takes_part(young(), "young_person"),
                CameOfAge { party: young() }.into(),
                gave(consent(), young()).into(),
            ]
        };
        given(own())
            .by(mother())
            .when(invalidate("Eg vil ikkje"))
            .rejected(RejectionCode::Invalid)
            .because("X3");
        given(own())
            .by(young())
            .when(invalidate("Eg forstod det ikkje"))
            .0
            .expect("it is theirs");
    }
}
