//! Invitations: their secret is made here, handed out once, and recognised here when somebody brings it back (K6).
//!
//! The secret has 256 bits and is kept nowhere: it follows from the id of the invitation under a key of the key store, so
//! that whoever mails it can make it again for each try (ADR 0024). What is kept is a keyed digest that is bound to the
//! invitation, and a keyed index by which the case is found; without the key store neither can be tried against a guess,
//! and no secret can be made of an id. Whoever brings a
//! secret learns nothing but "there is nothing here", whatever is wrong with it: that it was never made, used, taken
//! back or too late.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::NaiveDate;

use super::{Caller, CaseCommand, Executed, Ledger, LedgerError, Occasion, states::Freshness};
use crate::{
    case::{AcceptInvitation, InviteGuest},
    command::{self, LookupValue},
    events::Event,
    ids::{CaseId, Code, Digest, InvalidId, InvitationId, RoundId, TenantId},
    sealing::{BlindIndexLabel, IndexKey},
};

/// The secret of an invitation: 256 bits, written as 43 letters, digits, `-` and `_`.
#[derive(Clone, PartialEq, Eq)]
pub struct InvitationToken([u8; 32]);

impl InvitationToken {
    /// That of an invitation: always the same.
    fn of(key: &IndexKey, invitation: InvitationId) -> Self {
        let id = invitation.to_string();
        Self(
            key.blind_index(BlindIndexLabel::InvitationSecret, id.as_bytes())
                .0,
        )
    }

    /// As it is handed to the inviter, once, or mailed to the guest.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn hash(&self) -> Digest {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.0).as_ref());
        Digest(hash)
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(redacted)")
    }
}

impl FromStr for InvitationToken {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok();
        let secret = decoded.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        // The text is not repeated: a mistyped secret is nearly a secret.
        secret.map(Self).ok_or_else(|| {
            InvalidId::new("token", "…", "the 43 characters that the inviter was given")
        })
    }
}

/// An invitation to make.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// In which round.
    pub round: RoundId,
    /// The e-mail address.
    pub email: String,
    /// The role; none = the usual one of the profile.
    pub role: Option<Code>,
    /// The last day on which it can be accepted; none = as late as the profile allows.
    pub expires_on: Option<NaiveDate>,
    /// Whether the service mails the secret to the address, where the profile says that guests are told so; otherwise the
    /// inviter is given it.
    pub by_mail: bool,
}

impl Ledger {
    /// Invites somebody to read along. The secret is given once, and only to an inviter who is to bring it: a repeated
    /// request is answered without it, and so is an invitation that is mailed.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn invite(
        &self,
        caller: &Caller,
        case: CaseId,
        invitation: NewInvitation,
        occasion: &Occasion,
    ) -> Result<(Executed, Option<InvitationToken>), LedgerError> {
        let id = InvitationId::generate(self.now(), self.entropy());
        let token = self.invitation_token(&caller.tenant, id).await?;
        let token_digest = self.token_digest(&caller.tenant, id, &token).await?;
        let command = CaseCommand::InviteGuest(InviteGuest {
            invitation: id,
            round: invitation.round,
            email: invitation.email,
            role: invitation.role,
            expires_on: invitation.expires_on,
            token_hash: token.hash(),
            token_digest,
            by_mail: invitation.by_mail,
        });
        let executed = self.execute(caller, case, command, occasion).await?;
        let mailed = executed
            .decided
            .iter()
            .any(|event| matches!(event, Event::GuestInvited(facts) if facts.by_mail));
        let token = (!executed.repeated && !mailed).then_some(token);
        Ok((executed, token))
    }

    /// Accepts the invitation that this secret belongs to.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] whatever is wrong with the secret or with the invitation, and
    /// [`LedgerError::Rejected`] for a name that cannot be one, before the secret is looked at.
    pub async fn accept_invitation(
        &self,
        caller: &Caller,
        token: &str,
        name: &str,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let name = command::line("name", name)?;
        let Ok(token) = token.parse::<InvitationToken>() else {
            return Err(LedgerError::NotFound);
        };
        let value = LookupValue::Invitation(token.hash());
        for case in self.find(caller, &value).await? {
            let Some(invitation) = self.recognised(caller, case, &token).await? else {
                continue;
            };
            let command = CaseCommand::AcceptInvitation(AcceptInvitation { invitation, name });
            return self.execute(caller, case, command, occasion).await.map_err(
                |error| match error {
                    LedgerError::Refused(_) | LedgerError::Rejected(_) => LedgerError::NotFound,
                    other => other,
                },
            );
        }
        Err(LedgerError::NotFound)
    }

    /// The invitation of a case whose secret this is. All are compared, each in constant time.
    async fn recognised(
        &self,
        caller: &Caller,
        case: CaseId,
        token: &InvitationToken,
    ) -> Result<Option<InvitationId>, LedgerError> {
        let tenant = &caller.tenant;
        let case = self.case(tenant, case, Freshness::ReadAgain).await?;
        let mut found = None;
        for (id, invitation) in &case.state.invitations {
            let shown = self.token_digest(tenant, *id, token).await?;
            if verify_slices_are_equal(&shown.0, &invitation.token_digest.0).is_ok() {
                found = Some(*id);
            }
        }
        Ok(found)
    }

    /// The secret of an invitation, for whoever hands it out.
    pub(super) async fn invitation_token(
        &self,
        tenant: &TenantId,
        invitation: InvitationId,
    ) -> Result<InvitationToken, LedgerError> {
        let key = self.parts.keyring.index_key(tenant).await?;
        Ok(InvitationToken::of(&key, invitation))
    }

    async fn token_digest(
        &self,
        tenant: &TenantId,
        invitation: InvitationId,
        token: &InvitationToken,
    ) -> Result<Digest, LedgerError> {
        let key = self.parts.keyring.index_key(tenant).await?;
        let bound = [invitation.to_string().as_bytes(), &[0], &token.0[..]].concat();
        Ok(Digest(
            key.blind_index(BlindIndexLabel::InvitationToken, &bound).0,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_follows_from_its_invitation_and_its_key_alone() {
        let invitation = |id: u128| InvitationId::from_ulid(id.into());
        let key = |byte| IndexKey::from_bytes([byte; 32]);
        let secret = InvitationToken::of(&key(1), invitation(1));
        assert!(secret == InvitationToken::of(&key(1), invitation(1)));
        assert!(secret != InvitationToken::of(&key(1), invitation(2)));
        assert!(secret != InvitationToken::of(&key(2), invitation(1)));
        let written = secret.expose();
        assert_eq!(written.len(), 43);
        assert!(written.parse::<InvitationToken>().ok() == Some(secret.clone()));
        assert!(!format!("{secret:?}").contains(&written));
        // Neither index that is kept of it is the secret, or says anything of it without the key.
        let id = invitation(1).to_string();
        for kept in [
            BlindIndexLabel::Invitation,
            BlindIndexLabel::InvitationToken,
        ] {
            assert_ne!(key(1).blind_index(kept, id.as_bytes()).0, secret.0);
        }
    }
}
