//! Offer the baton to somebody. Until they take it, whoever holds it keeps it (X2).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_there},
    events::{BatonOffered, BatonOfferedContent},
    ids::{Code, HandoverId, PartyId},
    profile::Baton,
};

/// Offers the baton.
#[derive(Debug, Clone)]
pub struct OfferBaton {
    /// Who is asked.
    pub to: PartyId,
    /// What is said about it.
    pub message: String,
}

/// How the baton is handed over in this profile.
pub(super) fn baton<'a>(setting: &Setting<'a>) -> Result<&'a Baton, Rejection> {
    setting.profile.baton.as_ref().ok_or_else(|| {
        let message = "there is no baton in this system";
        Rejection::new(RejectionCode::NotInProfile, message)
    })
}

/// Who holds the baton now.
pub(super) fn holder(case: &Case, role: &Code) -> Option<PartyId> {
    let mut holders = case
        .current_parties()
        .filter(|(_, party)| party.role == *role);
    holders.next().map(|(id, _)| id)
}

impl OfferBaton {
    /// `baton_offered`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let baton = baton(setting)?;
        let x2 = baton.requirement.as_ref();
        let from = setting
            .party
            .filter(|party| {
                case.current_party(*party)
                    .is_some_and(|party| party.role == baton.role)
            })
            .or_else(|| holder(case, &baton.role))
            .ok_or_else(|| {
                let message = "nobody holds the baton";
                Rejection::new(RejectionCode::WrongStatus, message).because(x2)
            })?;
        let to = case
            .current_party(self.to)
            .ok_or_else(|| not_there("party that takes part now", self.to).because(x2))?;
        if to.staff.is_none() {
            let message = "the baton is held by somebody who works with the case";
            return Err(Rejection::invalid(message).because(x2));
        }
        if to.role == baton.role {
            return Err(Rejection::already("they hold the baton already").because(x2));
        }
        if case
            .handovers
            .values()
            .any(|handover| handover.ended.is_none())
        {
            let message = "an offer waits for its answer already; take it back first";
            return Err(Rejection::already(message).because(x2));
        }
        let content = BatonOfferedContent {
            message: command::text("message", &self.message)?,
        };
        let facts = BatonOffered {
            handover: HandoverId::generate(setting.now, setting.entropy),
            from,
            to: self.to,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Noughts, colleague, content, father, given, kolbein, mother, now, opened, school,
        takes_part, teacher, torunn, works,
    };
    use crate::events::Event;

    fn team() -> [Event; 4] {
        [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
            works(colleague(), "professional", kolbein(), school()),
            takes_part(mother(), "guardian"),
        ]
    }

    fn offer(to: PartyId) -> OfferBaton {
        OfferBaton {
            to,
            message: "Kan du?".to_owned(),
        }
    }

    fn offered() -> Event {
        BatonOffered {
            handover: HandoverId::generate(now(), &Noughts),
            from: teacher(),
            to: colleague(),
        }
        .into()
    }

    #[test]
    fn the_baton_is_offered_to_somebody_who_works_with_the_log() {
        let [event] = given(team()).when(offer(colleague())).then([offered()]);
        assert_eq!(content::<BatonOfferedContent>(&event).message, "Kan du?");
        given(team())
            .when(offer(mother()))
            .rejected(RejectionCode::Invalid)
            .because("X2");
        given(team())
            .when(offer(teacher()))
            .rejected(RejectionCode::AlreadyThere)
            .because("X2");
        given(team())
            .when(offer(father()))
            .rejected(RejectionCode::NotFound)
            .because("X2");
    }

    #[test]
    fn one_offer_waits_at_a_time() {
        given(team().into_iter().chain([offered()]))
            .when(offer(colleague()))
            .rejected(RejectionCode::AlreadyThere)
            .because("X2")
            .naming("take it back");
    }

    #[test]
    fn there_is_nothing_to_offer_where_nobody_holds_it() {
        given([opened()])
            .when(offer(colleague()))
            .rejected(RejectionCode::WrongStatus)
            .because("X2");
    }
}
