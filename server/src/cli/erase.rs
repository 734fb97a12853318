//! `caseledger erase`: destroys the keys and contents of an archived case (V19). The events stay, and verify.

use std::io::Write as _;

use ledger_core::{
    clock::Timestamp,
    events::Event,
    ids::{CaseId, Position},
    ledger::Erased,
};
use serde::Serialize;

use super::{
    Exit, Failure, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    session::{self, Session},
    show,
};

/// Erase an archived case for ever
///
/// Destroys the case's keys, deletes its contents and documents, and certifies that in the ledger. What stays are
/// facts: who did and saw what, and when; the ledger still verifies. It cannot be undone, so the id of the case has to
/// be typed once more. Interrupted, it goes on where it stopped when it is asked for again.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger erase --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger erase --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --yes --json        asks nothing, for scripts

A case is first closed, then exported, then archived, then erased. Exit code 3 says that it is not that far.")]
pub(super) struct EraseArgs {
    /// The case
    #[arg(long, value_name = "CASE")]
    case: CaseId,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    case: CaseId,
    keys: u64,
    contents: u64,
    certificate: Position,
    backups_end: Option<Timestamp>,
}

impl EraseArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        if !self.yes {
            self.confirm()?;
        }
        let erased = session::with_instance(config, self.output.json, async |instance| {
            let _progress = Progress::begin("erasing the case", self.output.json);
            let ledger = &instance.ledger;
            Ok(ledger.erase(&caller, self.case, &occasion(ledger)).await?)
        })
        .await?;
        let shape = Shape {
            case: self.case,
            keys: erased.keys,
            contents: erased.contents,
            certificate: erased.certificate.first,
            backups_end: backups_end(&erased),
        };
        self.output.print(&shape, || {
            format!("Case {} is erased.\n{}", self.case, erased_text(&erased))
        })?;
        Ok(Exit::Done)
    }

    fn confirm(&self) -> Result<(), Failure> {
        if self.output.json {
            return Err(Failure::usage(
                "--json asks no questions: add --yes to erase the case for ever",
            ));
        }
        let mut error = std::io::stderr().lock();
        // A terminal that does not take the question does not give the right answer either.
        let _ = write!(
            error,
            "This destroys everything that was written in case {} and cannot be undone.\nType the id of the case to go on: ",
            self.case
        );
        let _ = error.flush();
        let mut typed = String::new();
        let read = std::io::stdin().read_line(&mut typed);
        if read.is_ok() && typed.trim() == self.case.to_string() {
            return Ok(());
        }
        Err(Failure::usage(
            "nothing was erased: what was typed is not the id of the case",
        ))
    }
}

/// Since when no backup can hold the content any more.
pub(crate) fn backups_end(erased: &Erased) -> Option<Timestamp> {
    erased
        .certificate
        .decided
        .iter()
        .find_map(|event| match event {
            Event::CaseErased(facts) => Some(facts.backups_end),
            _ => None,
        })
}

/// What an erasure has destroyed, in words.
pub(crate) fn erased_text(erased: &Erased) -> String {
    let mut lines = vec![
        format!("  keys destroyed    {}", erased.keys),
        format!("  contents deleted  {}", erased.contents),
        format!("  certificate       position {}", erased.certificate.first),
    ];
    if let Some(end) = backups_end(erased) {
        lines.push(format!(
            "  backups           cannot hold it either from {} on",
            show::moment(end)
        ));
    }
    lines.join("\n")
}
