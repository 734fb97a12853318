//! Say no to the baton, or take the offer back (X2).

use super::{Case, accept_baton::open_handover};
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{BatonDeclined, BatonDeclinedContent},
    ids::HandoverId,
};

/// Ends an offer; the baton stays where it is.
#[derive(Debug, Clone)]
pub struct DeclineBaton {
    /// Which offer.
    pub handover: HandoverId,
    /// Why, in words.
    pub reason: String,
}

impl DeclineBaton {
    /// `baton_declined`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let handover = open_handover(case, self.handover)?;
        let concerned = [handover.from, handover.to];
        let by = setting.party.filter(|party| concerned.contains(party));
        let by = by.ok_or_else(|| {
            let message = "only whoever offered the baton or was asked to take it ends the offer";
            Rejection::invalid(message)
        })?;
        let content = BatonDeclinedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = BatonDeclined {
            handover: self.handover,
            by,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        case_after, code, colleague, content, given, handover, kolbein, mother, opened, school,
        teacher, torunn, works,
    };
    use crate::{
        command::RejectionCode,
        events::{BatonOffered, Event},
        ids::PartyId,
    };

    fn offered() -> [Event; 4] {
        let offer = BatonOffered {
            handover: handover(),
            from: teacher(),
            to: colleague(),
        };
        [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
            works(colleague(), "professional", kolbein(), school()),
            offer.into(),
        ]
    }

    fn declined(by: PartyId) -> Event {
        BatonDeclined {
            handover: handover(),
            by,
        }
        .into()
    }

    fn decline() -> DeclineBaton {
        DeclineBaton {
            handover: handover(),
            reason: "Har ikkje tid".to_owned(),
        }
    }

    #[test]
    fn who_was_asked_says_no_and_who_offered_takes_it_back() {
        for by in [colleague(), teacher()] {
            let [event] = given(offered()).by(by).when(decline()).then([declined(by)]);
            assert_eq!(
                content::<BatonDeclinedContent>(&event).reason,
                "Har ikkje tid"
            );
        }
        let after = case_after(offered().into_iter().chain([declined(colleague())]));
        assert_eq!(after.parties[&teacher()].role, code("baton_holder"));
    }

    #[test]
    fn nobody_else_ends_an_offer_and_nobody_twice() {
        given(offered())
            .by(mother())
            .when(decline())
            .rejected(RejectionCode::Invalid)
            .because("X2");
        given(offered().into_iter().chain([declined(colleague())]))
            .by(colleague())
            .when(decline())
            .rejected(RejectionCode::AlreadyThere)
            .because("X2");
    }
}
