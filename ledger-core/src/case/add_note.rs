//! Write a note into the log (V6).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{NoteAdded, NoteAddedContent},
    ids::{Code, KeyId, NoteId, StreamId},
    profile::Filed,
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

/// Whoever may see a section is shown what is filed under it: so nothing is filed where the profile does not expect it.
pub(super) fn is_taken(
    filed: Filed,
    section: &Code,
    setting: &Setting<'_>,
) -> Result<(), Rejection> {
    let takers = || setting.profile.sections_that_take(filed);
    if takers().any(|taker| taker == section) {
        return Ok(());
    }
    let what = match filed {
        Filed::Notes => "section for notes,",
        Filed::Documents => "section for documents,",
    };
    Err(command::not_in_profile(what, section, takers()))
}

impl AddNote {
    /// `note_added`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        is_taken(Filed::Notes, &self.section, setting)?;
        let content = NoteAddedContent {
            title: command::line("title", &self.title)?,
            text: self.text_within(setting.profile.limits.note_characters_max)?,
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

    fn text_within(&self, characters_max: u32) -> Result<String, Rejection> {
        let text = command::text("text", &self.text)?;
        let given = text.chars().count();
        if u64::from(characters_max) < given as u64 {
            return Err(Rejection::new(
                RejectionCode::Invalid,
                format!("text has {given} characters; the profile accepts {characters_max}"),
            ));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{code, content, given, kvam_with, new_note, opened};

    fn note() -> AddNote {
        AddNote {
            section: code("notes"),
            title: " Møte ".to_owned(),
            text: "To linjer\nmed tekst".to_owned(),
        }
    }

    #[test]
    fn a_note_stands_in_its_section_and_its_text_is_sealed() {
        let facts = NoteAdded {
            note: new_note(),
            section: code("notes"),
        };
        let [added] = given([opened()]).when(note()).then([facts.into()]);
        let expected = NoteAddedContent {
            title: "Møte".to_owned(),
            text: "To linjer\nmed tekst".to_owned(),
        };
        assert_eq!(content::<NoteAddedContent>(&added), expected);
    }

    #[test]
    fn a_section_must_be_one_that_takes_notes() {
        for section in ["gossip", "timeline", "basics", "consents", "documents"] {
            let note = AddNote {
                section: code(section),
                ..note()
            };
            given([opened()])
                .when(note)
                .rejected(RejectionCode::NotInProfile)
                .naming(section);
        }
    }

    #[test]
    fn a_title_is_one_line_that_says_something() {
        for title in [
            "",
            "  ",
            "to\nlinjer",
            "referat\u{202e}fdp.exe",
            "Kari \u{2066}Nordmann",
            &"x".repeat(command::LINE_CHARS_MAX + 1),
        ] {
            let title = title.to_owned();
            given([opened()])
                .when(AddNote { title, ..note() })
                .rejected(RejectionCode::Invalid)
                .naming("title");
        }
    }

    #[test]
    fn a_text_holds_no_control_characters_and_ends_somewhere() {
        for text in ["bell\u{7}", &"x".repeat(command::TEXT_CHARS_MAX + 1)] {
            let text = text.to_owned();
            given([opened()])
                .when(AddNote { text, ..note() })
                .rejected(RejectionCode::Invalid)
                .naming("text");
        }
    }

    #[test]
    fn a_note_is_no_longer_than_the_profile_says() {
        let strict = || kvam_with("note_characters_max = 20000", "note_characters_max = 10");
        let written = |characters: usize| AddNote {
            text: "å".repeat(characters),
            ..note()
        };
        given([opened()])
            .by_the_rules_of(strict())
            .when(written(11))
            .rejected(RejectionCode::Invalid)
            .naming("10");
        let fits = given([opened()])
            .by_the_rules_of(strict())
            .when(written(10));
        fits.0.expect("it fits");
    }
}
