//! The tools for whoever writes rules: each kind of mistake is found where it stands, what is said can be read, what
//! changes is told; and the rule book that was written by the how-to is what the how-to promises.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ledger_core::profile::RuleBookText;

use super::{Program, Run};

fn repository() -> &'static Path {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    server.parent().unwrap()
}

/// The rule books that are written out in full, one a folder.
fn written_out() -> Vec<PathBuf> {
    let folders = fs::read_dir(repository().join("fixtures/profiles")).unwrap();
    folders.map(|folder| folder.unwrap().path()).collect()
}

/// A folder with the example's rule book, in which a part of one file was replaced.
struct Changed(tempfile::TempDir);

impl Changed {
    fn new(file: &str, part: &str, by: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["profile.toml", "access.cedar"] {
            let original = repository().join("fixtures/profiles/example").join(name);
            let mut text = fs::read_to_string(original).unwrap();
            if name == file {
                assert!(text.contains(part), "{part}");
                text = text.replacen(part, by, 1);
            }
            fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// The line on which `part` stands.
    fn line_of(&self, file: &str, part: &str) -> usize {
        let text = fs::read_to_string(self.0.path().join(file)).unwrap();
        let before = &text[..text.find(part).unwrap()];
        before.matches('\n').count() + 1
    }
}

fn example() -> String {
    let path = repository().join("fixtures/profiles/example");
    path.display().to_string()
}

fn profile(arguments: &[&str]) -> Run {
    Program::new().run(&[&["profile"], arguments].concat())
}

#[test]
fn every_rule_book_that_is_here_is_sound() {
    let folders = written_out();
    assert!(!folders.is_empty());
    for folder in &folders {
        let run = profile(&["check", folder.to_str().unwrap()]).ends_with(0);
        assert!(run.out.contains("The rule book is sound"), "{}", run.out);
    }
    for name in RuleBookText::names_of_built_in() {
        let shape = profile(&["check", name, "--json"]).ends_with(0).json();
        assert_eq!(shape["sound"], true);
        assert_eq!(shape["profile"], name);
    }
}

#[test]
fn each_kind_of_mistake_is_told_with_file_line_and_rule() {
    const PROFILE: &str = "profile.toml";
    const ACCESS: &str = "access.cedar";
    for (file, part, by, at, told) in [
        (
            PROFILE,
            "appoints = [\"volunteer\"]",
            "appoints = [\"voluntear\"]",
            "appoints = [\"voluntear\"]",
            "roles.circle_lead.appoints[0]: there is no role voluntear",
        ),
        (
            PROFILE,
            "to = \"running\"",
            "to = \"runing\"",
            "to = \"runing\"",
            "transitions[0].to: there is no status runing",
        ),
        (
            PROFILE,
            "requirement = \"Z6\"",
            "requirement = \"Z66\"",
            "requirement = \"Z66\"",
            "roles.volunteer.requirement: Z66 has no sentence",
        ),
        (
            PROFILE,
            "[limits]",
            "[limit]",
            "[limit]",
            "unknown field `limit`",
        ),
        (
            PROFILE,
            "open_case = \"Z1\"",
            "opn_case = \"Z1\"",
            "opn_case = \"Z1\"",
            "did you mean open_case,",
        ),
        (
            PROFILE,
            "{ en = \"coordinator\", nl = \"coördinator\" }",
            "{ en = \"coordinator\" }",
            "{ en = \"coordinator\" }",
            "roles.administrator.name: no name in a language that the profile promises; add nl",
        ),
        (
            ACCESS,
            "context.case_exists }\nunless",
            "context.case_exists + 1 }\nunless",
            "context.case_exists + 1",
            "there_is_a_plan: ",
        ),
        (
            ACCESS,
            "@requirement(\"Z8\")",
            "@requirement(\"Z88\")",
            "@requirement(\"Z88\")",
            "signed_in_well_enough: Z88 has no sentence",
        ),
        (
            ACCESS,
            "contains(\"overseer\")",
            "contains(\"overser\")",
            "contains(\"overser\")",
            "context.tenant_roles is never \"overser\"",
        ),
        (
            ACCESS,
            "permit (principal, action == Action::\"open_case\", resource)",
            "permit (principal, action == Action::\"open_plan\", resource)",
            "Action::\"open_plan\"",
            "open_plan",
        ),
    ] {
        let changed = Changed::new(file, part, by);
        let run = profile(&["check", changed.path()]).ends_with(2);
        let line = changed.line_of(file, at);
        let place = format!("{}/{file}:{line}: ", changed.path());
        let found = run.out.lines().find(|found| found.starts_with(&place));
        assert!(
            found.is_some_and(|found| found.contains(told)),
            "{told}\n{place}\n{}",
            run.out
        );
    }
}

#[test]
fn mistakes_are_told_in_json_to_whoever_asks_for_it() {
    let changed = Changed::new("profile.toml", "to = \"running\"", "to = \"runing\"");
    let shape = profile(&["check", changed.path(), "--json"])
        .ends_with(2)
        .json();
    assert_eq!(shape["sound"], false);
    let problems = shape["problems"].as_array().unwrap();
    let rules: Vec<_> = problems
        .iter()
        .map(|problem| problem["rule"].as_str().unwrap())
        .collect();
    assert_eq!(rules, ["statuses.running", "transitions[0].to"]);
}

#[test]
fn what_is_no_rule_book_is_a_mistake_of_usage() {
    let run = profile(&["check", "no-such-system"]).ends_with(2);
    assert!(
        run.err.contains("neither a folder nor a rule book"),
        "{}",
        run.err
    );
    let empty = tempfile::tempdir().unwrap();
    let run = profile(&["explain", empty.path().to_str().unwrap()]).ends_with(2);
    assert!(
        run.err.contains("profile.toml cannot be read"),
        "{}",
        run.err
    );
}

#[test]
fn a_rule_book_is_explained_in_its_own_language_and_in_those_it_promises() {
    let english = profile(&["explain", &example()]).ends_with(0);
    english.says_in_order(&[
        "Homework circle of Example Town",
        "Roles",
        "coordinator",
        "waiting for the parent → running: give a consent",
        "Who may do what",
        "volunteer, takes part for",
        "May in the status running, with consent to homework help:",
        "add a note",
        "parent, of the family",
        "Z2: Only the parents and the helpers of this pupil read the plan.",
    ]);
    let dutch = profile(&["explain", &example(), "--language", "nl"]).ends_with(0);
    dutch.says_in_order(&["Rollen", "vrijwilliger, doet mee", "een notitie toevoegen"]);
    for run in [&english, &dutch] {
        let codes = ["circle_lead", "homework_help", "add_note"];
        assert!(
            codes.iter().all(|code| !run.out.contains(code)),
            "{}",
            run.out
        );
        assert!(run.out.lines().all(|line| line.chars().count() <= 110));
    }
    let norwegian = profile(&["explain", &example(), "--language", "nn"]).ends_with(2);
    assert!(norwegian.err.contains("it is in"), "{}", norwegian.err);
}

/// Everything that a rule book names, counts or says in a language, and the requirements that it cites: from the text as it
/// is written, whatever its shape.
fn told_in(value: &toml::Value, language: &str, key: &str, told: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            if let Some(toml::Value::String(text)) = table.get(language) {
                told.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
                return;
            }
            for (key, value) in table {
                told_in(value, language, key, told);
            }
        }
        toml::Value::Array(values) => {
            for value in values {
                told_in(value, language, key, told);
            }
        }
        toml::Value::Integer(number) => told.push(number.to_string()),
        toml::Value::String(id) if key == "requirement" => told.push(format!("[{id}]")),
        _ => {}
    }
}

