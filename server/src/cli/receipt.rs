//! `caseledger receipt`: the proof that one event stands in the ledger. It reveals nothing of the event.

use std::collections::BTreeMap;

use anyhow::Context as _;
use ledger_core::{ids::Position, log::Receipt};
use serde::Serialize;

use super::{
    Exit, Failure,
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Give the receipt of an event, and verify it
///
/// A receipt proves that an event stands at its position of the signed tree. It holds hashes alone, so it needs no
/// permission; whoever has the ledger's public key can verify it without us.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger receipt 41
  caseledger receipt 41 --tlog-proof > 41.tlog-proof     the text form of C2SP, for other tools
  caseledger receipt 41 --json")]
pub(super) struct ReceiptArgs {
    /// The position of the event in the ledger
    position: u64,
    /// Print nothing but the C2SP text form
    #[arg(long, conflicts_with = "json")]
    tlog_proof: bool,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    receipt: &'a Receipt,
    verifier_keys: Vec<String>,
    tlog_proof: String,
    verified: BTreeMap<&'static str, String>,
}

impl ReceiptArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let position = Position(self.position);
        let (receipt, keys) = session::with_instance(config, self.output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, instance.tenant());
            let receipt = ledger
                .receipt(tenant, position)
                .await
                .with_context(|| format!("there is no receipt of position {position}"))?;
            Ok((receipt, ledger.verifier_keys(tenant).await?))
        })
        .await?;
        if self.tlog_proof {
            self.output.print(&receipt, || receipt.to_tlog_proof())?;
            return Ok(Exit::Done);
        }
        let head = receipt
            .verify(&keys)
            .map_err(|error| Failure::not_whole(format!("the receipt does not verify: {error}")))?;
        let shape = Shape {
            receipt: &receipt,
            verifier_keys: keys.iter().map(ToString::to_string).collect(),
            tlog_proof: receipt.to_tlog_proof(),
            verified: BTreeMap::from([
                ("size", head.size.to_string()),
                ("root", head.root.to_string()),
            ]),
        };
        self.output
            .print(&shape, || show::receipt_text(&receipt, &keys, &head))?;
        Ok(Exit::Done)
    }
}
