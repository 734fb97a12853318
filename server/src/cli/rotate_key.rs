//! `caseledger rotate-key`: another key signs the tree heads from here on.

use ledger_core::ids::Position;
use serde::Serialize;

use super::{
    Exit,
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Let a new key sign the tree heads
///
/// One head is signed by the old and the new key, so that whoever trusts the one can come to trust the other; it stays
/// served under the name of the rotation. Receipts given before stay valid.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger rotate-key
  caseledger rotate-key --json")]
pub(super) struct RotateKeyArgs {
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    position: Position,
    head: String,
    /// Oldest first; the last one signs.
    verifier_keys: Vec<String>,
}

impl RotateKeyArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let (position, keys) = session::with_instance(config, self.output.json, async |instance| {
            let (ledger, tenant) = (&instance.ledger, instance.tenant());
            let position = ledger.rotate_signing_key(tenant).await?;
            Ok((position, ledger.verifier_keys(tenant).await?))
        })
        .await?;
        let shape = Shape {
            position,
            head: format!("rotation-{position}"),
            verifier_keys: keys.iter().map(ToString::to_string).collect(),
        };
        self.output.print(&shape, || {
            let newest = shape.verifier_keys.last().cloned().unwrap_or_default();
            show::pairs(&[
                ("rotated at position", shape.position.to_string()),
                ("head signed by both keys", shape.head.clone()),
                ("key that signs now", newest),
            ])
        })?;
        Ok(Exit::Done)
    }
}
