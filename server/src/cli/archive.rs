//! `caseledger archive`: the archive has confirmed the package. Only then may the case be erased (V19, X9).

use ledger_core::{
    case::ArchiveCase,
    ids::{CaseId, Position},
    ledger::CaseCommand,
};
use serde::Serialize;

use super::{
    Exit,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
};

/// Record that the archive keeps a case from here on
///
/// Needs a package that was made after the case was closed. The reference is whatever the archive answered; it is
/// kept sealed with the case.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger archive --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --reference 'IKA 2026/114' --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1")]
pub(super) struct ArchiveArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: CaseId,
    /// The archive's own reference or receipt
    #[arg(long, value_name = "TEXT")]
    reference: String,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    case: CaseId,
    position: Position,
    version: Option<u64>,
}

impl ArchiveArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let command = CaseCommand::Archive(ArchiveCase {
            reference: self.reference,
        });
        let done = session::with_instance(config, self.output.json, async |instance| {
            let ledger = &instance.ledger;
            Ok(ledger
                .execute(&caller, self.case, command, &occasion(ledger))
                .await?)
        })
        .await?;
        let shape = Shape {
            case: self.case,
            position: done.first,
            version: done.version,
        };
        self.output.print(&shape, || {
            format!(
                "Case {} is archived (position {}). It may now be erased here: `caseledger erase`.",
                self.case, done.first
            )
        })?;
        Ok(Exit::Done)
    }
}
