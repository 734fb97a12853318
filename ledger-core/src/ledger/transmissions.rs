//! What the ledger keeps and gives for a handover of data: sealed bodies, the mailbox of the agreement, the packed copy.
//! Writing a form, packing it and mailing it belong to whoever calls.

use zeroize::Zeroizing;

use std::collections::BTreeSet;

use super::{
    Caller, CaseCommand, Executed, Ledger, LedgerError, Occasion,
    situation::{Named, Situation},
    states::Freshness,
};
use crate::{
    access::Action,
    case::{
        Case, ConcludeSending, DestroyWorkingCopy, PrepareTransmission, SealedBody,
        SendTransmission, SendingOutcome, Transmission,
    },
    command::{Rejection, RejectionCode, not_there},
    events::AgreementSignedContent,
    ids::{
        AgreementId, CaseId, Code, DocumentId, KeyId, OrganisationId, Position, ProfileId,
        ReferralId, StreamId, TenantId, TransmissionId,
    },
    sealing::{ChunkSealer, Destruction, chunks_of},
    standing::{Sides, newest_with_the_receiver},
    store::DocumentChunk,
};

/// What a form needs that stands in the ledger; nothing of any family.
#[derive(Debug, Clone)]
pub struct Preparing {
    /// By whose rules.
    pub profile: ProfileId,
    /// What the receiver is called.
    pub receiver: String,
    /// What the unit is called that is responsible for the case.
    pub sender: String,
    /// The id of the new transmission.
    pub transmission: TransmissionId,
}

/// Something that may leave now.
pub struct Dispatch {
    /// To which mailbox, and no other.
    pub mailbox: String,
    /// Under which Message-ID.
    pub message_id: String,
    /// The packed file.
    pub packed: Zeroizing<Vec<u8>>,
    /// By whose rules.
    pub profile: ProfileId,
    /// The event that says so.
    pub sending: Position,
    /// What was carried out so far.
    pub executed: Executed,
}

struct Mailbox {
    agreement: AgreementId,
    signed_by: (OrganisationId, u64),
    address: String,
}

impl Ledger {
    /// Decides early whether a transmission may be prepared, and gives what its form needs.
    ///
    /// # Errors
    /// As [`Ledger::execute`] for preparing it. Whether it still may be in the end is decided when it is filed.
    pub async fn preparing(
        &self,
        caller: &Caller,
        case_id: CaseId,
        referral: ReferralId,
        occasion: &Occasion,
    ) -> Result<Preparing, LedgerError> {
        let tenant = &caller.tenant;
        let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
        let asked = case.state.asked_of_referral(referral);
        self.permit(
            caller,
            case_id,
            Action::PrepareTransmission,
            &asked,
            occasion,
        )
        .await?;
        let opened = case.state.opened.as_ref().ok_or(LedgerError::NotFound)?;
        let receiver = asked.receiver.ok_or_else(|| {
            let message = format!("the case has no referral {referral} on which data are shared");
            Rejection::new(RejectionCode::NotFound, message)
        })?;
        Ok(Preparing {
            profile: opened.profile.clone(),
            receiver: self.organisation_name(tenant, receiver).await?,
            sender: self.organisation_name(tenant, opened.unit).await?,
            transmission: TransmissionId::generate(self.now(), self.entropy()),
        })
    }

    async fn organisation_name(
        &self,
        tenant: &TenantId,
        id: OrganisationId,
    ) -> Result<String, LedgerError> {
        let known = self.organisation(tenant, id, Freshness::FromMemory).await?;
        known.state.registered.ok_or(LedgerError::NotFound)?;
        let asked = BTreeSet::from([id]);
        let mut names = self.names_of_organisations(tenant, asked).await?;
        Ok(names.remove(&id).unwrap_or_default())
    }

