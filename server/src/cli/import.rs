//! `caseledger import`: cases that were recorded elsewhere. One format a file in the folder beside this one.

mod report;
mod xes;

use clap::Subcommand;

use super::{Exit, session::Session};

/// Take in cases that were recorded elsewhere
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger import xes log.xes.gz --new-unit 'Permits' --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger help import xes")]
pub(super) struct ImportArgs {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    Xes(xes::XesArgs),
}

impl ImportArgs {
    pub(super) const fn wants_json(&self) -> bool {
        match &self.format {
            Format::Xes(args) => args.output.json,
        }
    }

    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self.format {
            Format::Xes(args) => args.run(session).await,
        }
    }
}
