//! Names and sentences in the language of the reader, and lines that end where the terminal does.

use ledger_core::{
    access::Action,
    ids::Code,
    profile::{Names, Profile, Requirement},
};

use crate::{
    cli::show,
    words::{Sentence, Vocabulary, Words},
};

/// What a rule book is told with.
pub(super) struct Say<'a> {
    pub(super) profile: &'a Profile,
    vocabulary: Vocabulary<'a>,
    width: usize,
}

/// The narrowest and widest lines that are written, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 50..=110;

impl<'a> Say<'a> {
    pub(super) fn new(profile: &'a Profile, vocabulary: Vocabulary<'a>) -> Self {
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            profile,
            vocabulary,
            width: width.map_or(*WIDTHS.end(), |width| {
                width.clamp(*WIDTHS.start(), *WIDTHS.end())
            }),
        }
    }

    fn words(&self) -> Words {
        self.vocabulary.words()
    }

    /// A message of the group `explain-`.
    pub(super) fn message(&self, id: &str) -> String {
        self.filled(id, &[])
    }

    /// The same, with its variables.
    pub(super) fn filled(&self, id: &str, variables: &[(&'static str, &str)]) -> String {
        let sentence = Sentence::new(format!("explain-{id}"));
        let filled = variables.iter().fold(sentence, |sentence, (name, text)| {
            sentence.with(name, *text)
        });
        self.words().say(&filled)
    }

    pub(super) fn action(&self, action: Action) -> String {
        self.words().action(action)
    }

    /// A name of the rule book.
    pub(super) fn name(&self, names: &Names) -> String {
        let own = names.get(&self.vocabulary.language());
        let name = own.or_else(|| names.get(&self.profile.language));
        name.cloned().unwrap_or_default()
    }

    pub(super) fn role(&self, code: &Code) -> String {
        named(self.vocabulary.role(code), code)
    }

    pub(super) fn status(&self, code: &Code) -> String {
        named(self.vocabulary.status(code), code)
    }

    pub(super) fn section(&self, code: &Code) -> String {
        named(self.vocabulary.section(code), code)
    }

    pub(super) fn consent(&self, code: &Code) -> String {
        named(self.vocabulary.consent(code), code)
    }

    pub(super) fn form(&self, code: &Code) -> String {
        named(self.vocabulary.form(code), code)
    }

    /// What a requirement says.
    pub(super) fn sentence(&self, requirement: Requirement) -> String {
        let sentence = self.profile.sentence(requirement);
        sentence.map(|names| self.name(names)).unwrap_or_default()
    }

    /// `one, two and three`, or with `or`.
    pub(super) fn list(&self, join: &str, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [before @ .., last] => {
                self.filled(join, &[("one", &before.join(", ")), ("other", last)])
            }
        }
    }

    /// A heading with a line under it.
    pub(super) fn heading(&self, text: &str) -> String {
        let line = "─".repeat(text.chars().count().min(self.width));
        format!("{text}\n{line}")
    }

    /// A line that goes on under itself, after a mark.
    pub(super) fn item(&self, mark: &str, indent: usize, text: &str) -> String {
        let under = indent + mark.chars().count();
        let wrapped = show::wrapped_to(text, under, self.width);
        let rest: String = wrapped.chars().skip(under).collect();
        format!("{}{mark}{rest}", " ".repeat(indent))
    }
}

fn named(name: Option<String>, code: &Code) -> String {
    name.unwrap_or_else(|| code.to_string())
}

/// ` [V8]`, where a requirement is named.
pub(super) fn because(requirement: Option<Requirement>) -> String {
    requirement.map_or_else(String::new, |id| format!(" [{id}]"))
}
