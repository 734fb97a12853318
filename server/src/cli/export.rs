//! `caseledger export`: a case as a package that can be verified without us, or the log of cases in a format of the field.

mod log;

use std::path::PathBuf;

use clap::{ValueEnum, builder::PossibleValue};
use ledger_core::{
    clock::Timestamp,
    ids::{CaseId, ProfileId},
};

use super::{
    Exit, Failure, Progress,
    acting::{ActingArgs, occasion},
    output::OutputArgs,
    parts,
    session::{self, Session},
};
use crate::export::log::LogFormat;

/// Take a case out as a package, or the log of cases in a format of the field
///
/// `bundle` is a BagIt folder with a closed case's events, opened contents and documents, every event that a decision
/// rested on, the proofs and the public key. The ledger commits to its manifest, and the receipt of that stands in the
/// bundle. It holds personal content in the clear: keep it as you would keep the case.
///
/// Every other format is one file that says who did and saw what, and when: of a case, of a system, or of all. It names
/// staff and organisations, and holds no text of any case, but for `xes`: it names them by their ids, and gives out what
/// was imported as it came in, texts and all, to whoever may take those cases out. Each case in it is noted in the ledger; cases that you may
/// not export are left out. The file gets its name when it is whole.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger export --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --out ./exports --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger verify ./exports/01JD9M6ZP5W9T0W6Q0S1T2B3N4
  caseledger export --format audit-event --case 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --out case.ndjson
  caseledger export --format audit-event --system my-system --from 2026-01-01T00:00:00+01:00 \\
      --to 2026-02-01T00:00:00+01:00 --out january.ndjson
  caseledger export --format xes --system imported-log --out log.xes

Then hand the bundle to the archive, and record its answer with `caseledger archive`. Which format is for whom:
docs/how-to/export-the-log.md")]
pub(super) struct ExportArgs {
    /// The case
    #[arg(long, value_name = "CASE", conflicts_with = "system")]
    case: Option<CaseId>,
    /// Every case of a system; without --case and --system every case of the tenant
    #[arg(long, value_name = "PROFILE")]
    system: Option<ProfileId>,
    /// Only what was recorded from this moment on, with its zone
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Only what was recorded before this moment, with its zone
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Timestamp>,
    /// The form of what is taken out
    #[arg(long, value_enum, default_value_t = Format::Bundle)]
    format: Format,
    /// The file that is written; of a bundle, the folder in which it is made under the case's id
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Bundle,
    Log(LogFormat),
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        const { &Self::all() }
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Bundle => PossibleValue::new("bundle").help("BagIt, verifiable offline"),
            Self::Log(format) => PossibleValue::new(format.name()).help(format.summary()),
        })
    }
}

impl Format {
    const fn all() -> [Self; LogFormat::ALL.len() + 1] {
        let mut all = [Self::Bundle; LogFormat::ALL.len() + 1];
        let mut index = 0;
        while index < LogFormat::ALL.len() {
            all[index + 1] = Self::Log(LogFormat::ALL[index]);
            index += 1;
        }
        all
    }
}

/// A moment with its zone.
fn moment(text: &str) -> Result<Timestamp, String> {
    let at = text.parse::<Timestamp>().map_err(|_| {
        "expected a moment with its zone, such as 2026-03-01T12:00:00Z or 2026-03-01T13:00:00+01:00".to_owned()
    })?;
    Ok(ledger_core::clock::to_micros(at))
}

impl ExportArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        match self.format {
            Format::Bundle => self.bundle(session).await,
            Format::Log(format) => self.log(format, session).await,
        }
    }

    async fn bundle(self, session: &Session) -> anyhow::Result<Exit> {
        let case = self.of_one_case()?;
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let written = session::with_instance(config, self.output.json, async |instance| {
            let _progress = Progress::begin("writing the bundle", self.output.json);
            let ledger = &instance.ledger;
            parts::write_bundle(ledger, &caller, case, &self.out, &occasion(ledger)).await
        })
        .await?;
        self.output.print(&written, || written.text())?;
        Ok(Exit::Done)
    }

    /// What a bundle is made of, and nothing else.
    fn of_one_case(&self) -> Result<CaseId, Failure> {
        let is_of_a_log =
            self.system.is_some() || self.from.is_some() || self.to.is_some() || self.force;
        self.case.filter(|_| !is_of_a_log).ok_or_else(|| {
            Failure::usage(
                "a bundle is made of one whole case and never written over another: give --case, and neither --system, \
                 --from, --to nor --force. For the log of several cases choose another --format",
            )
        })
    }
}