/// The rule books that come with the program, and those that are written out in full.
fn all_rule_books() -> Vec<(String, String)> {
    let built_in = RuleBookText::names_of_built_in().map(|name| {
        let text = RuleBookText::built_in(name).unwrap();
        (name.to_owned(), text.profile_toml)
    });
    let written = written_out().into_iter().map(|folder| {
        let text = fs::read_to_string(folder.join("profile.toml")).unwrap();
        (folder.to_str().unwrap().to_owned(), text)
    });
    built_in.chain(written).collect()
}

#[test]
fn whatever_a_rule_book_says_is_told() {
    let all = all_rule_books();
    assert!(all.len() >= 5, "{}", all.len());
    // Each takes its seconds, so they are asked at the same time.
    let said: Vec<Run> = std::thread::scope(|scope| {
        let asked = all
            .iter()
            .map(|(name, _)| scope.spawn(|| profile(&["explain", name]).ends_with(0)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for ((name, text), run) in all.into_iter().zip(said) {
        let rules: toml::Value = toml::from_str(&text).unwrap();
        let language = rules["language"].as_str().unwrap();
        let mut expected = Vec::new();
        told_in(&rules, language, "", &mut expected);
        // The smallest of them, that for imported logs, says little.
        assert!(expected.len() > 30, "{name}");
        let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let missing: Vec<&String> = expected
            .iter()
            .filter(|text| !said.contains(text.as_str()))
            .collect();
        assert!(missing.is_empty(), "{name} is not told: {missing:#?}");
        // Messages that the program has no words for would be said by their ids.
        assert!(!said.contains("explain-"), "{said}");
        // As it was read, by somebody, before it was accepted.
        let name = Path::new(&name).file_name().unwrap().to_str().unwrap();
        insta::assert_snapshot!(format!("explained__{name}"), run.out);
    }
}

#[test]
fn nothing_differs_between_a_rule_book_and_itself() {
    let run = profile(&["diff", &example(), &example()]).ends_with(0);
    assert_eq!(run.out.trim(), "Nobody's access changes.");
}

#[test]
fn words_and_periods_change_nobodys_access() {
    let changed = Changed::new(
        "profile.toml",
        "max_valid_months = 12",
        "max_valid_months = 24",
    );
    let run = profile(&["diff", &example(), changed.path()]).ends_with(0);
    run.says_in_order(&[
        "Nobody's access changes.",
        "consents[homework_help].max_valid_months: 12 → 24",
    ]);
}

#[test]
fn whose_access_grows_and_whose_shrinks_is_told_with_the_policies() {
    let wider = Changed::new(
        "access.cedar",
        "permit (principal, action in Action::\"audit\", resource)",
        "permit (principal, action in [Action::\"audit\", Action::\"read\"], resource)",
    );
    let run = profile(&["diff", &example(), wider.path()]).ends_with(7);
    run.says_in_order(&[
        "ACCESS GROWS",
        "overseer@tenant",
        "view_case",
        "allowed by the_overseer_asks",
    ]);
    assert!(!run.out.contains("SHRINKS"), "{}", run.out);
    let back = profile(&["diff", wider.path(), &example(), "--json"])
        .ends_with(7)
        .json();
    assert_eq!(back["grows"].as_array().unwrap().len(), 0);
    let shrinks = back["shrinks"].as_array().unwrap();
    assert!(shrinks.iter().any(|row| row["action"] == "view_case"
        && row["who"][0] == "overseer@tenant"
        && row["allowedBy"][0] == "the_overseer_asks"));
}

#[test]
fn a_rule_that_is_dropped_for_those_who_are_barely_known_is_noticed() {
    let weaker = Changed::new(
        "access.cedar",
        "unless { context.assurance >= context.minimum_assurance }",
        "unless { context.assurance >= 1 }",
    );
    let run = profile(&["diff", &example(), weaker.path()]).ends_with(7);
    assert!(
        run.out.contains("signed in at the level low"),
        "{}",
        run.out
    );
}

#[test]
fn a_ledger_begins_with_a_rule_book_from_a_folder_and_its_story_plays() {
    for folder in written_out() {
        let program = Program::new();
        let folder = folder.to_str().unwrap();
        let run = program
            .run(&["demo", "--once", "--story", folder])
            .ends_with(0);
        assert!(
            run.out.contains("$ "),
            "the tour shows something: {}",
            run.out
        );
        let program = Program::new();
        let appoint = [
            "appoint",
            "--profile",
            folder,
            "--name",
            "Gro Eksempel",
            "--json",
        ];
        let shape = program.run(&appoint).ends_with(0).json();
        assert_eq!(shape["profile"], "homework-circle");
    }
}
