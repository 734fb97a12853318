//! What an export of a case is made of: its events and views up to a cut, the events that they cite, and the contents
//! and documents that are still there. Giving it out is a view like any other.

use std::collections::BTreeSet;

use super::{
    Caller, Ledger, LedgerError, Occasion, OpenedContents, noting::GivenOut, states::Freshness,
};
use crate::{
    access::Action,
    case::Case,
    event::Basis,
    events::{CaseExported, Event},
    ids::{CaseId, Code, Digest, DocumentId, KeyId, Position, ProfileId, StreamId, TenantId},
    sealing::{ChunkError, ChunkOpener, KeyState},
    store::{Appended, Recorded, StoredEvent},
};

/// Everything of a case, up to a cut.
pub struct ExportMaterial {
    /// The case.
    pub case: CaseId,
    /// The last position that is covered: that of the view under which this was given out.
    pub cut: Position,
    /// The last version of the case's own stream.
    pub case_version: u64,
    /// The last version of its views.
    pub views_version: u64,
    /// Events of the case and of its views, in order of position.
    pub events: Vec<StoredEvent>,
    /// Events of other streams that these cite, and the adoptions of the rule books that they name, in order of
    /// position.
    pub cited: Vec<StoredEvent>,
    /// Contents of both, as far as they are still there and no redaction names them.
    pub contents: OpenedContents,
    /// Documents whose bodies are still there; read them with [`Ledger::export_document`].
    pub documents: Vec<DocumentId>,
    /// The view.
    pub view: Appended,
}

/// A document's body, with the salt of its commitment.
pub struct ExportedBody {
    /// The salt.
    pub salt: Digest,
    /// The body.
    pub body: zeroize::Zeroizing<Vec<u8>>,
}

/// A package of this format.
struct Package<'a> {
    format: &'a Code,
}

impl GivenOut for Package<'_> {
    fn action(&self, _: &Case) -> Action {
        Action::ExportCase
    }

    fn facts(&self, _: &Case, cut: Position) -> Event {
        let facts = CaseExported {
            format: self.format.clone(),
            cut,
        };
        facts.into()
    }

    fn has_cut(&self) -> bool {
        true
    }
}

impl Ledger {
    /// Gives out a case for a package of this format.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not export.
    pub async fn export(
        &self,
        caller: &Caller,
        case_id: CaseId,
        format: &Code,
        occasion: &Occasion,
    ) -> Result<ExportMaterial, LedgerError> {
        let package = Package { format };
        let (situation, view) = self
            .note_or_refuse(caller, case_id, &package, occasion)
            .await?;
        self.material(caller, case_id, situation.case.version, view)
            .await
    }

    async fn material(
        &self,
        caller: &Caller,
        case_id: CaseId,
        case_version: u64,
        view: Appended,
    ) -> Result<ExportMaterial, LedgerError> {
        let tenant = &caller.tenant;
        let cut = view.first;
        let mut recorded = Vec::new();
        for stream in [StreamId::Case(case_id), StreamId::Views(case_id)] {
            recorded.extend(self.read_after(tenant, &stream, 0).await?);
        }
        recorded.retain(|event| event.position <= cut);
        let own: BTreeSet<Position> = recorded.iter().map(|event| event.position).collect();
        let bases = recorded
            .iter()
            .filter_map(|event| event.envelope.basis.as_ref());
        let mut cited = self.adoptions(tenant, bases.clone(), cut).await?;
        cited.extend(bases.flat_map(|basis| &basis.cited));
        cited.retain(|position| !own.contains(position));
        let own: Vec<Position> = own.into_iter().collect();
        let cited: Vec<Position> = cited.into_iter().collect();
        let events = self.parts.store.read_at(tenant, &own).await?;
        let cited = self.parts.store.read_at(tenant, &cited).await?;
        let case = self.case(tenant, case_id, Freshness::FromMemory).await?;
        // A redaction denies what it names from its event on, also while the destruction is still under way.
        let readable: Vec<&Recorded> = recorded
            .iter()
            .filter(|event| !case.state.redacted.contains(&event.position))
            .collect();
        let mut contents = self.open_contents(tenant, &readable).await?;
        let others: Vec<_> = cited
            .iter()
            .map(StoredEvent::decode)
            .collect::<Result<_, _>>()?;
        contents.extend(
            self.open_contents(tenant, &others.iter().collect::<Vec<_>>())
                .await?,
        );
        let documents = case
            .state
            .documents
            .iter()
            .filter(|(_, document)| !document.redacted && document.added <= cut);
        Ok(ExportMaterial {
            case: case_id,
            cut,
            case_version,
            views_version: view.versions.last().copied().unwrap_or(0),
            events,
            cited,
            contents,
            documents: documents.map(|(id, _)| *id).collect(),
            view,
        })
    }

