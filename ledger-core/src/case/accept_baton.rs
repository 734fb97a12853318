//! Take the baton that was offered (X2). Where it goes to another unit, the consents are obtained anew first (V13).

use super::{
    Case, Handover,
    offer_baton::{baton, holder},
};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting, not_there},
    events::BatonAccepted,
    ids::HandoverId,
    profile::KeptRule,
    standing,
};

/// Takes the baton.
#[derive(Debug, Clone)]
pub struct AcceptBaton {
    /// Which offer.
    pub handover: HandoverId,
}

/// An offer that waits for its answer.
pub(super) fn open_handover(case: &Case, id: HandoverId) -> Result<&Handover, Rejection> {
    let handover = case.handovers.get(&id);
    let handover = handover.ok_or_else(|| not_there("handover", id))?;
    if handover.ended.is_some() {
        return Err(Rejection::already("the offer was answered before"));
    }
    Ok(handover)
}

impl AcceptBaton {
    /// `baton_accepted`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let baton = baton(setting)?;
        let x2 = baton.requirement.as_ref();
        let handover = open_handover(case, self.handover)?;
        let to = case.current_party(handover.to).ok_or_else(|| {
            let message = "whoever was asked takes no part any more; ask somebody else";
            Rejection::new(RejectionCode::WrongStatus, message).because(x2)
        })?;
        if setting.party != Some(handover.to) {
            let message = "the baton was offered to somebody else";
            return Err(Rejection::invalid(message).because(x2));
        }
        // Whoever offered it may have left meanwhile: then whoever holds it now gives it.
        let from = holder(case, &baton.role).unwrap_or(handover.from);
        let unit = case.opened.as_ref().map(|opened| opened.unit);
        let moves_to = to.service.filter(|service| Some(*service) != unit);
        if moves_to.is_some() {
            obtained_anew(case, handover, setting)?;
        }
        Ok(vec![setting.bare(BatonAccepted {
            handover: self.handover,
            from,
            to: handover.to,
            role: baton.role.clone(),
            former_role: baton.afterwards.clone(),
            unit: moves_to,
        })])
    }
}

/// Whether every consent that is obtained at transitions was given after the offer.
fn obtained_anew(case: &Case, handover: &Handover, setting: &Setting<'_>) -> Result<(), Rejection> {
    let rules = &setting.profile.consents;
    for rule in rules.iter().filter(|rule| rule.anew_at_transitions) {
        let anew = standing::agreed(rule, case, setting.profile, setting.now, |consent| {
            consent.given > handover.offered
        });
        if !anew.value {
            let message = format!(
                "the case moves to another unit; the consent {} must be given anew before",
                rule.kind
            );
            let rejection = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(rejection.because(setting.asked_for(KeptRule::ConsentAtTransition)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        case_after, code, colleague, consent, gave, given, handover, health, kolbein, mother, nina,
        nurse, opened, other_consent, removed, school, takes_part, teacher, torunn, works,
    };
    use crate::{
        events::{BatonOffered, Event},
        ids::{OrganisationId, PartyId},
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

    fn accepted(unit: Option<OrganisationId>, to: PartyId) -> Event {
        BatonAccepted {
            handover: handover(),
            from: teacher(),
            to,
            role: code("baton_holder"),
            former_role: code("professional"),
            unit,
        }
        .into()
    }

    const ACCEPT: fn() -> AcceptBaton = || AcceptBaton {
        handover: handover(),
    };

    #[test]
    fn the_baton_passes_when_it_is_taken_and_not_before() {
        let before = case_after(offered());
        assert_eq!(before.parties[&teacher()].role, code("baton_holder"));
        given(offered())
            .by(colleague())
            .when(ACCEPT())
            .then([accepted(None, colleague())]);
        let after = case_after(offered().into_iter().chain([accepted(None, colleague())]));
        assert_eq!(after.parties[&colleague()].role, code("baton_holder"));
        assert_eq!(after.parties[&teacher()].role, code("professional"));
    }

    #[test]
    fn only_who_was_asked_takes_it_and_only_once() {
        given(offered())
            .by(teacher())
            .when(ACCEPT())
            .rejected(RejectionCode::Invalid)
            .because("X2");
        given([opened()])
            .by(colleague())
            .when(ACCEPT())
            .rejected(RejectionCode::NotFound)
            .because("X2");
        let taken = offered().into_iter().chain([accepted(None, colleague())]);
        given(taken)
            .by(colleague())
            .when(ACCEPT())
            .rejected(RejectionCode::AlreadyThere)
            .because("X2");
        let gone = offered().into_iter().chain([removed(colleague())]);
        given(gone)
            .by(colleague())
            .when(ACCEPT())
            .rejected(RejectionCode::WrongStatus)
            .because("X2");
    }

    #[test]
    fn before_it_goes_to_another_unit_the_consents_are_obtained_anew() {
        let to_health = || {
            let offer = BatonOffered {
                handover: handover(),
                from: teacher(),
                to: nurse(),
            };
            vec![
                opened(),
                works(teacher(), "baton_holder", torunn(), school()),
                takes_part(mother(), "guardian"),
                works(nurse(), "professional", nina(), health()),
                gave(consent(), mother()).into(),
                offer.into(),
            ]
        };
        given(to_health())
            .by(nurse())
            .when(ACCEPT())
            .rejected(RejectionCode::WrongStatus)
            .because("V13")
            .naming("establish_log");
        let anew = to_health()
            .into_iter()
            .chain([gave(other_consent(), mother()).into()]);
        let moves = accepted(Some(health()), nurse());
        given(anew.clone())
            .by(nurse())
            .when(ACCEPT())
            .then([moves.clone()]);
        let after = case_after(anew.chain([moves]));
        assert_eq!(after.opened.map(|opened| opened.unit), Some(health()));
    }
}
