//! `caseledger profile`: tools for whoever writes rules. They need no ledger and no database.

mod check;
mod diff;
mod explain;
mod source;

use clap::Subcommand;

pub(super) use source::RuleBookSource;

use super::{Exit, logging};

/// Check, read and compare rule books
///
/// A rule book is a folder with two files: profile.toml (vocabulary, statuses, consents, periods) and access.cedar (who
/// may see and do what). How to write one: docs/how-to/add-a-profile.md.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger profile check rules/homework-help        every mistake, with file, line and rule
  caseledger profile explain rules/homework-help      the whole of it, in the system's own language
  caseledger profile diff NAME rules/changed          whose access grows, whose shrinks
NAME is a rule book that comes with the program.")]
pub(super) struct ProfileArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    Diff(diff::DiffArgs),
}

impl ProfileArgs {
    pub(super) const fn wants_json(&self) -> bool {
        match &self.what {
            What::Check(args) => args.output.json,
            What::Explain(_) => false,
            What::Diff(args) => args.output.json,
        }
    }

    pub(super) fn run(self) -> anyhow::Result<Exit> {
        logging::init_warnings();
        match self.what {
            What::Check(args) => args.run(),
            What::Explain(args) => args.run(),
            What::Diff(args) => args.run(),
        }
    }
}