    /// Where the rule books were adopted that these decisions name.
    async fn adoptions(
        &self,
        tenant: &TenantId,
        bases: impl Iterator<Item = &Basis>,
        cut: Position,
    ) -> Result<BTreeSet<Position>, LedgerError> {
        let named: BTreeSet<(&ProfileId, Digest)> = bases
            .map(|basis| (&basis.profile, basis.profile_digest))
            .collect();
        let profiles: BTreeSet<&ProfileId> = named.iter().map(|(profile, _)| *profile).collect();
        let mut adoptions = BTreeSet::new();
        for profile in profiles {
            let stream = StreamId::Profile(profile.clone());
            for adopted in self.read_after(tenant, &stream, 0).await? {
                if let Event::ProfileAdopted(facts) = &adopted.event
                    && adopted.position <= cut
                    && named.contains(&(profile, facts.digest))
                {
                    adoptions.insert(adopted.position);
                }
            }
        }
        Ok(adoptions)
    }

    /// The body of a document that belongs to an export.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] for a document that is not part of the export or whose key was destroyed since.
    pub async fn export_document(
        &self,
        caller: &Caller,
        material: &ExportMaterial,
        document: DocumentId,
    ) -> Result<ExportedBody, LedgerError> {
        let tenant = &caller.tenant;
        let case = self
            .case(tenant, material.case, Freshness::FromMemory)
            .await?;
        let known = case
            .state
            .documents
            .get(&document)
            .filter(|_| material.documents.contains(&document));
        let known = known.ok_or(LedgerError::NotFound)?;
        self.open_body(tenant, document, known.body_commitment, known.size_bytes)
            .await
    }

    /// Opens a body that is all of it small enough for memory.
    pub(super) async fn open_body(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        commitment: Digest,
        size_bytes: u64,
    ) -> Result<ExportedBody, LedgerError> {
        let key_id = KeyId::Document(document);
        let mut keys = self.parts.keyring.keys(tenant, &[key_id]).await?;
        let Some(KeyState::Present(key)) = keys.remove(&key_id) else {
            return Err(LedgerError::NotFound);
        };
        let mut opener = ChunkOpener::new(&key, tenant, document, commitment);
        let capacity = usize::try_from(size_bytes).unwrap_or(0);
        let mut body = zeroize::Zeroizing::new(Vec::with_capacity(capacity));
        let mut next = 0;
        loop {
            let chunks = self.parts.store.chunks(tenant, document, next, 64).await?;
            if chunks.is_empty() {
                return Err(ChunkError::FinalChunkMissing { chunks: next }.into());
            }
            for chunk in chunks {
                let last = body.len() as u64 + crate::sealing::CHUNK_BYTES as u64 >= size_bytes;
                body.extend_from_slice(&opener.open_next(&chunk.ciphertext, last)?);
                next += 1;
                if last {
                    let salt = Digest(opener.finish()?.salt);
                    return Ok(ExportedBody { salt, body });
                }
            }
        }
    }
}
