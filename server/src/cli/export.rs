//! `caseledger export`: a case as a package that can be verified without us.

use std::path::PathBuf;

use clap::ValueEnum;
use ledger_core::ids::CaseId;

use super::{
    Exit, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    parts,
    session::{self, Session},
};

/// Take a closed case out as a package
///
/// The bundle is a BagIt folder with the case's events, opened contents and documents, every event that a decision
/// rested on, the proofs and the public key. The ledger commits to its manifest, and the receipt of that stands in
/// the bundle. It holds personal content in the clear: keep it as you would keep the case.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger export --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --format bundle --out ./exports --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger verify ./exports/01JD9M6ZP5W9T0W6Q0S1T2B3N4

Then hand the bundle to the archive, and record its answer with `caseledger archive`.")]
pub(super) struct ExportArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: CaseId,
    /// The form of the package
    #[arg(long, value_enum, default_value_t = Format::Bundle)]
    format: Format,
    /// Folder in which the package is made, under the case's id
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// BagIt, verifiable offline
    Bundle,
}

impl ExportArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let Format::Bundle = self.format;
        let written = session::with_instance(config, self.output.json, async |instance| {
            let _progress = Progress::begin("writing the bundle", self.output.json);
            let ledger = &instance.ledger;
            parts::write_bundle(ledger, &caller, self.case, &self.out, &occasion(ledger)).await
        })
        .await?;
        self.output.print(&written, || written.text())?;
        Ok(Exit::Done)
    }
}
