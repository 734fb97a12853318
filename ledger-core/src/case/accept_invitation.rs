//! Accept an invitation to read along (K6). Whoever does has shown its secret, and is shown nothing yet: the inviter has
//! to confirm that they are the person meant.
//!
//! A guest who never signed in here before has no active account. The acceptance activates it, and rests on the same
//! rules: nobody else vouches for an outsider. An account that was closed stays closed.

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
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
        decided.push(setting.sealed(facts, &InvitationAcceptedContent { name }));
        Ok(decided)
    }
}
