//! Telling a family what sharing their data means, referring them, and filling in what is to be handed over.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use ledger_core::{
    case::{MakeReferral, RecordInformation},
    ids::{CaseId, TransmissionId},
    ledger::{Caller, CaseCommand, Executed, Occasion},
};

use super::{
    commands,
    player::{Player, party},
    state::Log,
    story::{Deed, Step},
};
use crate::{
    mail::{Mail, MailError},
    transmission::{self, ContactDetails, Order, Person, Post, PrepareError, SendError, SevenZip},
};

/// The demo has no mail server.
struct NoPost;

#[async_trait]
impl Post for NoPost {
    async fn send(&self, _: Mail) -> Result<(), MailError> {
        Err(MailError::Unreachable)
    }
}

impl Player<'_> {
    /// What a family is told, and where they are referred to.
    pub(super) fn about_handing_over(
        &self,
        step: &Step,
        log: &Log,
    ) -> anyhow::Result<Option<CaseCommand>> {
        let organisation = |name: &Option<String>| {
            let name = name.as_deref();
            name.map(|name| self.organisation(name)).transpose()
        };
        Ok(Some(match &step.deed {
            Deed::RecordInformation {
                to,
                items,
                about,
                remark,
            } => CaseCommand::RecordInformation(RecordInformation {
                to: party(log, to)?,
                items: items.clone(),
                about: organisation(about)?,
                told_at: None,
                remark: remark.clone(),
            }),
            Deed::Refer {
                kind,
                subtype,
                receiver,
                remark,
            } => CaseCommand::MakeReferral(MakeReferral {
                kind: kind.clone(),
                subtype: subtype.clone(),
                receiver: organisation(receiver)?,
                remark: remark.clone(),
            }),
            _ => return Ok(None),
        }))
    }

    /// Prepares or sends a transmission as the API does, where the step does that.
    pub(super) async fn hand_over(
        &self,
        caller: &Caller,
        step: &Step,
        occasion: &Occasion,
    ) -> anyhow::Result<Option<Executed>> {
        Ok(Some(match &step.deed {
            Deed::PrepareTransmission {
                referral,
                about,
                address,
                telephone,
                email,
            } => {
                let log = self.log(&step.log)?;
                let details = ContactDetails {
                    name: self.person(about)?.name.clone(),
                    address: address.clone(),
                    telephone: telephone.clone(),
                    email: email.clone(),
                };
                let order = Order {
                    case: log.case,
                    referral: commands::made(log, referral)?,
                    persons: vec![Person {
                        party: party(log, about)?,
                        details,
                    }],
                    print_language: None,
                };
                self.prepare(caller, order, occasion).await?
            }
            Deed::SendTransmission { transmission } => {
                let log = self.log(&step.log)?;
                let transmission = commands::made(log, transmission)?;
                let what = (log.case, transmission, false);
                self.send(caller, what, occasion).await?
            }
            _ => return Ok(None),
        }))
    }

    /// The password is shown this once. Nobody of a story needs it, so it is thrown away.
    async fn prepare(
        &self,
        caller: &Caller,
        order: Order,
        occasion: &Occasion,
    ) -> anyhow::Result<Executed> {
        let packer = Arc::new(SevenZip);
        match transmission::prepare(self.ledger, packer, caller, order, occasion).await {
            Ok(prepared) => Ok(prepared.executed),
            // As itself, so that the player knows a refusal when there is one.
            Err(PrepareError::Ledger(error)) => Err(error.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Where the rules allow it, it fails all the same.
    async fn send(
        &self,
        caller: &Caller,
        what: (CaseId, TransmissionId, bool),
        occasion: &Occasion,
    ) -> anyhow::Result<Executed> {
        match transmission::send(self.ledger, &NoPost, caller, what, occasion).await {
            Err(SendError::Ledger(error)) => Err(error.into()),
            Ok(outcome) => match outcome.failure {
                None => Ok(outcome.executed),
                Some(failure) => Err(failure).context(
                    "the demo has no mail server, so a story can only show that sending is refused",
                ),
            },
        }
    }
}
