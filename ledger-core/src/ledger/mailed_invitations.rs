//! Opening the address of somebody who was invited, in order to mail them the secret of the invitation (K6, X6).
//!
//! Decided for the account that sends and, a guest being nobody yet, for whoever invited them: an invitation that its
//! inviter could not make any more is not sent. Recorded among the views of the case, on the condition that nothing
//! consulted has moved; opened, and the secret made, only then. The secret is kept nowhere: ADR 0024.

use chrono::NaiveDate;

use super::{
    Caller, Errand, InvitationToken, Ledger, LedgerError, Occasion, Refusal, Withheld,
    contacts::{acting, decide_without_case, recipient},
    execute::{ATTEMPTS_MAX, Proposal},
    situation,
    states::Freshness,
};
use crate::{
    access::Action,
    command::Decided,
    events::{GuestInvitedContent, InvitationAddressOpened, InvitationAddressOpenedContent},
    ids::{KeyId, StreamId},
    profile::Language,
    standing::Asked,
};

/// What came of opening the address of somebody who was invited.
pub enum OpenedInvitation {
    /// It may be used, now.
    Address {
        /// The address for e-mail.
        email: String,
        /// The secret, for them alone.
        token: InvitationToken,
        /// The last day on which it can be accepted.
        expires_on: NaiveDate,
        /// The language to write in: that of the system.
        language: Language,
        /// What the system is called.
        system: String,
    },
    /// Nothing is sent, and nothing was opened.
    Withheld(Withheld),
}

impl Ledger {
    /// Opens the address of somebody who was invited, in order to send them the secret. `sender` is the account that the
    /// service sends as: the rules must let it. The party of the errand is the one that they may become.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] where the sender may not, and what the stores report.
    pub async fn open_invitation(
        &self,
        sender: &Caller,
        errand: &Errand,
        occasion: &Occasion,
    ) -> Result<OpenedInvitation, LedgerError> {
        let tenant = &sender.tenant;
        let mut now = self.now();
        let mut freshness = Freshness::ReadAgain;
        for _ in 0..ATTEMPTS_MAX {
            let case = self.case(tenant, errand.case, freshness).await?;
            let Some(opened) = &case.state.opened else {
                return Ok(OpenedInvitation::Withheld(Withheld::NotThere));
            };
            let rule_book = self.rule_book(tenant, &opened.profile).await?;
            let rule_book =
                rule_book.ok_or_else(|| LedgerError::NoProfile(opened.profile.clone()))?;
            let known = case
                .state
                .open_invitation(errand.party, rule_book.profile(), now)
                .filter(|(_, known)| known.by_mail);
            let Some((id, by, known)) = known.and_then(|(id, known)| Some((id, known.by?, known)))
            else {
                return Ok(OpenedInvitation::Withheld(Withheld::NotThere));
            };
            let inviter = recipient(tenant, by);
            let situation = self
                .situation(&inviter, errand.case, None, freshness)
                .await?;
            let asked = Asked {
                round: Some(known.round),
                ..Asked::default()
            };
            let theirs = situation.decide(Action::InviteGuest, &asked, now);
            if !theirs.is_allowed() {
                return Ok(OpenedInvitation::Withheld(Withheld::NotAllowed));
            }
            let sending = self.account(tenant, sender.account, freshness).await?;
            let rule_book = situation.rule_book();
            let ours = decide_without_case(
                &rule_book,
                sender,
                &sending.state,
                Action::OpenContact,
                &Asked::default(),
                now,
            );
            if !ours.is_allowed() {
                self.parts.observer.refused(Action::OpenContact);
                let refusal = Refusal::of(Action::OpenContact, ours);
                return Err(LedgerError::Refused(Box::new(refusal)));
            }
            let decided = Decided::sealed(
                StreamId::Views(errand.case),
                InvitationAddressOpened { invitation: id },
                KeyId::Case(errand.case),
                &InvitationAddressOpenedContent {
                    delivery: errand.delivery.clone(),
                },
            );
            let mut expected = situation.expected();
            expected.push((StreamId::Account(sender.account), sending.version));
            expected.dedup();
            let proposal = Proposal {
                actor: acting(sender, &sending.state, &rule_book.profile().id, now),
                basis: Some(situation::basis(rule_book.profile(), &[&ours, &theirs])),
                expected,
                holds: situation::holds(&[&ours, &theirs]),
                decided: &[decided],
                idempotency: None,
            };
            let appended = self.append(sender, Some(errand.case), occasion, proposal);
            if let Err(error) = appended.await {
                now = self.again(error, &mut freshness)?;
                continue;
            }
            self.parts.observer.viewed(Action::OpenContact);
            let content: Option<GuestInvitedContent> =
                self.content_at(tenant, known.invited).await?;
            let Some(GuestInvitedContent { email }) = content else {
                return Ok(OpenedInvitation::Withheld(Withheld::NoAddress));
            };
            let profile = rule_book.profile();
            return Ok(OpenedInvitation::Address {
                email,
                token: self.invitation_token(tenant, id).await?,
                expires_on: known.expires_on,
                language: profile.language,
                system: profile.title.clone(),
            });
        }
        Err(LedgerError::TooBusy)
    }
}
