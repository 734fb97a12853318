//! What two rule books say differently, key by key: texts, statuses, consents, periods, policies.

use std::collections::BTreeMap;

use ledger_core::access::RuleBook;
use serde::Serialize;

use crate::cli::show;

/// Keys that only one of them has, or that say something else.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Keys {
    added: BTreeMap<String, String>,
    removed: BTreeMap<String, String>,
    changed: BTreeMap<String, Changed>,
}

#[derive(Debug, Serialize)]
struct Changed {
    before: String,
    after: String,
}

impl Keys {
    fn of(before: BTreeMap<String, String>, mut after: BTreeMap<String, String>) -> Self {
        let (mut removed, mut changed) = (BTreeMap::new(), BTreeMap::new());
        for (key, before) in before {
            match after.remove(&key) {
                None => {
                    removed.insert(key, before);
                }
                Some(same) if same == before => {}
                Some(after) => {
                    changed.insert(key, Changed { before, after });
                }
            }
        }
        Self {
            added: after,
            removed,
            changed,
        }
    }

    /// One line a key, or nothing if nothing differs.
    pub(super) fn text(&self, heading: &str) -> Option<String> {
        let mut lines = Vec::new();
        for (sign, keys) in [("+", &self.added), ("-", &self.removed)] {
            let told = keys
                .iter()
                .map(|(key, value)| format!("{sign} {key}: {value}"));
            lines.extend(told);
        }
        let changed = self.changed.iter();
        lines.extend(changed.map(|(key, now)| format!("~ {key}: {} → {}", now.before, now.after)));
        if lines.is_empty() {
            return None;
        }
        let lines: Vec<String> = lines.iter().map(|line| show::wrapped(line, 2)).collect();
        Some(format!("{heading}\n{}", lines.join("\n")))
    }
}

/// The policies by id, each as it is written.
pub(super) fn policies(before: &RuleBook, after: &RuleBook) -> Keys {
    let written = |rule_book: &RuleBook| {
        let policies = rule_book.policies();
        let written = policies.map(|policy| {
            let text = rule_book.policy_text(&policy.id).unwrap_or_default();
            let words: Vec<&str> = text.split_whitespace().collect();
            (policy.id.to_string(), words.join(" "))
        });
        written.collect()
    };
    Keys::of(written(before), written(after))
}

/// Everything that `profile.toml` says, under the path of its key.
pub(super) fn profile(before: &RuleBook, after: &RuleBook) -> Keys {
    let said = |rule_book: &RuleBook| {
        let mut said = BTreeMap::new();
        let text = &rule_book.profile().texts().profile_toml;
        if let Ok(table) = text.parse::<toml::Table>() {
            leaves(&toml::Value::Table(table), String::new(), &mut said);
        }
        said
    };
    Keys::of(said(before), said(after))
}

/// Lists of tables are told apart by what each is about rather than by its place, so that one that is put between two
/// others does not change all that follow.
fn leaves(value: &toml::Value, path: String, said: &mut BTreeMap<String, String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let path = match &*path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                leaves(value, path, said);
            }
        }
        toml::Value::Array(array) if array.iter().any(toml::Value::is_table) => {
            let mut taken: BTreeMap<String, usize> = BTreeMap::new();
            for item in array {
                let named = ["kind", "command", "code"]
                    .iter()
                    .find_map(|key| item.get(key)?.as_str());
                let from = item
                    .get("from")
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let name = format!("{path}[{}{from}]", named.unwrap_or_default());
                let number = taken.entry(name.clone()).or_default();
                *number += 1;
                let name = match number {
                    1 => name,
                    several => format!("{name}#{several}"),
                };
                leaves(item, name, said);
            }
        }
        other => {
            said.insert(path, other.to_string());
        }
    }
}
