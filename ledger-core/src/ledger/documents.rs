//! Documents: bodies go in and out in pieces, sealed under a key of their own, and never whole through memory.

use std::{collections::VecDeque, sync::Arc};

use super::{Caller, CaseCommand, Executed, Ledger, LedgerError, Look, Occasion};
use crate::{
    access::Action,
    case::{AddDocument, Document},
    clock::Timestamp,
    command::{Rejection, RejectionCode},
    events::DocumentAddedContent,
    ids::{CaseId, Code, DocumentId, KeyId},
    sealing::{
        CHUNK_BYTES, ChunkError, ChunkOpener, ChunkSealer, DOCUMENT_BYTES_MAX, DataKey, KeyState,
    },
    standing::Asked,
    store::{Appended, DocumentChunk},
};

/// How many sealed pieces are written or read at a time: about a megabyte.
const CHUNKS_AT_A_TIME: usize = 16;

/// A document that is being handed in.
pub struct Upload {
    ledger: Arc<Ledger>,
    caller: Caller,
    case: CaseId,
    document: DocumentId,
    sealer: ChunkSealer,
    /// Plaintext that does not fill a piece yet.
    rest: zeroize::Zeroizing<Vec<u8>>,
    sealed: Vec<DocumentChunk>,
    next: u32,
    bytes: u64,
    bytes_max: u64,
}

/// What is said about a document.
#[derive(Debug, Clone)]
pub struct DocumentDescription {
    /// The section that it belongs to.
    pub section: Code,
    /// What kind of file.
    pub format: Code,
    /// Its heading.
    pub title: String,
    /// The name of the file.
    pub file_name: String,
}

impl Ledger {
    /// Begins to take in a document for a section. Nothing is seen of it before [`Upload::finish`].
    ///
    /// # Errors
    /// As [`Ledger::execute`] for adding a document: whoever may not add one there is refused before the first byte.
    /// Whether they still may in the end is decided when it is filed.
    pub async fn upload(
        self: &Arc<Self>,
        caller: &Caller,
        case: CaseId,
        section: Code,
        bytes_max: u64,
        occasion: &Occasion,
    ) -> Result<Upload, LedgerError> {
        let asked = Asked {
            section: Some(section),
            ..Asked::default()
        };
        self.permit(caller, case, Action::AddDocument, &asked, occasion)
            .await?;
        let document = DocumentId::generate(self.now(), self.entropy());
        let key_id = KeyId::Document(document);
        let mut keys = self.parts.keyring.create(&caller.tenant, &[key_id]).await?;
        let key = keys.remove(&key_id).ok_or(LedgerError::KeyStoreContent {
            what: "a document's key",
        })?;
        Ok(Upload {
            ledger: Arc::clone(self),
            caller: caller.clone(),
            case,
            document,
            sealer: ChunkSealer::new(&key, &caller.tenant, document, self.entropy()),
            rest: zeroize::Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)),
            sealed: Vec::new(),
            next: 0,
            bytes: 0,
            bytes_max: bytes_max.min(DOCUMENT_BYTES_MAX),
        })
    }
}

impl Upload {
    /// Takes in the next bytes.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), LedgerError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.bytes_max {
            let message = format!("the document is larger than {} bytes", self.bytes_max);
            return Err(Rejection::new(RejectionCode::Invalid, message).into());
        }
        while self.rest.len() + bytes.len() > CHUNK_BYTES {
            let (head, tail) = bytes.split_at(CHUNK_BYTES - self.rest.len());
            self.rest.extend_from_slice(head);
            bytes = tail;
            self.seal_rest(false).await?;
        }
        self.rest.extend_from_slice(bytes);
        Ok(())
    }

    /// Files the document under the case.
    pub async fn finish(
        mut self,
        description: DocumentDescription,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        self.seal_rest(true).await?;
        self.flush().await?;
        let sealed = self.sealer.finish()?;
        let command = AddDocument {
            document: self.document,
            section: description.section,
            format: description.format,
            size_bytes: sealed.body_bytes,
            body_commitment: sealed.commitment,
            title: description.title,
            file_name: description.file_name,
        };
        let (ledger, tenant, document) = (self.ledger, &self.caller.tenant, self.document);
        let done = ledger
            .execute(
                &self.caller,
                self.case,
                CaseCommand::AddDocument(command),
                occasion,
            )
            .await;
        // A body that nothing names, because it was refused or handed in before, is not kept.
        if !matches!(&done, Ok(executed) if !executed.repeated) {
            ledger
                .parts
                .store
                .delete_documents(tenant, &[document])
                .await?;
        }
        done
    }

    /// Gives up a document that is not wanted after all; nothing of its body stays.
    pub async fn discard(self) -> Result<(), LedgerError> {
        let (tenant, document) = (&self.caller.tenant, self.document);
        self.ledger
            .parts
            .store
            .delete_documents(tenant, &[document])
            .await?;
        Ok(())
    }

    async fn seal_rest(&mut self, is_final: bool) -> Result<(), LedgerError> {
        let ciphertext = self.sealer.seal_next(&self.rest, is_final)?;
        self.rest.clear();
        self.sealed.push(DocumentChunk {
            index: self.next,
            ciphertext,
        });
        self.next += 1;
        if self.sealed.len() >= CHUNKS_AT_A_TIME {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), LedgerError> {
        let sealed = std::mem::take(&mut self.sealed);
        if !sealed.is_empty() {
            self.ledger
                .parts
                .store
                .put_chunks(&self.caller.tenant, self.document, sealed)
                .await?;
        }
        Ok(())
    }
}

