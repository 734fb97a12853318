//! File a document whose body was sealed and stored before.

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{DocumentAdded, DocumentAddedContent},
    ids::{Code, Digest, DocumentId, KeyId, StreamId},
};

/// Adds a document. The body's chunks are in the store already, sealed under the document's own key.
#[derive(Debug, Clone)]
pub struct AddDocument {
    /// The id under which its body is stored.
    pub document: DocumentId,
    /// The section that it belongs to.
    pub section: Code,
    /// What kind of file.
    pub format: Code,
    /// Length of the body in bytes.
    pub size_bytes: u64,
    /// `SHA-256(salt ‖ body)`; the salt is sealed with the body.
    pub body_commitment: Digest,
    /// Its heading.
    pub title: String,
    /// The name of the file.
    pub file_name: String,
}

impl AddDocument {
    /// `document_added`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        super::add_note::known_section(&self.section, setting)?;
        if case.documents.contains_key(&self.document) {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the document was added before",
            ));
        }
        let facts = DocumentAdded {
            document: self.document,
            section: self.section,
            format: self.format,
            size_bytes: self.size_bytes,
            body_commitment: self.body_commitment,
        };
        let content = DocumentAddedContent {
            title: command::line("title", &self.title)?,
            file_name: command::line("fileName", &self.file_name)?,
        };
        Ok(vec![Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        )])
    }
}
