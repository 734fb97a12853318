//! Names and sentences in the language of the reader, and lines that end where the terminal does.

use ledger_core::{
    access::Action,
    ids::Code,
    profile::{Assurance, Language, Names, Profile, Requirement},
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

    /// A message for a code of the rule book that the program need not have words for; without any, the code.
    pub(super) fn code(&self, group: &str, code: &Code) -> String {
        let id = format!("{group}-{code}");
        if self.words().has(&format!("explain-{id}")) {
            self.message(&id)
        } else {
            code.to_string()
        }
    }

    /// How surely somebody is known.
    pub(super) fn level(&self, level: Assurance) -> String {
        self.message(match level {
            Assurance::Low => "level-low",
            Assurance::Substantial => "level-substantial",
            Assurance::High => "level-high",
        })
    }

    /// What a language is called.
    pub(super) fn language(&self, language: Language) -> String {
        self.message(&format!("language-{}", language.code()))
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

    pub(super) fn section_name(&self, code: &Code) -> String {
        named(self.vocabulary.section(code), code)
    }

    pub(super) fn consent(&self, code: &Code) -> String {
        named(self.vocabulary.consent(code), code)
    }

    pub(super) fn form(&self, code: &Code) -> String {
        named(self.vocabulary.form(code), code)
    }

    /// An item that a family is told of, and of which agreements speak.
    pub(super) fn information(&self, code: &Code) -> String {
        let item = self.profile.information.get(code);
        item.map_or_else(|| code.to_string(), |item| self.name(&item.name))
    }

    /// A kind of agreement that organisations sign.
    pub(super) fn agreement(&self, code: &Code) -> String {
        let kind = self.profile.agreements.get(code);
        kind.map_or_else(|| code.to_string(), |kind| self.name(&kind.name))
    }

    pub(super) fn closing_reason(&self, code: &Code) -> String {
        named(self.vocabulary.closing_reason(code), code)
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

    /// Codes by what each is called, in a list.
    pub(super) fn listed<'b>(
        &self,
        join: &str,
        codes: impl IntoIterator<Item = &'b Code>,
        called: impl Fn(&Self, &Code) -> String,
    ) -> String {
        let called = codes.into_iter().map(|code| called(self, code));
        self.list(join, &called.collect::<Vec<_>>())
    }

    /// A part of the rule book: its heading and its lines; nothing without any.
    pub(super) fn section(&self, id: &str, lines: &[String]) -> String {
        if lines.is_empty() {
            return String::new();
        }
        let lines = lines.iter().map(|line| self.item("• ", 2, line));
        let lines: Vec<String> = [self.heading(&self.message(id))]
            .into_iter()
            .chain(lines)
            .collect();
        lines.join("\n")
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

/// `name: one; two [V8]`.
pub(super) fn line(name: &str, said: &[String], requirement: Option<Requirement>) -> String {
    let colon = if said.is_empty() { "" } else { ": " };
    format!("{name}{colon}{}{}", said.join("; "), because(requirement))
}

/// ` [V8]`, where a requirement is named.
pub(super) fn because(requirement: Option<Requirement>) -> String {
    requirement.map_or_else(String::new, |id| format!(" [{id}]"))
}
