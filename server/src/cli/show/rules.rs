//! Rules in plain words: the sentence that stands above a policy in the rule book.

use ledger_core::{
    ids::{Code, Digest},
    profile::RuleBookText,
};

/// The first sentence of the comment above a policy, if this version of the rule book comes with the program. Policies
/// of others are named by their ids alone.
pub(super) fn sentence(rule_book: Digest, policy: &Code) -> Option<String> {
    let text = RuleBookText::names_of_built_in()
        .filter_map(RuleBookText::built_in)
        .find(|text| text.digest() == rule_book)?;
    first_sentence(&comment_above(&text.access_cedar, policy)?)
}

fn comment_above(cedar: &str, policy: &Code) -> Option<String> {
    let lines: Vec<&str> = cedar.lines().collect();
    let id = format!("@id(\"{policy}\")");
    let at = lines.iter().position(|line| line.trim() == id)?;
    let mut comment: Vec<&str> = lines[..at]
        .iter()
        .rev()
        .map_while(|line| line.trim().strip_prefix("//"))
        .collect();
    comment.reverse();
    let comment: Vec<&str> = comment.into_iter().map(str::trim).collect();
    (!comment.is_empty()).then(|| comment.join(" "))
}

fn first_sentence(text: &str) -> Option<String> {
    let sentence = text.split_inclusive(". ").next()?;
    Some(sentence.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_of_a_built_in_rule_book_has_a_sentence() {
        for id in RuleBookText::names_of_built_in() {
            let text = RuleBookText::built_in(id).unwrap();
            let book = ledger_core::access::RuleBook::load(&text).unwrap();
            for policy in book.policies() {
                let sentence = sentence(text.digest(), &policy.id);
                assert!(
                    sentence.is_some_and(|sentence| sentence.ends_with(['.', ':'])),
                    "{} has no sentence above it",
                    policy.id
                );
            }
        }
    }
}
