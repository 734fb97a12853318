//! Writing the log of cases into a file.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use ledger_core::{clock::Span, ledger::LedgerError};
use serde::Serialize;

use super::ExportArgs;
use crate::{
    cli::{
        Exit, Failure, Progress,
        acting::occasion,
        session::{self, Session},
        show,
    },
    export::log::{Extent, LogExport, LogFormat, LogProgress},
    whole_file::{WholeFile, WholeFileError},
};

/// A log that was written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    path: PathBuf,
    format: &'static str,
    cases: u64,
    records: u64,
    bytes: u64,
}

impl Written {
    fn text(&self) -> String {
        show::pairs(&[
            ("file", self.path.display().to_string()),
            ("format", self.format.to_owned()),
            ("cases", self.cases.to_string()),
            ("records", self.records.to_string()),
            ("bytes", self.bytes.to_string()),
        ])
    }
}

impl ExportArgs {
    pub(super) async fn log(self, format: LogFormat, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let period = Span {
            from: self.from,
            until: self.to,
        };
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from >= to
        {
            return Err(Failure::usage(
                "--from must lie before --to, which is not part of the period",
            )
            .into());
        }
        let extent = match (self.case, &self.system) {
            (Some(case), _) => Extent::Case(case),
            (None, Some(system)) => Extent::System(system.clone()),
            (None, None) => Extent::Tenant,
        };
        // Before anything is noted in the ledger.
        let mut file = WholeFile::begin(&self.out, self.force).map_err(told)?;
        let quiet = self.output.json;
        let written = session::with_instance(config, quiet, async |instance| {
            let progress = Progress::begin("writing the log", quiet);
            let ledger = Arc::clone(&instance.ledger);
            let occasion = occasion(&ledger);
            let export = LogExport::begin(ledger, caller, occasion, format, extent, period).await;
            let mut export = export.context("the export could not begin")?;
            loop {
                let piece = tokio::select! {
                    piece = export.next() => piece.map_err(|error| incomplete(error, export.progress()))?,
                    interrupted = tokio::signal::ctrl_c() => {
                        interrupted?;
                        anyhow::bail!("the export was interrupted, and nothing was written");
                    }
                };
                let Some(piece) = piece else { break };
                file.write(&piece).map_err(told)?;
                progress.say(far(export.progress()));
            }
            let bytes = file.finish().map_err(told)?;
            let LogProgress { cases, records, .. } = export.progress();
            Ok(Written {
                path: self.out.clone(),
                format: format.name(),
                cases,
                records,
                bytes,
            })
        })
        .await?;
        self.output.print(&written, || written.text())?;
        Ok(Exit::Done)
    }
}

/// What somebody can do about it by calling the command otherwise is a matter of its usage.
fn told(error: WholeFileError) -> anyhow::Error {
    match error {
        WholeFileError::NotFinished { .. } => error.into(),
        WholeFileError::Exists(target) => {
            let target = target.display();
            let message = format!(
                "{target} exists already; choose another name, or give --force to write over it"
            );
            Failure::usage(message).into()
        }
        other => Failure::usage(other.to_string()).into(),
    }
}

fn far(progress: LogProgress) -> String {
    let LogProgress {
        looked_at,
        cases,
        records,
    } = progress;
    format!("writing the log: {records} records of {cases} cases, {looked_at} looked at")
}

fn incomplete(error: LedgerError, progress: LogProgress) -> anyhow::Error {
    let error = anyhow::Error::from(error);
    if progress.looked_at == 0 {
        return error.context("the log could not be exported");
    }
    error.context(format!(
        "the export ended after {} cases, and nothing was written",
        progress.cases
    ))
}
