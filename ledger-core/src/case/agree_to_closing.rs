//! Agree that a case is closed: as a guardian, or for the service for which somebody takes part (S15).

use super::{Case, Party};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::ClosingAgreed,
    ids::{Code, PartyId},
    profile::ClosingReason,
};

/// Agrees to a closing, as the asker or, for a member of the family without an account, on their word.
#[derive(Debug, Clone)]
pub struct AgreeToClosing {
    /// Which of the profile's reasons.
    pub reason: Code,
    /// Who agrees.
    pub by: PartyId,
}

/// The reason, and who agrees or takes it back: somebody who takes part and speaks for themselves.
pub(super) fn reason_and_party<'a>(
    reason: &Code,
    by: PartyId,
    case: &'a Case,
    setting: &'a Setting<'_>,
) -> Result<(&'a ClosingReason, &'a Party), Rejection> {
    let reasons = &setting.profile.reasons.closing;
    let unknown = || not_in_profile("reason for closing", reason, reasons.keys());
    let known = reasons.get(reason).ok_or_else(unknown)?;
    let because = known.requirement.as_ref();
    let party = case.current_party(by).ok_or_else(|| {
        let message = format!("no party {by} takes part in the case");
        Rejection::new(RejectionCode::NotFound, message).because(because)
    })?;
    if setting.party != Some(by) && party.account().is_some() {
        let message = format!("party {by} has an account, and says so themselves");
        return Err(Rejection::invalid(message).because(because));
    }
    Ok((known, party))
}

impl AgreeToClosing {
    /// `closing_agreed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let (reason, party) = reason_and_party(&self.reason, self.by, case, setting)?;
        let because = reason.requirement.as_ref();
        if case.closed.is_some() {
            return Err(Rejection::already("the case is closed already").because(because));
        }
        if !reason.asks(party) {
            let message = format!(
                "nobody in the role {} is asked whether the case is closed for the reason {}",
                party.role, self.reason
            );
            return Err(Rejection::invalid(message).because(because));
        }
        if case.agreed_to_closing(self.by, &self.reason).is_some() {
            let message = format!("party {} has agreed to it already", self.by);
            return Err(Rejection::already(message).because(because));
        }
        Ok(vec![setting.bare(ClosingAgreed {
            party: self.by,
            reason: self.reason,
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::RuleBook,
        case::{
            CloseCase, TakeBackClosing,
            testing::{
                closed, code, father, given, health, kvam_with, mother, nina, nurse, opened,
                school, takes_part, teacher, torunn, works,
            },
        },
        events::{CaseReopened, ClosingAgreementTakenBack, Event},
    };

    /// Kvam's rules, with its closing in agreement.
    fn in_agreement() -> RuleBook {
        kvam_with(
            "[reasons.closing.thrives]\n",
            "[reasons.closing.thrives]\nagreed_by = [\"guardian\"]\nagreed_by_services = true\n",
        )
    }

    fn town() -> Vec<Event> {
        vec![
            opened(),
            takes_part(mother(), "guardian"),
            takes_part(father(), "guardian"),
            works(teacher(), "baton_holder", torunn(), school()),
            works(nurse(), "professional", nina(), health()),
        ]
    }

    fn agree(by: PartyId) -> AgreeToClosing {
        AgreeToClosing {
            reason: code("thrives"),
            by,
        }
    }

    fn agreed(party: PartyId) -> Event {
        ClosingAgreed {
            party,
            reason: code("thrives"),
        }
        .into()
    }

    fn close() -> CloseCase {
        CloseCase {
            reason: code("thrives"),
            summary: String::new(),
        }
    }

    #[test]
    fn it_is_closed_once_every_guardian_and_one_of_each_service_agree() {
        let parties = [mother(), father(), teacher(), nurse()];
        for left_out in parties {
            let others = parties.into_iter().filter(|party| *party != left_out);
            let missing = match left_out {
                party if party == teacher() => school().to_string(),
                party if party == nurse() => health().to_string(),
                party => party.to_string(),
            };
            given(town().into_iter().chain(others.map(agreed)))
                .by_the_rules_of(in_agreement())
                .when(close())
                .rejected(RejectionCode::WrongStatus)
                .naming(&missing)
                .because("V15");
        }
        given(town().into_iter().chain(parties.map(agreed)))
            .by_the_rules_of(in_agreement())
            .when(close())
            .then(closed());
    }

    #[test]
    fn without_a_guardian_nobody_has_agreed_for_the_family() {
        let alone = vec![
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
            agreed(teacher()),
        ];
        given(alone)
            .by_the_rules_of(in_agreement())
            .when(close())
            .rejected(RejectionCode::WrongStatus)
            .naming("guardian");
    }

    #[test]
    fn another_reason_waits_for_nobody() {
        let reason = code("guardians_wish");
        let [_, moved] = closed();
        let done = given(town())
            .by_the_rules_of(in_agreement())
            .when(CloseCase { reason, ..close() });
        assert!(
            done.0
                .expect("it closes")
                .iter()
                .any(|event| event.event == moved)
        );
    }

    #[test]
    fn one_agrees_once_and_can_take_it_back() {
        let given = |more: Vec<Event>| {
            given(town().into_iter().chain(more)).by_the_rules_of(in_agreement())
        };
        given(vec![]).when(agree(mother())).then([agreed(mother())]);
        given(vec![agreed(mother())])
            .when(agree(mother()))
            .rejected(RejectionCode::AlreadyThere);
        let take_back = || TakeBackClosing {
            reason: code("thrives"),
            by: mother(),
        };
        let taken_back = || -> Event {
            ClosingAgreementTakenBack {
                party: mother(),
                reason: code("thrives"),
            }
            .into()
        };
        given(vec![])
            .when(take_back())
            .rejected(RejectionCode::NotFound);
        given(vec![agreed(mother())])
            .when(take_back())
            .then([taken_back()]);
        given(vec![agreed(mother()), taken_back()])
            .when(agree(mother()))
            .then([agreed(mother())]);
    }

    #[test]
    fn each_reopening_asks_anew() {
        let [first, second] = closed();
        let reopened = vec![agreed(mother()), first, second, CaseReopened {}.into()];
        given(town().into_iter().chain(reopened))
            .by_the_rules_of(in_agreement())
            .when(agree(mother()))
            .then([agreed(mother())]);
    }

    #[test]
    fn only_who_is_asked_agrees_and_for_themselves() {
        let given = || given(town()).by_the_rules_of(in_agreement());
        given()
            .when(AgreeToClosing {
                reason: code("boredom"),
                by: mother(),
            })
            .rejected(RejectionCode::NotInProfile);
        // Nobody has to agree to what the guardians wish.
        given()
            .when(AgreeToClosing {
                reason: code("guardians_wish"),
                by: mother(),
            })
            .rejected(RejectionCode::Invalid);
        given()
            .when(agree(PartyId::from_ulid(99_u128.into())))
            .rejected(RejectionCode::NotFound);
        // Staff have accounts and speak for themselves; the tests' asker is no party.
        given()
            .when(agree(nurse()))
            .rejected(RejectionCode::Invalid)
            .naming("account");
    }
}
