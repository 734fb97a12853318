//! What can be found out without a ledger: help, configuration, and what is wrong with a command line.

use std::process::Command;

use caseledger::cli::{EXITS, command};

use super::Program;

fn without_examples(command: &mut clap::Command, path: &str, missing: &mut Vec<String>) {
    let path = format!("{path} {}", command.get_name());
    let help = command.render_long_help().to_string();
    if !help.contains("Examples:\n") {
        missing.push(path.clone());
    }
    for command in command.get_subcommands_mut() {
        if command.get_name() != "help" {
            without_examples(command, &path, missing);
        }
    }
}

#[test]
fn the_help_of_every_command_has_an_example() {
    let mut missing = Vec::new();
    let mut root = command();
    root.build();
    without_examples(&mut root, "", &mut missing);
    assert!(missing.is_empty(), "without examples: {missing:?}");
}

#[test]
fn the_help_lists_every_exit_code() {
    let help = Program::new().run(&["--help"]).ends_with(0);
    for (exit, meaning) in EXITS {
        assert!(
            help.out.contains(&format!("  {:<2} ", exit.code())),
            "{exit:?}"
        );
        // Long meanings are wrapped, their first words are not.
        let first: String = meaning.split_inclusive(' ').take(2).collect();
        assert!(help.out.contains(first.trim()), "{exit:?}");
    }
}

#[test]
fn an_unknown_command_is_a_mistake_of_usage() {
    let run = Program::new().run(&["veryfi"]).ends_with(2);
    assert!(run.err.contains("verify"), "{}", run.err);
}

#[test]
fn an_unknown_key_is_refused_and_the_nearest_named() {
    let run = Program::new().run(&["--set", "lisen=127.0.0.1:1", "verify"]);
    let run = run.ends_with(2);
    assert!(run.err.contains("`listen`"), "{}", run.err);
}

#[test]
fn an_error_is_told_in_json_to_whoever_asked_for_json() {
    let run = Program::new().run(&["--set", "lisen=127.0.0.1:1", "verify", "--json"]);
    let run = run.ends_with(2);
    let error: serde_json::Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
    assert_eq!(error["error"]["exitCode"], 2);
}

#[test]
fn without_postgres_it_is_said_how_to_get_one() {
    let empty = tempfile::tempdir().unwrap();
    let set = format!("postgres_bin_dir={}", empty.path().display());
    let run = Program::new().run(&["--set", &set, "verify"]).ends_with(5);
    assert!(
        run.err.contains("apt-get install postgresql"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains(&empty.path().display().to_string()),
        "{}",
        run.err
    );
}

#[test]
fn whoever_asks_about_a_case_must_say_who_they_are() {
    let case = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let run = Program::new()
        .run(&["audit", "saw", "--case", case])
        .ends_with(2);
    assert!(
        run.err.contains("--as ACCOUNT") && run.err.contains("`operator`"),
        "{}",
        run.err
    );
}

#[test]
fn a_moment_without_its_zone_is_not_guessed_at() {
    let case = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let run = Program::new().run(&["audit", "could", "--case", case, "--at", "2026-03-01 12:00"]);
    let run = run.ends_with(2);
    assert!(run.err.contains("2026-03-01T12:00:00Z"), "{}", run.err);
}

#[test]
fn the_configuration_in_force_is_shown_without_its_secrets() {
    let program = Program::new();
    let mut command: Command = program.command();
    command.env(
        "DATABASE_URL",
        "postgres://ledger:hemmeleg@localhost/ledger",
    );
    let run = super::Run::of(command.args(["config", "show"]).output().unwrap()).ends_with(0);
    assert!(!run.out.contains("hemmeleg"), "{}", run.out);
    run.says_in_order(&[
        "data_dir",
        "--data-dir",
        "listen",
        "default",
        "database_url",
        "(set, not shown)",
        "environment variable",
    ]);
    let json = program
        .run(&["config", "show", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(json[0]["key"], "data_dir");
    assert_eq!(json[0]["set"], true);
}

#[test]
fn the_sample_configuration_changes_nothing() {
    let program = Program::new();
    let sample = program.run(&["config", "sample"]).ends_with(0);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &sample.out).unwrap();
    let path = file.path().display().to_string();
    let with = program
        .run(&["--config", &path, "config", "show"])
        .ends_with(0);
    let without = program.run(&["config", "show"]).ends_with(0);
    assert_eq!(with.out, without.out);
}

#[test]
fn what_is_no_bundle_is_not_found() {
    let run = Program::new()
        .run(&["verify", "/nowhere/at/all"])
        .ends_with(3);
    assert!(
        run.err.contains("/nowhere/at/all is not a folder"),
        "{}",
        run.err
    );
}
