//! `caseledger recover`: after the database was restored from an older backup than what had been published.

use ledger_core::log::Origin;
use serde::Serialize;

use super::{
    Exit, Progress,
    output::OutputArgs,
    session::{self, Session},
    show,
};
use crate::instance::Instance;

/// Go on after the database was restored from a backup
///
/// What was erased since the backup is erased again. Events that had been published and are missing stay missing: the
/// ledger says so in an event, and goes on under a new origin, because under the old one it would contradict what it
/// has signed. If nothing published is missing, only the former is done.
///
/// Stop the service first. The new origin must never have been used.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger recover --origin ledger.example.org/solvik-2
  caseledger recover --origin ledger.example.org/solvik-2 --json

Afterwards give the new origin and its public key to everyone who verifies receipts.")]
pub(super) struct RecoverArgs {
    /// Name under which the ledger goes on: a URL without scheme
    #[arg(long, value_name = "NAME")]
    origin: Origin,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    restored_size: u64,
    published_size: u64,
    events_missing: u64,
    origin: Origin,
    contents_deleted: u64,
}

impl RecoverArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let instance = {
            let _progress = Progress::begin("opening the ledger", self.output.json);
            Instance::open_unchecked(config).await?
        };
        let report = session::close_after(instance, async |instance| {
            let _progress = Progress::begin("recovering", self.output.json);
            let (ledger, tenant) = (&instance.ledger, instance.tenant());
            Ok(ledger.recover(tenant, &self.origin).await?)
        })
        .await?;
        let shape = Shape {
            restored_size: report.restored_size,
            published_size: report.published_size,
            events_missing: report.published_size.saturating_sub(report.restored_size),
            origin: report.origin,
            contents_deleted: report.contents_deleted,
        };
        self.output.print(&shape, || {
            let rows = [
                ("events in the database", shape.restored_size.to_string()),
                ("events published", shape.published_size.to_string()),
                ("published and missing", shape.events_missing.to_string()),
                ("contents erased again", shape.contents_deleted.to_string()),
                ("origin from here on", shape.origin.to_string()),
            ];
            show::pairs(&rows)
        })?;
        Ok(Exit::Done)
    }
}
