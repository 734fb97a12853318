//! `caseledger profile check`: whether a rule book can be used, and everything that is wrong in it.

use ledger_core::{access::RuleBook, profile::Problem};
use serde::Serialize;

use super::RuleBookSource;
use crate::cli::{Exit, output::OutputArgs, show};

/// Find every mistake in a rule book
///
/// One line a mistake, in the form that editors understand: file:line: rule: what is wrong, and what would be right.
/// Ends with exit code 2 if there is one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger profile check rules/homework-help
  caseledger profile check rules/homework-help --json
  caseledger profile check fixtures/profiles/example")]
pub(super) struct CheckArgs {
    /// The folder with profile.toml and access.cedar, or the name of a rule book that comes with the program
    #[arg(value_name = "DIR")]
    rule_book: RuleBookSource,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    sound: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    problems: Vec<ProblemShape>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemShape {
    path: String,
    line: usize,
    rule: Option<String>,
    message: String,
}

impl CheckArgs {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match RuleBook::load(&self.rule_book.text()?) {
            Ok(rule_book) => self.sound(&rule_book),
            Err(error) => self.unsound(&error.problems),
        }
    }

    fn sound(&self, rule_book: &RuleBook) -> anyhow::Result<Exit> {
        let profile = rule_book.profile();
        let shape = Shape {
            sound: true,
            profile: Some(profile.id.to_string()),
            digest: Some(profile.digest().to_string()),
            problems: Vec::new(),
        };
        self.output.print(&shape, || {
            let counted = show::pairs(&[
                ("rule book", profile.id.to_string()),
                ("called", profile.title.clone()),
                ("version", profile.digest().to_string()),
                ("roles", profile.roles.len().to_string()),
                ("statuses", profile.statuses.len().to_string()),
                ("policies", rule_book.policies().count().to_string()),
                ("requirements", profile.requirements.len().to_string()),
            ]);
            format!("{counted}\nThe rule book is sound: it can be adopted.")
        })?;
        Ok(Exit::Done)
    }

    fn unsound(&self, problems: &[Problem]) -> anyhow::Result<Exit> {
        let problems = problems.iter().map(|problem| ProblemShape {
            path: self.rule_book.path_of(problem.file).display().to_string(),
            line: problem.line,
            rule: problem.rule.clone(),
            message: problem.message.clone(),
        });
        let shape = Shape {
            sound: false,
            profile: None,
            digest: None,
            problems: problems.collect(),
        };
        self.output.print(&shape, || {
            let lines = shape.problems.iter().map(|problem| {
                let rule = problem.rule.as_ref();
                let rule = rule.map_or_else(String::new, |rule| format!("{rule}: "));
                // One line each, whatever a parser says.
                let message: Vec<&str> = problem.message.split_whitespace().collect();
                let message = message.join(" ");
                format!("{}:{}: {rule}{message}", problem.path, problem.line)
            });
            let counted = match shape.problems.len() {
                1 => "1 mistake".to_owned(),
                several => format!("{several} mistakes"),
            };
            lines.chain([counted]).collect::<Vec<_>>().join("\n")
        })?;
        Ok(Exit::Usage)
    }
}