/// A document that is being handed out, piece by piece. Every few seconds it is decided again whether it may be.
pub struct Download {
    ledger: Arc<Ledger>,
    caller: Caller,
    occasion: Occasion,
    case: CaseId,
    document: DocumentId,
    opener: ChunkOpener,
    fetched: VecDeque<DocumentChunk>,
    next: u32,
    given_bytes: u64,
    /// The length of the whole body.
    pub size_bytes: u64,
    /// What kind of file it is.
    pub format: Code,
    /// The name of the file, where it can still be read.
    pub file_name: Option<String>,
    /// The view under which pieces are handed out now.
    view: Appended,
    /// When it was appended, by this server's clock.
    viewed_at: Timestamp,
    ended: bool,
}

/// A document that may be handed out for a moment.
struct ViewedDocument {
    document: Document,
    file_name: Option<String>,
    key: DataKey,
    view: Appended,
    viewed_at: Timestamp,
}

impl Ledger {
    /// Begins to hand out a document.
    ///
    /// # Errors
    /// As [`Ledger::look`]; [`LedgerError::NotFound`] for a document that is not there or was redacted.
    pub async fn download(
        self: &Arc<Self>,
        caller: &Caller,
        case: CaseId,
        document: DocumentId,
        occasion: &Occasion,
    ) -> Result<Download, LedgerError> {
        let ViewedDocument {
            document: found,
            file_name,
            key,
            view,
            viewed_at,
        } = self
            .view_document(caller, case, document, 0, occasion)
            .await?;
        Ok(Download {
            ledger: Arc::clone(self),
            caller: caller.clone(),
            occasion: occasion.clone(),
            case,
            document,
            opener: ChunkOpener::new(&key, &caller.tenant, document, found.body_commitment),
            fetched: VecDeque::new(),
            next: 0,
            given_bytes: 0,
            size_bytes: found.size_bytes,
            format: found.format,
            file_name,
            view,
            viewed_at,
            ended: false,
        })
    }

    async fn view_document(
        &self,
        caller: &Caller,
        case: CaseId,
        document: DocumentId,
        from_byte: u64,
        occasion: &Occasion,
    ) -> Result<ViewedDocument, LedgerError> {
        let shown = self
            .look(caller, case, &Look::Document(document, from_byte), occasion)
            .await?;
        let viewed_at = self.now();
        let found = shown
            .document(document)
            .ok_or(LedgerError::NotFound)?
            .clone();
        let key_id = KeyId::Document(document);
        let mut keys = self.parts.keyring.keys(&caller.tenant, &[key_id]).await?;
        match keys.remove(&key_id) {
            Some(KeyState::Present(key)) => Ok(ViewedDocument {
                file_name: shown
                    .contents
                    .read::<DocumentAddedContent>(found.added)
                    .map(|content| content.file_name),
                document: found,
                key,
                view: shown.view,
                viewed_at,
            }),
            _ => Err(LedgerError::NotFound),
        }
    }
}

impl Download {
    /// The view under which the last piece was handed out.
    pub fn view(&self) -> &Appended {
        &self.view
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// As [`Ledger::look`]: a withdrawal, a removal or an expiry ends the download where it is.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.ended {
            return Ok(None);
        }
        if self.fetched.is_empty() {
            let store = &self.ledger.parts.store;
            let chunks = store
                .chunks(
                    &self.caller.tenant,
                    self.document,
                    self.next,
                    CHUNKS_AT_A_TIME,
                )
                .await?;
            self.fetched.extend(chunks);
        }
        let chunk = self
            .fetched
            .pop_front()
            .ok_or(ChunkError::FinalChunkMissing { chunks: self.next })?;
        // Checked last, so that nothing slow lies between the view and the piece that leaves under it.
        if self.ledger.now() - self.viewed_at >= self.ledger.parts.settings.recheck_every {
            let viewed = self
                .ledger
                .view_document(
                    &self.caller,
                    self.case,
                    self.document,
                    self.given_bytes,
                    &self.occasion,
                )
                .await?;
            self.view = viewed.view;
            self.viewed_at = viewed.viewed_at;
        }
        let before = self.given_bytes;
        let last = before + CHUNK_BYTES as u64 >= self.size_bytes;
        let piece = self.opener.open_next(&chunk.ciphertext, last)?;
        self.next += 1;
        self.given_bytes += piece.len() as u64;
        self.ended = last;
        Ok(Some(piece.to_vec()))
    }
}
