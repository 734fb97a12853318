//! `caseledger profile explain`: the whole of a rule book in plain words, for whoever knows the law and not the code.

mod agreements;
mod asked_for;
mod consents;
mod course;
mod handover;
mod people;
mod rules;
mod say;

use ledger_core::{access::matrix::Matrix, profile::Language};

use super::RuleBookSource;
use crate::{
    cli::{Exit, Failure, output::OutputArgs},
    words::Wishes,
};
use say::Say;

/// Tell the whole of a rule book in plain words
///
/// In the system's own language, with names instead of codes, everything that profile.toml says: roles and who gives them,
/// statuses, consents, agreements, referrals, rounds, messages, reasons, periods; then who may open a case, and for each
/// role what it may do in which status, and which sentence says so or refuses.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger profile explain rules/homework-help
  caseledger profile explain NAME --language en | less
  caseledger profile explain fixtures/profiles/example
NAME is a rule book that comes with the program.")]
pub(super) struct ExplainArgs {
    /// A folder with profile.toml and access.cedar, or the name of a rule book that comes with the program
    #[arg(value_name = "DIR|NAME")]
    rule_book: RuleBookSource,
    /// One of the languages that the rule book promises; without it, the system's own
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

impl ExplainArgs {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let rule_book = self.rule_book.load()?;
        let profile = rule_book.profile();
        let promised = || {
            Language::ALL
                .into_iter()
                .filter(|one| profile.promises(*one))
        };
        let language = match &self.language {
            None => profile.language,
            Some(code) => promised().find(|one| one.code() == code).ok_or_else(|| {
                let known: Vec<&str> = promised().map(Language::code).collect();
                let known = known.join(", ");
                Failure::usage(format!(
                    "the rule book is not given in {code}; it is in {known}"
                ))
            })?,
        };
        let wishes = Wishes::parse(language.code());
        let say = Say::new(profile, wishes.vocabulary(profile));
        let matrix = Matrix::of(&rule_book);
        let parts = [
            rules::text(&say),
            people::begins(&say, &matrix),
            people::text(&say, &matrix),
            rules::requirements(&say),
        ];
        OutputArgs::default().print(&(), || parts.join("\n\n"))?;
        Ok(Exit::Done)
    }
}
