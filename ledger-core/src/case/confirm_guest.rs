//! Confirm that whoever accepted an invitation is the person meant (K6). From here on they read along.

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
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
        Ok(vec![setting.bare(facts), setting.sealed(party, &content)])
    }
}
