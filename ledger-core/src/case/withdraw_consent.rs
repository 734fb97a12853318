//! Withdraw a consent: as easy as giving it, by any guardian, at any time (V18).

use super::Case;
use crate::{
    access::Action,
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, Setting, not_there},
    events::{ConsentWithdrawn, ConsentWithdrawnContent},
    ids::{ConsentId, PartyId, Position},
};

/// Takes a consent back, by the asker or, recorded by the baton holder, on the written word of a member of the family. A
/// letter is enough for anybody, with an account or without: withdrawing is as easy as giving (GDPR article 7(3)).
#[derive(Debug, Clone)]
pub struct WithdrawConsent {
    /// Which consent.
    pub consent: ConsentId,
    /// Who takes it back.
    pub by: PartyId,
    /// What was said about it; may be empty, because nobody has to give a reason.
    pub reason: String,
    /// When it happened, if earlier than it is recorded: a letter that came last week.
    pub occurred_at: Option<Timestamp>,
}

impl WithdrawConsent {
    /// `consent_withdrawn`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let consent = case
            .consents
            .get(&self.consent)
            .ok_or_else(|| not_there("consent", self.consent))?;
        if !consent.stands() {
            let message = "the consent was withdrawn, declared invalid or renewed before; withdraw the one that took its place";
            return Err(Rejection::already(message));
        }
        let rule = setting.profile.consent(&consent.kind);
        let by = case
            .parties
            .get(&self.by)
            .filter(|party| party.removed.is_none());
        let allowed = by.is_some_and(|by| rule.is_none_or(|rule| rule.is_given_by(&by.role)));
        if !allowed {
            let message = format!(
                "party {} takes no part in the role of one who may withdraw",
                self.by
            );
            return Err(Rejection::new(RejectionCode::Invalid, message)
                .because(rule.and_then(|rule| rule.requirement.as_ref())));
        }
        consent.taken_back_by(Some(self.by), case, setting)?;
        let content = ConsentWithdrawnContent {
            reason: command::text("reason", &self.reason)?,
        };
        let mut after = case.clone();
        let mut decided = Vec::new();
        for consent in still_running(case, self.consent, setting) {
            let (by, withdrawn) = (self.by, Some(Position(0)));
            let withdraws = setting.sealed(ConsentWithdrawn { consent, by }, &content);
            decided.push(Decided {
                occurred_at: self.occurred_at,
                ..withdraws
            });
            if let Some(consent) = after.consents.get_mut(&consent) {
                consent.withdrawn = withdrawn;
            }
        }
        decided.extend(command::transition(
            setting,
            Action::WithdrawConsent,
            case,
            &after,
        ));
        Ok(decided)
    }
}

/// The consent, and whatever it was to take the place of and has not yet: a renewal that begins next month is not
/// withdrawn while the consent before it runs on.
fn still_running(case: &Case, consent: ConsentId, setting: &Setting<'_>) -> Vec<ConsentId> {
    let mut running = vec![consent];
    let mut former = case.consents.get(&consent).and_then(|newest| newest.renews);
    while let Some(id) = former.filter(|id| !running.contains(id)) {
        let Some(consent) = case.consents.get(&id) else {
            break;
        };
        let span = consent.span(setting.profile);
        if span.is_some_and(|span| span.contains(setting.now)) {
            running.push(id);
        }
        former = consent.renews;
    }
    running
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{
            consent, content, father, gave, given, health, kvam_with, mother, moved, nina, nurse,
            opened, other_consent, removed, takes_part, withdrew, works, young,
        },
        events::{CameOfAge, ConsentGiven, Event},
    };

    fn family() -> [Event; 5] {
        [
            opened(),
            takes_part(mother(), "guardian"),
            takes_part(father(), "guardian"),
            works(nurse(), "professional", nina(), health()),
            gave(consent(), mother()).into(),
        ]
    }

    fn withdraw(by: PartyId) -> WithdrawConsent {
        WithdrawConsent {
            consent: consent(),
            by,
            reason: String::new(),
            occurred_at: None,
        }
    }

    #[test]
    fn any_guardian_may_withdraw_without_a_reason() {
        for by in [mother(), father()] {
            let [event] = given(family())
                .when(withdraw(by))
                .then([withdrew(consent(), by)]);
            assert_eq!(content::<ConsentWithdrawnContent>(&event).reason, "");
        }
    }

    #[test]
    fn only_what_was_given_can_be_withdrawn_and_once() {
        let command = WithdrawConsent {
            consent: other_consent(),
            ..withdraw(mother())
        };
        given(family())
            .when(command)
            .rejected(RejectionCode::NotFound)
            .naming(&other_consent().to_string());
        let again = family().into_iter().chain([withdrew(consent(), father())]);
        given(again)
            .when(withdraw(mother()))
            .rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn nobody_withdraws_in_the_familys_place() {
        let stranger = PartyId::from_ulid(99_u128.into());
        for by in [nurse(), stranger] {
            given(family())
                .when(withdraw(by))
                .rejected(RejectionCode::Invalid)
                .because("V24");
        }
        let gone = family().into_iter().chain([removed(father())]);
        given(gone)
            .when(withdraw(father()))
            .rejected(RejectionCode::Invalid);
    }

    #[test]
    fn with_a_renewal_what_it_was_to_follow_ends_too() {
        let renewal = ConsentGiven {
            renews: Some(consent()),
            valid_from: Some("2026-05-01".parse().expect("a date")),
            ..gave(other_consent(), mother())
        };
        let renewed = family().into_iter().chain([renewal.into()]);
        let command = WithdrawConsent {
            consent: other_consent(),
            ..withdraw(mother())
        };
        // The first still runs, until the one after it begins.
        given(renewed).when(command).then([
            withdrew(other_consent(), mother()),
            withdrew(consent(), mother()),
        ]);
    }

    #[test]
    fn nobody_else_takes_back_what_a_young_person_of_age_consented_to() {
        let own = || {
            [
                opened(),
                takes_part(mother(), "guardian"),
                takes_part(young(), "young_person"),
                CameOfAge { party: young() }.into(),
                gave(consent(), young()).into(),
            ]
        };
        given(own())
            .when(withdraw(mother()))
            .rejected(RejectionCode::Invalid)
            .because("X3");
        given(own())
            .when(withdraw(young()))
            .then([withdrew(consent(), young()), moved("active", "withdrawn")]);
    }

    #[test]
    fn a_withdrawal_moves_the_case_on_where_the_profile_says_so() {
        let moving = kvam_with(
            "[[consents]]\nkind = \"establish_log\"",
            "[[transitions]]\ncommand = \"withdraw_consent\"\nfrom = [\"active\"]\nto = \"closed\"\n\n[[consents]]\nkind = \"establish_log\"",
        );
        given(family())
            .by_the_rules_of(moving)
            .when(withdraw(mother()))
            .then([withdrew(consent(), mother()), moved("active", "closed")]);
    }
}
