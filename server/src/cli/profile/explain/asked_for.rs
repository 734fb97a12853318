//! Which sentence asked for which command, and for which rule that the program keeps in every system.

use std::collections::BTreeMap;

use ledger_core::profile::{AskedFor, Requirement};

use super::say::Say;

/// By the sentence, each with its commands and rules.
pub(super) fn text(say: &Say<'_>, asked_for: &BTreeMap<AskedFor, Requirement>) -> String {
    let mut by_sentence: BTreeMap<Requirement, Vec<String>> = BTreeMap::new();
    for (what, requirement) in asked_for {
        let words = match what {
            AskedFor::Command(action) => say.action(*action),
            AskedFor::Rule(rule) => say.message(&format!("kept-{}", rule.code())),
        };
        by_sentence.entry(*requirement).or_default().push(words);
    }
    let told = by_sentence
        .into_iter()
        .map(|(requirement, words)| format!("{requirement}: {}", words.join("; ")));
    say.section("asked-for", &told.collect::<Vec<_>>())
}
