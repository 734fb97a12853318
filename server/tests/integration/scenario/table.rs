//! The table id → rule → what shows it → where it stands in the rule book: made by the steps that were walked, and kept
//! in `docs/requirements.md`, a part for each system. `CASELEDGER_WRITE_TABLE=1` writes it anew.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use ledger_core::{
    access::RuleBook,
    profile::{Language, RuleBookText},
};
use toml::Value;

const FILE: &str = "docs/requirements.md";

/// Several scenarios write their parts of one file.
static WRITING: Mutex<()> = Mutex::new(());

/// How a requirement is shown.
enum Shown {
    /// By a step that was walked.
    Step(&'static str),
    /// By a test of another kind.
    Test(&'static str, &'static str),
    /// By a document.
    Document(&'static str),
    /// It is background: nothing is to be built.
    Context,
    /// Not yet, and why.
    #[allow(dead_code, reason = "a system that is still being built has some")]
    NotYet(&'static str),
}

/// What a scenario has shown.
pub(super) struct Table {
    system: &'static str,
    rule_book: Option<RuleBook>,
    rows: Vec<(&'static str, Shown)>,
}

/// A path from the workspace's root.
pub(super) fn in_workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

impl Table {
    /// Of a system, by the rule book of this name that comes with the program.
    pub(super) fn new(system: &'static str, rule_book: &str) -> Self {
        let text = RuleBookText::built_in(rule_book).unwrap();
        Self {
            system,
            rule_book: Some(RuleBook::load(&text).unwrap()),
            rows: Vec::new(),
        }
    }

    /// Of what all systems have in common.
    pub(super) const fn of_all(system: &'static str) -> Self {
        Self {
            system,
            rule_book: None,
            rows: Vec::new(),
        }
    }

    /// A step begins: what fails from here on fails under this name.
    pub(super) fn step(&mut self, id: &'static str, what: &'static str) {
        eprintln!("{id:>4}  {what}");
        self.rows.push((id, Shown::Step(what)));
    }

    /// The test of this name in this file shows it.
    pub(super) fn test(&mut self, id: &'static str, file: &'static str, name: &'static str) {
        let text = fs::read_to_string(in_workspace(file)).unwrap_or_default();
        let there = text.contains(&format!("fn {name}("));
        assert!(there, "{id}: {file} has no test {name}");
        self.rows.push((id, Shown::Test(file, name)));
    }

    pub(super) fn document(&mut self, id: &'static str, path: &'static str) {
        let there = in_workspace(path).exists();
        assert!(there, "{id}: {path} is not there");
        self.rows.push((id, Shown::Document(path)));
    }

    pub(super) fn context(&mut self, id: &'static str) {
        self.rows.push((id, Shown::Context));
    }

    #[allow(dead_code, reason = "a system that is being built says what it lacks")]
    pub(super) fn not_yet(&mut self, id: &'static str, why: &'static str) {
        self.rows.push((id, Shown::NotYet(why)));
    }

    /// Every one of these was shown, and the part of the document that tells of it says so.
    #[track_caller]
    pub(super) fn must_be_complete(mut self, ids: &[&str]) {
        for id in ids {
            assert!(
                self.rows.iter().any(|(shown, _)| shown == id),
                "{id} was not shown"
            );
        }
        self.rows.sort_by_key(|(id, _)| in_order(id));
        let text = self.text();
        println!("{text}");
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = in_workspace(FILE);
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let part = part_of(&kept, self.system);
        if std::env::var_os("CASELEDGER_WRITE_TABLE").is_some() {
            let written = match part {
                Some(part) => kept.replace(part, &text),
                None => format!("{kept}\n{text}"),
            };
            fs::write(&path, written).unwrap();
            return;
        }
        assert_eq!(
            part.unwrap_or_default(),
            text,
            "{FILE} differs; CASELEDGER_WRITE_TABLE=1 writes it"
        );
    }

    fn text(&self) -> String {
        let mut text = format!(
            "## {}\n\n| id | rule | shown by | stands in |\n|---|---|---|---|\n",
            self.system
        );
        for (id, shown) in &self.rows {
            let shown = match shown {
                Shown::Step(what) => (*what).to_owned(),
                Shown::Test(file, name) => format!("test `{name}` in [{file}](../{file})"),
                Shown::Document(path) => {
                    let name = path.strip_prefix("docs/").unwrap_or(path);
                    format!("document: [{name}]({name})")
                }
                Shown::Context => "background; nothing to build".to_owned(),
                Shown::NotYet(why) => format!("not yet: {why}"),
            };
            let (rule, places) = (self.rule(id), self.places(id).join(", "));
            writeln!(text, "| {id} | {rule} | {shown} | {places} |").unwrap();
        }
        text
    }

    /// The requirement in words.
    fn rule(&self, id: &str) -> String {
        let Some(rule_book) = &self.rule_book else {
            let (_, sentence) = super::catalogue::SENTENCES
                .iter()
                .find(|(known, _)| *known == id)
                .unwrap_or_else(|| panic!("{id} has no sentence"));
            return (*sentence).to_owned();
        };
        let sentence = rule_book.profile().sentence(id.parse().unwrap());
        let sentence = sentence.unwrap_or_else(|| panic!("{id} has no sentence"));
        sentence[&Language::En].clone()
    }

    /// Where the rule book cites it: keys of `profile.toml` and the ids of policies.
    fn places(&self, id: &str) -> Vec<String> {
        let Some(rule_book) = &self.rule_book else {
            return Vec::new();
        };
        let root = toml::from_str(&rule_book.profile().texts().profile_toml).unwrap();
        let mut places = Vec::new();
        citing(&root, id, &mut Vec::new(), &mut places);
        let policies = rule_book.policies();
        let citing = policies.filter(|policy| policy.requirement.to_string() == id);
        places.extend(citing.map(|policy| policy.id.to_string()));
        places.dedup();
        places.iter().map(|place| format!("`{place}`")).collect()
    }
}

/// The part of the document about one system: from its heading to the next one.
pub(super) fn part_of<'a>(document: &'a str, system: &str) -> Option<&'a str> {
    let begin = document.find(&format!("## {system}\n"))?;
    let rest = &document[begin..];
    let end = rest[3..].find("\n## ").map_or(rest.len(), |end| end + 3);
    Some(&rest[..end])
}

/// The keys under which a requirement is cited, as `consents.establish_log` or `asked_for.add_note`.
fn citing<'a>(value: &'a Value, id: &str, path: &mut Vec<&'a str>, places: &mut Vec<String>) {
    match value {
        Value::String(cited) if cited == id => {
            let path: Vec<&str> = path
                .iter()
                .copied()
                .filter(|key| *key != "requirement")
                .collect();
            places.push(path.join("."));
        }
        Value::Table(table) => {
            for (key, inner) in table {
                // What it says stands there, not where it is cited.
                if key != "requirements" {
                    path.push(key);
                    citing(inner, id, path, places);
                    path.pop();
                }
            }
        }
        Value::Array(array) => {
            for inner in array {
                let name = ["kind", "command"]
                    .iter()
                    .find_map(|key| inner.get(*key)?.as_str());
                path.extend(name);
                citing(inner, id, path, places);
                if name.is_some() {
                    path.pop();
                }
            }
        }
        _ => {}
    }
}

/// V before X, and V2 before V10.
fn in_order(id: &str) -> (char, u32) {
    let (letter, number) = id.split_at(1);
    (letter.chars().next().unwrap(), number.parse().unwrap())
}
