//! Place a legal hold: nothing of the case is destroyed until it is lifted.

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_in_profile},
    events::{HoldPlaced, HoldPlacedContent},
    ids::{Code, HoldId},
};

/// Places a hold.
#[derive(Debug, Clone)]
pub struct PlaceHold {
    /// Which of the profile's reasons.
    pub reason: Code,
    /// The proceedings or the letter that asks for it.
    pub reference: String,
}

impl PlaceHold {
    /// `hold_placed`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let reasons = &setting.profile.reasons.hold;
        if !reasons.contains_key(&self.reason) {
            let unknown = not_in_profile("reason for a hold", &self.reason, reasons.keys());
            return Err(unknown);
        }
        let content = HoldPlacedContent {
            reference: command::line("reference", &self.reference)?,
        };
        let facts = HoldPlaced {
            hold: HoldId::generate(setting.now, setting.entropy),
            reason: self.reason,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Noughts, case_after, code, content, given, now, opened};
    use crate::command::RejectionCode;

    #[test]
    fn a_hold_has_a_reason_of_the_profile_and_a_reference() {
        let place = |reason: &str, reference: &str| PlaceHold {
            reason: code(reason),
            reference: reference.to_owned(),
        };
        let facts = HoldPlaced {
            hold: HoldId::generate(now(), &Noughts),
            reason: code("supervision"),
        };
        let [event] = given([opened()])
            .when(place("supervision", "2026/204"))
            .then([facts.clone().into()]);
        assert_eq!(content::<HoldPlacedContent>(&event).reference, "2026/204");
        assert!(case_after([opened(), facts.into()]).is_held());
        given([opened()])
            .when(place("curiosity", "2026/204"))
            .rejected(RejectionCode::NotInProfile)
            .because("V19");
        given([opened()])
            .when(place("supervision", ""))
            .rejected(RejectionCode::Invalid)
            .naming("reference");
    }
}
