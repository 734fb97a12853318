//! `caseledger verify`: the live ledger from its first event, or a bundle from the bundle alone.

use std::path::PathBuf;

use ledger_core::{
    ids::{Digest, TenantId},
    ledger::VerifyError,
    log::VerifierKey,
};
use serde::Serialize;

use super::{
    Exit, Failure, Progress, logging,
    output::OutputArgs,
    parts,
    session::{self, Session},
};
use crate::{
    export::{
        answer::{self, AnswerVerification},
        bundle::Trust,
    },
    instance::Instance,
};

/// Check a ledger from its first event, or a bundle or an answer by itself
///
/// Without PATH: reads every event of the ledger, computes its leaf entry anew, builds the tree from these, and
/// compares it with what is stored and with the head that was published. With --contents every content that is still
/// there is also opened and compared with the commitment in its event.
///
/// With PATH: checks a bundle that was exported from some ledger. This needs neither database nor configuration nor
/// network: everything it is checked against lies in the bundle, the public key too. A key that came another way, given
/// by --key, also shows whose bundle it is. An answer that `caseledger audit` has written with --bundle is checked in the
/// same way: every event that it speaks of, and that it says of it what was recorded.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger verify
  caseledger verify --contents --json
  caseledger verify ./exports/01JD9M6ZP5W9T0W6Q0S1T2B3N4
  caseledger verify answer.json
  caseledger verify ./exports/01JD9M6ZP5W9T0W6Q0S1T2B3N4 --key 'caseledger.example/solvik+1a2b3c4d+AT…'

Exit code 0: everything is as it was recorded. Exit code 4: something is not, and the output says what.")]
pub(super) struct VerifyArgs {
    /// A bundle, or an answer with its proofs; without it, the live ledger
    path: Option<PathBuf>,
    /// Open every content too, and compare it with its commitment
    #[arg(long, conflicts_with = "path")]
    contents: bool,
    /// A public key that the ledger's owner has published (C2SP vkey); the bundle must be signed by it. May be repeated
    #[arg(long, value_name = "VKEY", requires = "path")]
    key: Vec<VerifierKey>,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// What was found of a live ledger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckedLedger {
    whole: bool,
    tenant: TenantId,
    events: u64,
    root: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<u64>,
    published: Option<u64>,
    errors: Vec<String>,
}

impl VerifyArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        if let Some(path) = &self.path {
            logging::init_warnings();
            if path.is_file() {
                let checked = answer::verify_with(path, &self.key)
                    .map_err(|complaint| Failure::not_whole(complaint.to_string()))?;
                self.output.print(&checked, || text(&checked))?;
                return Ok(Exit::Done);
            }
            let checked = {
                let _progress = Progress::begin("checking the bundle", self.output.json);
                parts::verify_bundle(path, &self.key)?
            };
            self.output.print(&checked, || checked.text())?;
            return Ok(exit(checked.whole()));
        }
        let config = session.config()?;
        let checked = session::with_instance(config, self.output.json, async |instance| {
            let progress = Progress::begin("checking the ledger", self.output.json);
            check_ledger(instance, self.contents, &progress).await
        })
        .await?;
        self.output.print(&checked, || checked.text())?;
        Ok(exit(checked.whole))
    }
}

/// Checks the live ledger from its first event.
pub(crate) async fn check_ledger(
    instance: &Instance,
    contents: bool,
    progress: &Progress,
) -> anyhow::Result<CheckedLedger> {
    let tenant = instance.tenant();
    let told = |done, total| progress.set(done, total);
    let verification = instance.ledger.verify(tenant, contents, &told).await?;
    let errors = verification.errors.iter().map(VerifyError::to_string);
    Ok(CheckedLedger {
        whole: verification.errors.is_empty(),
        tenant: tenant.clone(),
        events: verification.events,
        root: verification.root,
        contents: contents.then_some(verification.contents),
        published: verification.published,
        errors: errors.collect(),
    })
}

/// What was found of an answer, in words.
fn text(checked: &AnswerVerification) -> String {
    let streams = checked.whole_streams.iter();
    let streams = streams.map(|(stream, last)| format!("    {stream}: 1 to {last}"));
    let streams: Vec<String> = streams.collect();
    let trust = match checked.trust {
        Trust::BundleAlone => {
            "a key that the answer brings along: it agrees with itself. Compare the key with one that you have from \
             elsewhere, or give that with --key"
        }
        Trust::GivenKey => "the key that you gave",
    };
    let keys = checked.signed_by.iter().map(ToString::to_string);
    [
        format!("Answer from the ledger of {}", checked.tenant),
        format!(
            "  question   {}, asked at position {}",
            checked.question, checked.asked
        ),
        format!(
            "  over       {} events, root {}",
            checked.over.size, checked.over.root
        ),
        format!(
            "  events     {} found as they were recorded",
            checked.events
        ),
        format!(
            "  statements {} compared with the events that they are about",
            checked.statements
        ),
        format!("  without a gap\n{}", streams.join("\n")),
        format!("  signed by  {}", keys.collect::<Vec<_>>().join(", ")),
        format!("  trust      {trust}"),
        "The answer verifies: what it says of events is what was recorded.".to_owned(),
    ]
    .join("\n")
}

const fn exit(whole: bool) -> Exit {
    if whole { Exit::Done } else { Exit::NotWhole }
}

impl CheckedLedger {
    /// Whether nothing was found to be wrong.
    pub(crate) const fn whole(&self) -> bool {
        self.whole
    }

    /// What was found, in words.
    pub(crate) fn text(&self) -> String {
        let published = match self.published {
            Some(size) => format!("{size} events, and they are a beginning of these"),
            None => "nothing yet".to_owned(),
        };
        let mut lines = vec![
            format!("Ledger of {}", self.tenant),
            format!("  events     {}", self.events),
            format!("  root       {}", self.root),
        ];
        if self.whole {
            lines.push(format!("  published  {published}"));
        }
        if let Some(contents) = self.contents {
            lines.push(format!("  contents   {contents} opened"));
        }
        if self.whole {
            lines.push("The ledger is whole: every event is as it was recorded.".to_owned());
        } else {
            lines.push(format!(
                "VERIFICATION FAILED: {} findings. The ledger was changed outside of this program.",
                self.errors.len()
            ));
            lines.extend(self.errors.iter().map(|error| format!("  - {error}")));
        }
        lines.join("\n")
    }
}
