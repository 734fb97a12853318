//! Accept an invitation to read along (K6). Whoever does has shown its secret, and is shown nothing yet: the inviter has
//! to confirm that they are the person meant.
//!
//! A guest who never signed in here before has no active account. The acceptance activates it, and rests on the same
//! rules: nobody else vouches for an outsider. An account that was closed stays closed.

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, LookupValue, Rejection, RejectionCode, Setting},
    events::{
        AccountActivated, AccountActivatedContent, InvitationAccepted, InvitationAcceptedContent,
    },
    ids::{InvitationId, KeyId, StreamId},
};

/// Accepts an invitation for whoever asks. The secret has been compared before.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// Which invitation.
    pub invitation: InvitationId,
    /// The name of whoever accepts it.
    pub name: String,
}

impl AcceptInvitation {
    /// `account_activated`, where it was not, and `invitation_accepted`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = rounds_of(setting)?;
        let asked_for = rules.requirement.as_ref();
        let name = command::line("name", &self.name)?;
        let known = case.standing_invitation(self.invitation, setting)?;
        case.round_under_way(known.round, setting)?;
        if known.accepted.is_some() {
            let message = "the invitation was accepted before";
            return Err(Rejection::already(message).because(asked_for));
        }
        if setting.now >= setting.profile.expires_at(known.expires_on) {
            let message = "the invitation has expired";
            let late = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(late.because(asked_for));
        }
        if setting.asker.deactivated.is_some() {
            let message = "the account was closed";
            let closed = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(closed.because(asked_for));
        }
        let mut decided = Vec::new();
        if setting.asker.activated.is_none() {
            let facts = AccountActivated {
                account: setting.account,
                organisation: None,
            };
            let content = AccountActivatedContent { name: name.clone() };
            decided.push(Decided::sealed(
                StreamId::Account(setting.account),
                facts,
                KeyId::Account(setting.account),
                &content,
            ));
        }
        let facts = InvitationAccepted {
            invitation: self.invitation,
            account: setting.account,
        };
        let mut accepted = setting.sealed(facts, &InvitationAcceptedContent { name });
        let found = (LookupValue::StaffAccount(setting.account), known.party);
        accepted.lookups.push(found);
        decided.push(accepted);
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Given, content, day, given, invitation, new_party, opened,
        rounds::{accepted, in_a_round, invited, kindkans, revoked, round_ended},
        torunn,
    };
    use crate::{
        directory::Account,
        events::{Event, GuestInvited},
        ids::Position,
    };

    fn accept() -> AcceptInvitation {
        AcceptInvitation {
            invitation: invitation(),
            name: "Jo Voorbeeld".to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>) -> Given {
        given(in_a_round(events)).by_the_rules_of(kindkans())
    }

    fn active() -> Account {
        Account {
            activated: Some(Position(90)),
            ..Account::default()
        }
    }

    #[test]
    fn it_activates_the_account_of_somebody_who_never_had_one() {
        let activated = AccountActivated {
            account: torunn(),
            organisation: None,
        };
        let [account, guest] = after([invited().into()])
            .when(accept())
            .then([activated.into(), accepted()]);
        let name = "Jo Voorbeeld";
        assert_eq!(content::<AccountActivatedContent>(&account).name, name);
        assert_eq!(content::<InvitationAcceptedContent>(&guest).name, name);
        let found = (LookupValue::StaffAccount(torunn()), new_party());
        assert_eq!(guest.lookups, [found]);
    }

    #[test]
    fn whoever_has_an_account_keeps_it() {
        after([invited().into()])
            .asked_by(active())
            .when(accept())
            .then([accepted()]);
    }

    #[test]
    fn an_account_that_was_closed_stays_closed() {
        let closed = Account {
            deactivated: Some(Position(91)),
            ..active()
        };
        after([invited().into()])
            .asked_by(closed)
            .when(accept())
            .rejected(RejectionCode::WrongStatus)
            .because("K5")
            .naming("the account was closed");
    }

    #[test]
    fn it_is_accepted_once() {
        after([invited().into(), accepted()])
            .when(accept())
            .rejected(RejectionCode::AlreadyThere)
            .because("K5");
    }

    #[test]
    fn it_is_accepted_until_its_last_day_is_over() {
        let until = |last| GuestInvited {
            expires_on: day(last),
            ..invited()
        };
        after([until("2026-03-02").into()])
            .asked_by(active())
            .when(accept())
            .then([accepted()]);
        after([until("2026-03-01").into()])
            .when(accept())
            .rejected(RejectionCode::WrongStatus)
            .because("K5")
            .naming("expired");
    }

    #[test]
    fn it_ends_with_its_round_and_when_it_is_taken_back() {
        after([invited().into(), round_ended()])
            .when(accept())
            .rejected(RejectionCode::WrongStatus)
            .because("K5");
        after([invited().into(), revoked()])
            .when(accept())
            .rejected(RejectionCode::AlreadyThere)
            .because("K5");
    }

    #[test]
    fn there_is_an_invitation_and_whoever_accepts_it_has_a_name() {
        after([])
            .when(accept())
            .rejected(RejectionCode::NotFound)
            .because("K5");
        let nameless = AcceptInvitation {
            name: " ".to_owned(),
            ..accept()
        };
        after([invited().into()])
            .when(nameless)
            .rejected(RejectionCode::Invalid)
            .because("K6")
            .naming("name");
        given([opened()])
            .when(accept())
            .rejected(RejectionCode::NotInProfile);
    }
}
