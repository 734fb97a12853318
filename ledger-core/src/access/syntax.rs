//! What a policy's conditions speak of, read from its JSON form.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// What was found in the conditions of one policy.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// The names behind `context.`.
    pub(super) attributes: BTreeSet<String>,
    /// Whether it speaks of `context` other than by a name, and so of everything in it.
    pub(super) whole_context: bool,
    /// `principal` or `resource`, where it speaks of them.
    pub(super) persons: BTreeSet<String>,
    /// Words that an attribute is compared with: (attribute, word).
    pub(super) words: Vec<(String, String)>,
}

impl Spoken {
    /// Reads a policy as `cedar_policy::Policy::to_json` gives it.
    pub(super) fn of(policy: &Json) -> Self {
        let mut spoken = Self::default();
        if let Some(conditions) = policy.get("conditions") {
            spoken.walk(conditions);
        }
        spoken
    }

    fn walk(&mut self, expression: &Json) {
        match expression {
            Json::Object(fields) => {
                for (operator, operands) in fields {
                    self.operator(operator, operands);
                }
            }
            Json::Array(parts) => parts.iter().for_each(|part| self.walk(part)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }

    fn operator(&mut self, operator: &str, operands: &Json) {
        match operator {
            "." => {
                if let Some(name) = context_attribute(operands) {
                    self.attributes.insert(name.to_owned());
                    return;
                }
            }
            "Var" => match operands.as_str() {
                Some("context") => self.whole_context = true,
                Some(person @ ("principal" | "resource")) => {
                    self.persons.insert(person.to_owned());
                }
                _ => {}
            },
            "==" | "!=" | "contains" | "containsAny" | "containsAll" => {
                let (left, right) = (&operands["left"], &operands["right"]);
                for (attribute, words) in [(left, right), (right, left)] {
                    if let Some(name) = context_attribute(&attribute["."]) {
                        let words = words_in(words).into_iter();
                        self.words.extend(words.map(|word| (name.to_owned(), word)));
                    }
                }
            }
            _ => {}
        }
        self.walk(operands);
    }
}

/// The name in `{"left": {"Var": "context"}, "attr": name}`.
fn context_attribute(operands: &Json) -> Option<&str> {
    if operands["left"]["Var"] == "context" {
        operands["attr"].as_str()
    } else {
        None
    }
}

/// The words of a literal or of a set of literals.
fn words_in(expression: &Json) -> Vec<String> {
    if let Some(word) = expression["Value"].as_str() {
        return vec![word.to_owned()];
    }
    let members = expression["Set"].as_array();
    members
        .into_iter()
        .flatten()
        .filter_map(|member| member["Value"].as_str().map(str::to_owned))
        .collect()
}
