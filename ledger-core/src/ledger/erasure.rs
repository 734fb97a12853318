//! Erasing a case (V19): everything is denied → keys destroyed → contents, documents and lookups deleted → certified.
//! Interrupted anywhere, it is taken up again by asking for it again.

use super::{
    Caller, CaseCommand, Executed, Ledger, LedgerError, Occasion, states::Freshness,
    transmissions::working_copies,
};
use crate::{
    access::Action,
    case::{Erasure, FinishErasure, RedactContent, StartErasure},
    events::Event,
    ids::{CaseId, KeyId, Position, StreamId},
    sealing::Destruction,
    standing::Asked,
};

/// What an erasure has destroyed.
#[derive(Debug, Clone)]
pub struct Erased {
    /// How many keys.
    pub keys: u64,
    /// How many contents.
    pub contents: u64,
    /// The events that certify it.
    pub certificate: Executed,
}

impl Erased {
    /// What the certificate says.
    fn certified(certificate: Executed) -> Self {
        let said = certificate.decided.iter().find_map(|event| match event {
            Event::CaseErased(facts) => Some((facts.keys, facts.contents)),
            _ => None,
        });
        let (keys, contents) = said.unwrap_or_default();
        Self {
            keys,
            contents,
            certificate,
        }
    }
}

impl Ledger {
    /// Erases an archived case.
    ///
    /// # Errors
    /// As [`Ledger::execute`]. After an error it may be asked for again and goes on where it stopped.
    pub async fn erase(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Erased, LedgerError> {
        let tenant = &caller.tenant;
        let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
        if case.state.erasure == Erasure::None || case.state.opened.is_none() {
            self.execute(
                caller,
                case_id,
                CaseCommand::StartErasure(StartErasure {}),
                occasion,
            )
            .await?;
        } else {
            let key = self.idempotency(caller, occasion).await?;
            let repeated = self.repeated(caller, key.as_ref()).await?;
            if let (Some(_), Erasure::Done(certified)) = (repeated, case.state.erasure) {
                // `case_erased` and the change of status that comes with it.
                let certificate = self.what_was_done(caller, certified, 2).await?;
                return Ok(Erased::certified(certificate));
            }
            // Only whoever may begin an erasure may go on with it.
            self.permit(
                caller,
                case_id,
                Action::EraseCase,
                &Asked::default(),
                occasion,
            )
            .await?;
        }
        let case = self.case(tenant, case_id, Freshness::ReadAgain).await?;
        if !matches!(case.state.erasure, Erasure::Started(_)) {
            // Refused by the rules or by the state, which says it best.
            let finish = CaseCommand::FinishErasure(FinishErasure {
                keys: 0,
                contents: 0,
            });
            let certificate = self.execute(caller, case_id, finish, occasion).await?;
            return Ok(Erased::certified(certificate));
        }
        let mut documents: Vec<_> = case.state.documents.keys().copied().collect();
        documents.extend(working_copies(&case.state));
        let keys: Vec<KeyId> = std::iter::once(KeyId::Case(case_id))
            .chain(documents.iter().copied().map(KeyId::Document))
            .collect();
        self.parts
            .keyring
            .destroy(tenant, &keys, self.now(), Destruction::CaseErased)
            .await?;

        let mut positions: Vec<Position> = case.state.with_content.iter().copied().collect();
        let views = self
            .read_after(tenant, &StreamId::Views(case_id), 0)
            .await?;
        positions.extend(
            views
                .iter()
                .filter(|view| view.envelope.content_commitment.is_some())
                .map(|view| view.position),
        );
        let contents = self.parts.store.delete_contents(tenant, &positions).await?;
        self.parts
            .store
            .delete_documents(tenant, &documents)
            .await?;
        self.parts.store.delete_lookups(tenant, case_id).await?;
        self.forget_sealed(tenant, &positions);
        if let Some(imported) = &case.state.imported {
            self.forget_import(tenant, imported.import).await?;
        }

        let keys = keys.len() as u64;
        let finish = CaseCommand::FinishErasure(FinishErasure { keys, contents });
        let certificate = self
            .execute(caller, case_id, finish, &without_repetition(occasion))
            .await?;
        Ok(Erased::certified(certificate))
    }

    /// Destroys content that must not stay. The event comes first: what it names is denied from then on, and a
    /// destruction that was interrupted is known and can be repeated.
    ///
    /// # Errors
    /// As [`Ledger::execute`].
    pub async fn redact(
        &self,
        caller: &Caller,
        case_id: CaseId,
        command: RedactContent,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let tenant = &caller.tenant;
        let executed = self
            .execute(
                caller,
                case_id,
                CaseCommand::RedactContent(command),
                occasion,
            )
            .await?;
        for event in &executed.decided {
            if let Event::ContentRedacted(facts) = event {
                let keys: Vec<KeyId> = facts
                    .documents
                    .iter()
                    .copied()
                    .map(KeyId::Document)
                    .collect();
                self.parts
                    .keyring
                    .destroy(tenant, &keys, self.now(), Destruction::DocumentRedacted)
                    .await?;
                self.parts
                    .store
                    .delete_contents(tenant, &facts.targets)
                    .await?;
                self.parts
                    .store
                    .delete_documents(tenant, &facts.documents)
                    .await?;
                self.forget_sealed(tenant, &facts.targets);
            }
        }
        Ok(executed)
    }
}

/// The first append of a request carries its key; the second is part of the same.
fn without_repetition(occasion: &Occasion) -> Occasion {
    Occasion {
        repeatable: None,
        case_version: None,
        ..occasion.clone()
    }
}
