//! Write a note into the log (V6).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{NoteAdded, NoteAddedContent},
    ids::{Code, KeyId, NoteId, StreamId},
};

/// Adds a note.
#[derive(Debug, Clone)]
pub struct AddNote {
    /// The section that it belongs to.
    pub section: Code,
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

pub(super) fn known_section(section: &Code, setting: &Setting<'_>) -> Result<(), Rejection> {
    if setting.profile.sections.contains_key(section) {
        return Ok(());
    }
    let known: Vec<&str> = setting.profile.sections.keys().map(Code::as_str).collect();
    let message = format!(
        "the profile has no section {section}; it has {}",
        known.join(", ")
    );
    Err(Rejection::new(RejectionCode::NotInProfile, message))
}

impl AddNote {
    /// `note_added`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        known_section(&self.section, setting)?;
        let content = NoteAddedContent {
            title: command::line("title", &self.title)?,
            text: command::text("text", &self.text)?,
        };
        let facts = NoteAdded {
            note: NoteId::generate(setting.now, setting.entropy),
            section: self.section,
        };
        Ok(vec![Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        )])
    }
}
