//! The table id → rule → step: made by the steps that were walked, and kept in `docs/`.

use std::{fmt::Write as _, fs, path::Path};

use ledger_core::profile::{Language, Profile, RuleBookText};

/// How a requirement is shown.
enum Shown {
    /// By a step that was walked.
    Step(&'static str),
    /// By a document.
    Document(&'static str),
    /// It is background: nothing is to be built.
    Context,
    /// Not yet, and why.
    NotYet(&'static str),
}

/// What a scenario has shown.
pub(super) struct Table {
    system: &'static str,
    profile: Profile,
    rows: Vec<(&'static str, Shown)>,
}

impl Table {
    /// Of a system, by the rule book of this name that comes with the program.
    pub(super) fn new(system: &'static str, rule_book: &str) -> Self {
        let text = RuleBookText::built_in(rule_book).unwrap();
        Self {
            system,
            profile: Profile::parse(&text).unwrap(),
            rows: Vec::new(),
        }
    }

    /// A step begins: what fails from here on fails under this name.
    pub(super) fn step(&mut self, id: &'static str, what: &'static str) {
        eprintln!("{id:>4}  {what}");
        self.rows.push((id, Shown::Step(what)));
    }

    pub(super) fn document(&mut self, id: &'static str, path: &'static str) {
        let there = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        assert!(there.exists(), "{id}: {path} is not there");
        self.rows.push((id, Shown::Document(path)));
    }

    pub(super) fn context(&mut self, id: &'static str) {
        self.rows.push((id, Shown::Context));
    }

    pub(super) fn not_yet(&mut self, id: &'static str, why: &'static str) {
        self.rows.push((id, Shown::NotYet(why)));
    }

    /// Every one of these was shown, and the table in `docs/` says so.
    #[track_caller]
    pub(super) fn must_be_complete(mut self, ids: &[&str], file: &str) {
        for id in ids {
            assert!(
                self.rows.iter().any(|(shown, _)| shown == id),
                "{id} was not shown"
            );
        }
        self.rows.sort_by_key(|(id, _)| in_order(id));
        let text = self.text();
        println!("{text}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs")
            .join(file);
        if std::env::var_os("CASELEDGER_WRITE_TABLE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            kept, text,
            "docs/{file} differs; CASELEDGER_WRITE_TABLE=1 writes it"
        );
    }

    fn text(&self) -> String {
        let mut text = format!(
            "# Requirements of {}\n\nWhat the system asks for, the rule in plain words, and the step of the scenario test \
             that shows it over HTTP.\n\nA test makes this table and compares it (`server/tests/integration/scenario`).\n\n\
             | id | rule | shown by |\n|---|---|---|\n",
            self.system
        );
        for (id, shown) in &self.rows {
            let sentence = self.profile.sentence(id.parse().unwrap());
            let rule = &sentence.unwrap_or_else(|| panic!("{id} has no sentence"))[&Language::En];
            let shown = match shown {
                Shown::Step(what) => (*what).to_owned(),
                Shown::Document(path) => {
                    let name = path.strip_prefix("docs/").unwrap_or(path);
                    format!("document: [{name}]({name})")
                }
                Shown::Context => "background; nothing to build".to_owned(),
                Shown::NotYet(why) => format!("not yet: {why}"),
            };
            writeln!(text, "| {id} | {rule} | {shown} |").unwrap();
        }
        text
    }
}

/// V before X, and V2 before V10.
fn in_order(id: &str) -> (char, u32) {
    let (letter, number) = id.split_at(1);
    (letter.chars().next().unwrap(), number.parse().unwrap())
}
