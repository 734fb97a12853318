//! Whether all languages say the same, and everything that there is to say.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{access::RuleBook, events::EVENT_TYPES, profile::RuleBookText};

use super::*;

/// The messages of a language by id, each with its variables: one line a message.
fn messages(language: Language) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let lines = source(language)
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut messages = BTreeMap::new();
    for line in lines {
        let (id, text) = line.split_once(" = ").unwrap_or_else(|| {
            panic!("{language:?}: this is not a message on one line: {line}");
        });
        let variables = text.split("{ $").skip(1).map(|after| {
            let (name, _) = after.split_once(" }").expect("a variable ends");
            name
        });
        let twice = messages.insert(id, variables.collect());
        assert!(twice.is_none(), "{language:?} has {id} twice");
    }
    messages
}

/// Every id of these that a language does not have.
fn missing(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let missing = ids.into_iter().flat_map(|id| {
        let without = Language::ALL
            .into_iter()
            .filter(|language| !Words::of(*language).has(&id));
        let without: Vec<String> = without
            .map(|language| format!("{id} ({})", language.code()))
            .collect();
        without
    });
    missing.collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let english = messages(Language::En);
    assert!(english.len() > 150, "{} messages", english.len());
    for language in Language::ALL {
        assert_eq!(messages(language), english, "{language:?}");
    }
}

#[test]
fn every_line_is_a_message_that_can_be_read() {
    for language in Language::ALL {
        let read = FluentResource::try_new(source(language).to_owned());
        assert!(read.is_ok(), "{language:?}: {:?}", read.err());
        for id in messages(language).keys() {
            let words = Words::of(language);
            assert!(words.has(id), "{language:?} has no {id}");
        }
    }
}

#[test]
fn every_action_has_words() {
    let ids = Action::ALL.iter().map(|action| action_id(*action));
    assert_eq!(missing(ids), [""; 0]);
}

#[test]
fn every_event_type_has_words() {
    let ids = EVENT_TYPES.iter().map(|(code, _)| format!("event-{code}"));
    assert_eq!(missing(ids), [""; 0]);
}

#[test]
fn a_sentence_is_said_with_what_it_is_about() {
    let sentence = Sentence::new("detail-refused").with_action("action", Action::AddNote);
    let said = Language::ALL.map(|language| Words::of(language).say(&sentence));
    assert_eq!(
        said,
        [
            "Reglane i dette systemet tillèt ikkje å leggja til eit notat her.",
            "Reglene i dette systemet tillater ikke å legge til et notat her.",
            "De regels van dit systeem staan dit hier niet toe: een notitie toevoegen.",
            "The rules of this system do not allow you to add a note here.",
        ]
    );
}

#[test]
fn a_vocabulary_is_given_in_each_language_that_is_promised() {
    let text = RuleBookText::built_in("stafettloggen-kvam").unwrap();
    let rule_book = RuleBook::load(&text).unwrap();
    let role = "guardian".parse().unwrap();
    let names = ["nn", "nb", "nl", "en"].map(|language| {
        let wishes = Wishes::parse(language);
        wishes.vocabulary(rule_book.profile()).role(&role).unwrap()
    });
    assert_eq!(
        names,
        ["føresett", "foresatt", "gezaghebbende ouder", "guardian"]
    );
}
