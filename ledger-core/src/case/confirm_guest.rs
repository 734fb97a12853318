//! Confirm that whoever accepted an invitation is the person meant (K6). From here on they read along.

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, LookupValue, Rejection, RejectionCode, Setting},
    events::{GuestConfirmed, PartyAdded, PartyAddedContent},
    ids::InvitationId,
};

/// Confirms a guest.
#[derive(Debug, Clone)]
pub struct ConfirmGuest {
    /// Which invitation.
    pub invitation: InvitationId,
    /// Whom the inviter confirms: the name under which the guest reads along.
    pub name: String,
}

impl ConfirmGuest {
    /// `guest_confirmed` and `party_added`; the latter is left out for a guest of an earlier round.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = rounds_of(setting)?;
        let asked_for = rules.requirement.as_ref();
        let name = command::line("name", &self.name)?;
        let known = case.standing_invitation(self.invitation, setting)?;
        case.round_under_way(known.round, setting)?;
        let Some((_, account)) = known.accepted else {
            let message = "nobody has accepted the invitation yet";
            let early = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(early.because(asked_for));
        };
        if known.confirmed.is_some() {
            let message = "the guest was confirmed before";
            return Err(Rejection::already(message).because(asked_for));
        }
        let takes_part = case.party_of(account);
        if let Some((party, before)) = takes_part {
            if !rules.guest_roles.contains(&before.role) {
                let message = "whoever accepted it takes part in this case already";
                return Err(Rejection::already(message).because(asked_for));
            }
            let facts = GuestConfirmed {
                invitation: self.invitation,
                party,
            };
            return Ok(vec![setting.bare(facts)]);
        }
        let parties_max = setting.profile.limits.parties_max;
        if case.current_parties().count() as u64 >= u64::from(parties_max) {
            let message =
                format!("{parties_max} take part already, the most that the profile allows");
            return Err(Rejection::invalid(message).because(asked_for));
        }
        let facts = GuestConfirmed {
            invitation: self.invitation,
            party: known.party,
        };
        let party = PartyAdded {
            party: known.party,
            role: known.role.clone(),
            staff: Some(account),
            service: None,
        };
        let content = PartyAddedContent {
            name,
            account: None,
            task: None,
        };
        let mut added = setting.sealed(party, &content);
        let found = (LookupValue::StaffAccount(account), known.party);
        added.lookups.push(found);
        Ok(vec![setting.bare(facts), added])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, colleague, content, given, invitation, kolbein, new_party, opened, removed,
        rounds::{
            KINDKANS, accepted, accepted_by, confirmed_as, in_a_round, invited, kindkans, revoked,
            round_ended, takes_part_as,
        },
        school, torunn, works,
    };
    use crate::{events::Event, ids::PartyId};

    fn confirm(name: &str) -> ConfirmGuest {
        ConfirmGuest {
            invitation: invitation(),
            name: name.to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>) -> Outcome {
        given(in_a_round(events))
            .by_the_rules_of(kindkans())
            .when(confirm("Jo, van de jeugdhulp"))
    }

    #[test]
    fn whoever_accepted_becomes_a_party_under_the_name_that_the_inviter_gives() {
        let [_, party] = after([invited().into(), accepted()]).then([
            confirmed_as(new_party()),
            takes_part_as(new_party(), "guest"),
        ]);
        let sealed: PartyAddedContent = content(&party);
        assert_eq!(sealed.name, "Jo, van de jeugdhulp");
        assert_eq!(sealed.account, None);
        let found = (LookupValue::StaffAccount(torunn()), new_party());
        assert_eq!(party.lookups, [found]);
    }

    #[test]
    fn a_guest_of_an_earlier_round_stays_the_party_they_are() {
        after([
            takes_part_as(colleague(), "guest"),
            invited().into(),
            accepted(),
        ])
        .then([confirmed_as(colleague())]);
        // Not one whose part has ended.
        after([
            takes_part_as(colleague(), "guest"),
            removed(colleague()),
            invited().into(),
            accepted(),
        ])
        .then([
            confirmed_as(new_party()),
            takes_part_as(new_party(), "guest"),
        ]);
    }

    #[test]
    fn nobody_is_a_guest_where_they_work() {
        after([
            works(colleague(), "team_member", torunn(), school()),
            invited().into(),
            accepted(),
        ])
        .rejected(RejectionCode::AlreadyThere)
        .because("K5")
        .naming("takes part in this case already");
    }

    #[test]
    fn nobody_is_confirmed_who_has_not_accepted() {
        after([invited().into()])
            .rejected(RejectionCode::WrongStatus)
            .because("K5")
            .naming("nobody has accepted");
    }

    #[test]
    fn a_guest_is_confirmed_once() {
        after([invited().into(), accepted(), confirmed_as(new_party())])
            .rejected(RejectionCode::AlreadyThere)
            .because("K5")
            .naming("confirmed before");
    }

    #[test]
    fn it_ends_with_the_round_and_when_it_is_taken_back() {
        after([invited().into(), accepted(), round_ended()])
            .rejected(RejectionCode::WrongStatus)
            .because("K5");
        after([invited().into(), accepted(), revoked()])
            .rejected(RejectionCode::AlreadyThere)
            .because("K5");
        after([]).rejected(RejectionCode::NotFound).because("K5");
    }

    #[test]
    fn no_more_take_part_than_the_profile_allows() {
        let most = u128::from(KINDKANS.profile().limits.parties_max);
        let full = (0..most).map(|number| {
            let party = PartyId::from_ulid((1_000 + number).into());
            works(party, "team_member", kolbein(), school())
        });
        after(full.chain([invited().into(), accepted_by(torunn())]))
            .rejected(RejectionCode::Invalid)
            .because("K5")
            .naming("60 take part already");
    }

    #[test]
    fn the_guest_has_a_name_and_the_profile_knows_rounds() {
        given(in_a_round([invited().into(), accepted()]))
            .by_the_rules_of(kindkans())
            .when(confirm(""))
            .rejected(RejectionCode::Invalid)
            .because("K6")
            .naming("name is empty");
        given([opened()])
            .when(confirm("Jo"))
            .rejected(RejectionCode::NotInProfile);
    }
}
