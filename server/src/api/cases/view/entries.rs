//! What is filed under a section of somebody's choice: notes and documents.

use ledger_core::{
    events::{DocumentAddedContent, Event, NoteAddedContent},
    ids::{Code, DocumentId, NoteId},
    profile::Filed,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, Seen};
use crate::api::schemas;

/// A note.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct NoteView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    note_id: NoteId,
    /// Where it stands.
    #[schema(value_type = schemas::CodeWord)]
    section: Code,
    /// What the system calls this section.
    #[schema(example = "notat")]
    section_name: Option<String>,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A document, without its body.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct DocumentView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    document_id: DocumentId,
    /// Where it stands.
    #[schema(value_type = schemas::CodeWord)]
    section: Code,
    /// What the system calls this section.
    #[schema(example = "dokument")]
    section_name: Option<String>,
    /// What kind of file.
    #[schema(value_type = schemas::CodeWord, example = "pdf")]
    format: Code,
    /// Length of the body in bytes.
    size_bytes: u64,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// The notes.
pub(in crate::api) fn notes(seen: &Seen<'_>) -> Vec<NoteView> {
    let added = seen.events().filter_map(|recorded| {
        let Event::NoteAdded(facts) = &recorded.event else {
            return None;
        };
        let stands = seen.profile().filed_in(Filed::Notes, &facts.section)?;
        let content = seen.content::<NoteAddedContent>(recorded.position);
        let (title, text) = content.map(|said| (said.title, said.text)).unzip();
        Some(NoteView {
            note_id: facts.note,
            section: stands.clone(),
            section_name: seen.names.section(stands),
            title,
            text,
            entry: seen.entry(recorded),
        })
    });
    added.collect()
}

/// The documents.
pub(in crate::api) fn documents(seen: &Seen<'_>) -> Vec<DocumentView> {
    let added = seen.events().filter_map(|recorded| {
        let Event::DocumentAdded(facts) = &recorded.event else {
            return None;
        };
        let stands = seen.profile().filed_in(Filed::Documents, &facts.section)?;
        let content = seen.content::<DocumentAddedContent>(recorded.position);
        let (title, file_name) = content.map(|said| (said.title, said.file_name)).unzip();
        Some(DocumentView {
            document_id: facts.document,
            section: stands.clone(),
            section_name: seen.names.section(stands),
            format: facts.format.clone(),
            size_bytes: facts.size_bytes,
            title,
            file_name,
            entry: seen.entry(recorded),
        })
    });
    added.collect()
}
