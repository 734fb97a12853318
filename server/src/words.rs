//! What the program says to people, in the languages that it speaks.
//!
//! The sentences stand in `server/words/<language>.ftl` (Project Fluent), a line each: titles and details of problems,
//! actions, events. The vocabulary of a system (its statuses, roles, sections, consents and reasons) and the sentences of
//! its requirements are data of its rule book: [`Vocabulary`] reads it there. Which language somebody is spoken to in stands in
//! [`Wishes`].
//!
//! **Invariant: every language has the same messages, and each message the same variables.** A test compares them.

mod vocabulary;
mod wishes;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use fluent::{FluentArgs, FluentResource, concurrent::FluentBundle};
use ledger_core::{
    access::Action,
    profile::{Language, Names},
};
use unic_langid::LanguageIdentifier;

pub use self::{
    vocabulary::{Vocabulary, VocabularyNames},
    wishes::Wishes,
};

/// The language of whoever has named none, where no rule book has one either.
pub const DEFAULT: Language = Language::En;

/// The sentences of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

/// A sentence that is not in any language yet: the id of its message, and what fills its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    id: String,
    arguments: Vec<(&'static str, Argument)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    /// Said as it is.
    Text(String),
    /// Said in digits.
    Number(u64),
    /// The id of another message.
    Message(String),
}

impl Sentence {
    /// The sentence of this message, without variables.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            arguments: Vec::new(),
        }
    }

    /// The id of its message.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Fills a variable with a text that is the same in every language.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.arguments.push((name, Argument::Text(text.into())));
        self
    }

    /// Fills a variable with a number.
    #[must_use]
    pub fn with_number(mut self, name: &'static str, number: u64) -> Self {
        self.arguments.push((name, Argument::Number(number)));
        self
    }

    /// Fills a variable with the words for an action.
    #[must_use]
    pub fn with_action(mut self, name: &'static str, action: Action) -> Self {
        let message = Argument::Message(action_id(action));
        self.arguments.push((name, message));
        self
    }
}

impl Words {
    /// The words of a language.
    pub const fn of(language: Language) -> Self {
        Self { language }
    }

    /// Which language they are in.
    pub const fn language(self) -> Language {
        self.language
    }

    /// Whether there is a message of this id.
    pub fn has(self, id: &str) -> bool {
        bundle(self.language).has_message(id)
    }

    /// Says a sentence.
    pub fn say(self, sentence: &Sentence) -> String {
        let mut arguments = FluentArgs::new();
        for (name, argument) in &sentence.arguments {
            match argument {
                Argument::Text(text) => arguments.set(*name, text.clone()),
                Argument::Number(number) => arguments.set(*name, *number),
                Argument::Message(id) => arguments.set(*name, self.message(id)),
            }
        }
        self.format(&sentence.id, Some(&arguments))
            .unwrap_or_else(|| sentence.id.clone())
    }

    /// The words for an action, so that they complete "the rules do not allow you to …".
    pub fn action(self, action: Action) -> String {
        self.message(&action_id(action))
    }

    /// What an event of this type is called in a timeline.
    pub fn event_type(self, code: &str) -> String {
        self.message(&format!("event-{code}"))
    }

    /// Of a text that a rule book has in some languages: the one in this language; else the one in [`DEFAULT`], else
    /// any.
    pub fn choose(self, names: &Names) -> Option<(Language, &str)> {
        [self.language, DEFAULT]
            .iter()
            .find_map(|language| names.get_key_value(language))
            .or_else(|| names.first_key_value())
            .map(|(language, text)| (*language, text.as_str()))
    }

    /// A message without variables. The tests see to it that there is one; were there none, its id would be shown.
    fn message(self, id: &str) -> String {
        self.format(id, None).unwrap_or_else(|| id.to_owned())
    }

    fn format(self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle = bundle(self.language);
        let message = bundle.get_message(id)?;
        let mut errors = Vec::new();
        let text = bundle
            .format_pattern(message.value()?, arguments, &mut errors)
            .into_owned();
        if !errors.is_empty() {
            tracing::warn!(%id, ?errors, "a sentence could not be filled in");
        }
        Some(text)
    }
}

fn action_id(action: Action) -> String {
    format!("action-{}", action.code())
}

/// The text of a language's messages.
const fn source(language: Language) -> &'static str {
    match language {
        Language::Nn => include_str!("../words/nn.ftl"),
        Language::Nb => include_str!("../words/nb.ftl"),
        Language::Nl => include_str!("../words/nl.ftl"),
        Language::En => include_str!("../words/en.ftl"),
    }
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: LazyLock<[FluentBundle<FluentResource>; Language::ALL.len()]> =
        LazyLock::new(|| Language::ALL.map(read));
    &BUNDLES[language as usize]
}

/// Reads a language's messages. A line that is no message is left out here; a test finds it.
fn read(language: Language) -> FluentBundle<FluentResource> {
    let (Ok(messages) | Err((messages, _))) = FluentResource::try_new(source(language).to_owned());
    let identifier: LanguageIdentifier = language
        .code()
        .parse()
        .expect("the code of a language is a language tag");
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // What is filled in is never written from right to left, and the marks would end up in clients' comparisons.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(messages);
    bundle
}
