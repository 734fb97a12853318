//! `caseledger import xes`: an event log in XES (IEEE 1849).

use std::{path::PathBuf, sync::Arc};

use ledger_core::{
    clock::SystemEntropy,
    directory::RegisterOrganisation,
    ids::{Code, Digest, OrganisationId, ProfileId},
    ledger::{Caller, DirectoryCommand},
};
use serde::Serialize;

use super::report::Report;
use crate::{
    cli::{
        Exit, Failure, Progress,
        acting::{ActingArgs, occasion},
        output::OutputArgs,
        session::{self, Session},
        show,
    },
    import::{self, Imported, Request, SourceFile, Unused, xes::XesError},
    instance::Instance,
};

/// The rule book for cases that no system's rules were written for.
const PROFILE: &str = "imported-log";

/// Take in an event log in XES, plain or packed with gzip
///
/// Every trace becomes a case, every event of it an entry of the case. What the log says is sealed with the key of its
/// case. Its times become the times at which something occurred; what would lie in the future is left out. The same
/// file again adds nothing; an import that broke off goes on where it stood.
///
/// The file is looked at as a whole before anything is added. What in it cannot be used is counted, and written with
/// its line to the report.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger import xes receipt.xes.gz --new-unit 'Permits' --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger import xes receipt.xes.gz --unit 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --report left-out.jsonl --as 01JD9M6YF3E2A9Q4W8R7T6Y5U1
  caseledger import xes receipt.xes.gz --unit 01JD9M6ZP5W9T0W6Q0S1T2B3N4 --profile NAME --json

The exit code is 0 if all of the file was used, and 11 if something was left out. The rule book must be in force, and
must let the account import (`import_case`): `caseledger appoint --profile imported-log --name NAME` sees to both in a
new ledger. Each line of the report is JSON: line, what, why.")]
pub(super) struct XesArgs {
    /// The log
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The rule book by which its cases live on; it must be in force
    #[arg(long, value_name = "PROFILE", default_value = PROFILE)]
    profile: ProfileId,
    /// The unit that is responsible for its cases: an organisation of the ledger
    #[arg(long, value_name = "ORGANISATION", conflicts_with = "new_unit")]
    unit: Option<OrganisationId>,
    /// Register a unit of this name for them
    #[arg(long, value_name = "NAME")]
    new_unit: Option<String>,
    /// File for what could not be used, one JSON line each
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    acting: ActingArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    sha256: Option<Digest>,
    /// Whether it was imported before.
    already_imported: bool,
    went_on: bool,
    unit: Option<OrganisationId>,
    cases_added: u64,
    entries_added: u64,
    cases: u64,
    entries: u64,
    erased: u64,
    unused: u64,
    /// The first of what could not be used.
    first_unused: Vec<Unused>,
}

impl XesArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let caller = self.acting.caller(&config)?;
        let source = SourceFile::open(&self.file).map_err(|error| {
            Failure::usage(format!("{} cannot be read: {error}", self.file.display()))
        })?;
        let output = self.output;
        let shape = session::with_instance(config, output.json, async |instance| {
            self.import(instance, caller, Arc::new(source)).await
        })
        .await?;
        output.print(&shape, || text(&shape))?;
        Ok(match shape.unused {
            0 => Exit::Done,
            _ => Exit::LeftOut,
        })
    }

    async fn import(
        &self,
        instance: &Instance,
        caller: Caller,
        source: Arc<SourceFile>,
    ) -> anyhow::Result<Shape> {
        let progress = Progress::begin("looking at the log", self.output.json);
        let mut report = Report::begin(progress, self.report.as_deref())?;
        let occasion = occasion(&instance.ledger);
        let looked_at = import::look(
            &instance.ledger,
            &caller,
            &self.profile,
            &source,
            &mut report,
        )
        .await
        .map_err(|error| self.named(error))?;
        let unit = match &looked_at.known {
            Some(known) => known.facts.unit,
            None => self.unit(instance, &caller).await?,
        };
        let request = Request {
            caller,
            profile: self.profile.clone(),
            unit,
        };
        let imported = import::run(
            &instance.ledger,
            &request,
            &source,
            looked_at,
            &occasion,
            &mut report,
        )
        .await
        .map_err(|error| self.named(error))?;
        Ok(Shape::of(&imported, unit, report.finish()?))
    }

    /// The unit that was named, or a new one of the name that was given.
    async fn unit(&self, instance: &Instance, caller: &Caller) -> anyhow::Result<OrganisationId> {
        let ledger = &instance.ledger;
        let Some(name) = &self.new_unit else {
            return self.unit.ok_or_else(|| {
                Failure::usage(
                    "no unit is named that is responsible for the cases: give --unit ORGANISATION, or --new-unit NAME to register one",
                )
                .into()
            });
        };
        let organisation = OrganisationId::generate(ledger.now(), &SystemEntropy);
        let command = RegisterOrganisation {
            organisation,
            kind: "unit".parse::<Code>()?,
            parent: None,
            name: name.clone(),
        };
        let command = DirectoryCommand::RegisterOrganisation(command);
        ledger
            .administer(caller, &self.profile, command, &occasion(ledger))
            .await?;
        Ok(organisation)
    }

    /// What is wrong with the file is told with its name, as something that was given wrongly.
    fn named(&self, error: anyhow::Error) -> anyhow::Error {
        match error.downcast::<XesError>() {
            Ok(error) => Failure::usage(format!("{}: {error}", self.file.display())).into(),
            Err(error) => error,
        }
    }
}

impl Shape {
    fn of(imported: &Imported, unit: OrganisationId, first_unused: Vec<Unused>) -> Self {
        Self {
            sha256: imported.sha256,
            already_imported: imported.before,
            went_on: imported.went_on,
            unit: Some(unit),
            cases_added: imported.cases_added,
            entries_added: imported.entries_added,
            cases: imported.cases,
            entries: imported.entries,
            erased: imported.erased,
            unused: imported.unused,
            first_unused,
        }
    }
}

fn text(shape: &Shape) -> String {
    let mut lines = Vec::new();
    if shape.already_imported {
        lines.push("This file was imported before; nothing was added.\n".to_owned());
    } else if shape.went_on {
        lines
            .push("An import of this file had broken off; it went on where it stood.\n".to_owned());
    }
    let mut pairs = vec![
        ("cases added", shape.cases_added.to_string()),
        ("entries added", shape.entries_added.to_string()),
        (
            "of the file are there",
            format!("{} cases with {} entries", shape.cases, shape.entries),
        ),
    ];
    if shape.erased > 0 {
        pairs.push(("erased since, not added", shape.erased.to_string()));
    }
    pairs.push(("could not be used", shape.unused.to_string()));
    if let Some(unit) = shape.unit {
        pairs.push(("unit", unit.to_string()));
    }
    if let Some(sha256) = shape.sha256 {
        pairs.push(("SHA-256 of the file", sha256.to_string()));
    }
    lines.push(show::pairs(&pairs));
    if !shape.first_unused.is_empty() {
        lines.push("\nWhat could not be used:".to_owned());
        lines.extend(
            shape
                .first_unused
                .iter()
                .map(|unused| format!("  {unused}")),
        );
        let more = shape.unused.saturating_sub(shape.first_unused.len() as u64);
        if more > 0 {
            lines.push(format!(
                "  and {more} more; --report FILE holds all of them"
            ));
        }
    }
    lines.join("\n")
}