    /// Seals a body under a key of its own. Nothing is seen of it before an event names it.
    pub async fn seal_body(&self, caller: &Caller, body: &[u8]) -> Result<SealedBody, LedgerError> {
        let tenant = &caller.tenant;
        let document = DocumentId::generate(self.now(), self.entropy());
        let key_id = KeyId::Document(document);
        let mut keys = self.parts.keyring.create(tenant, &[key_id]).await?;
        let key = keys.remove(&key_id).ok_or(LedgerError::KeyStoreContent {
            what: "a document's key",
        })?;
        let mut sealer = ChunkSealer::new(&key, tenant, document, self.entropy());
        let mut sealed = Vec::new();
        for (index, (chunk, is_final)) in (0..).zip(chunks_of(body)) {
            sealed.push(DocumentChunk {
                index,
                ciphertext: sealer.seal_next(chunk, is_final)?,
            });
        }
        let done = sealer.finish()?;
        self.parts
            .store
            .put_chunks(tenant, document, sealed)
            .await?;
        Ok(SealedBody {
            document,
            size_bytes: done.body_bytes,
            commitment: done.commitment,
        })
    }

    /// Files what was prepared. Bodies that no event names in the end are not kept.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn prepare_transmission(
        &self,
        caller: &Caller,
        case_id: CaseId,
        command: PrepareTransmission,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let bodies = [
            &command.form.body,
            &command.print.body,
            &command.working_copy,
        ]
        .map(|body| body.document);
        let command = CaseCommand::PrepareTransmission(command);
        let done = self.execute(caller, case_id, command, occasion).await;
        if !matches!(&done, Ok(executed) if !executed.repeated) {
            let store = &self.parts.store;
            store.delete_documents(&caller.tenant, &bodies).await?;
        }
        done
    }

    /// Records that a transmission is about to be sent, and gives out what may leave on that. The event is the view: it
    /// is appended only if consent and agreement are in force at that moment.
    ///
    /// # Errors
    /// As [`Ledger::execute`]. Nothing, if the same request was carried out before: then it is not sent again.
    pub async fn begin_sending(
        &self,
        caller: &Caller,
        case_id: CaseId,
        (transmission, again): (TransmissionId, bool),
        message_id: String,
        occasion: &Occasion,
    ) -> Result<Result<Dispatch, Executed>, LedgerError> {
        let tenant = &caller.tenant;
        let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
        let asked = case.state.asked_of_transmission(transmission);
        self.permit(caller, case_id, Action::SendTransmission, &asked, occasion)
            .await?;
        let named = Named {
            transmission: Some(transmission),
            ..Named::default()
        };
        let situation = self
            .situation(caller, case_id, Some(named), Freshness::ReadAgain)
            .await?;
        let known = known_transmission(&situation.case.state, transmission)?;
        let mailbox = self.mailbox(&situation, known).await?;
        let command = SendTransmission {
            transmission,
            agreement: mailbox.agreement,
            signed_by: mailbox.signed_by,
            mailbox: mailbox.address.clone(),
            message_id: message_id.clone(),
            again,
        };
        let command = CaseCommand::SendTransmission(command);
        let executed = self.execute(caller, case_id, command, occasion).await?;
        if executed.repeated {
            return Ok(Err(executed));
        }
        let packed = self
            .open_body(
                tenant,
                known.working_copy,
                known.working_copy_commitment,
                known.working_copy_bytes,
            )
            .await?
            .body;
        Ok(Ok(Dispatch {
            mailbox: mailbox.address,
            message_id,
            packed,
            profile: situation.profile().id.clone(),
            sending: executed.first,
            executed,
        }))
    }

    /// Records what became of a sending, as a part of the request that began it.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn conclude_sending(
        &self,
        caller: &Caller,
        case_id: CaseId,
        transmission: TransmissionId,
        (sending, outcome): (Position, SendingOutcome),
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let command = CaseCommand::ConcludeSending(ConcludeSending {
            transmission,
            sending: Some(sending),
            outcome,
        });
        let occasion = Occasion {
            repeatable: None,
            case_version: None,
            ..occasion.clone()
        };
        self.execute(caller, case_id, command, &occasion).await
    }

    /// Destroys the packed copy. The event comes first; a destruction that was interrupted is repeated by asking for it
    /// again.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn destroy_working_copy(
        &self,
        caller: &Caller,
        case_id: CaseId,
        transmission: TransmissionId,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let command = CaseCommand::DestroyWorkingCopy(DestroyWorkingCopy { transmission });
        let executed = self.execute(caller, case_id, command, occasion).await;
        let already = matches!(
            &executed,
            Err(LedgerError::Rejected(rejection)) if rejection.code == RejectionCode::AlreadyThere
        );
        if already || executed.is_ok() {
            let tenant = &caller.tenant;
            let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
            let known = known_transmission(&case.state, transmission)?;
            if known.destroyed.is_some() {
                let key = KeyId::Document(known.working_copy);
                let now = self.now();
                self.parts
                    .keyring
                    .destroy(tenant, &[key], now, Destruction::WorkingCopyDestroyed)
                    .await?;
                self.parts
                    .store
                    .delete_documents(tenant, &[known.working_copy])
                    .await?;
            }
        }
        executed
    }

    /// The mailbox of the newest agreement with the receiver that is in force and names one, of the kinds on which the
    /// referral rests.
    async fn mailbox(
        &self,
        situation: &Situation<'_>,
        transmission: &Transmission,
    ) -> Result<Mailbox, LedgerError> {
        let (tenant, profile) = (situation.tenant(), situation.profile());
        let case = &situation.case.state;
        let referral = case.handing_over.referrals.get(&transmission.referral);
        let subtype =
            referral.and_then(|referral| profile.referral(&referral.kind, &referral.subtype));
        let kinds: Vec<&Code> = subtype
            .iter()
            .flat_map(|subtype| &subtype.agreements)
            .filter(|kind| {
                let rule = profile.agreements.get(*kind);
                rule.is_some_and(|rule| rule.mailbox)
            })
            .collect();
        let missing = || {
            let message =
                "no agreement with the receiver that names a mailbox is in force; sign one first";
            Rejection::new(RejectionCode::WrongStatus, message)
                .because(subtype.and_then(|subtype| subtype.requirement.as_ref()))
        };
        let sides = Sides {
            unit: case.opened.as_ref().map(|opened| opened.unit),
            receiver: Some(transmission.receiver),
        };
        let around = situation.around();
        let newest =
            newest_with_the_receiver(sides, &around.organisations, profile, &kinds, self.now());
        let (signer, agreement) = newest.ok_or_else(missing)?;
        let stream = StreamId::Organisation(signer);
        let consulted = around.expected.iter().find(|(id, _)| *id == stream);
        let known = around.organisations.get(&signer);
        let signed = known.and_then(|known| known.agreements.get(&agreement));
        let (Some((_, version)), Some(signed)) = (consulted, signed) else {
            return Err(missing().into());
        };
        let events = self.decoded_at(tenant, &[signed.signed]).await?;
        let contents = self
            .open_contents(tenant, &events.iter().collect::<Vec<_>>())
            .await?;
        let said = contents.read::<AgreementSignedContent>(signed.signed);
        Ok(Mailbox {
            agreement,
            signed_by: (signer, *version),
            address: said.and_then(|said| said.mailbox).ok_or_else(missing)?,
        })
    }
}

fn known_transmission(case: &Case, id: TransmissionId) -> Result<&Transmission, LedgerError> {
    let known = case.handing_over.transmissions.get(&id);
    known.ok_or_else(|| not_there("transmission", id).into())
}

/// The packed copies of a case, those that were destroyed among them.
pub(super) fn working_copies(case: &Case) -> Vec<DocumentId> {
    let transmissions = case.handing_over.transmissions.values();
    transmissions
        .map(|transmission| transmission.working_copy)
        .collect()
}
