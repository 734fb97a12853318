//! Taking in a log, as the command line does it: read twice, decided case by case, sealed, appended.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant,
};

use caseledger::{
    import::{self, Request, SourceFile, Telling, Unused},
    instance::{Instance, MachineClock},
};
use ledger_core::{
    access::RuleBook,
    clock::{Clock as _, SystemEntropy},
    directory::{AdoptProfile, RegisterOrganisation},
    event::CorrelationId,
    ids::{AccountId, OrganisationId, ProfileId},
    ledger::{Caller as Person, DirectoryCommand, Occasion},
    profile::{Assurance, RuleBookText},
};

use crate::{
    memory,
    world::{self, World},
};

const PROFILE: &str = "imported-log";
/// Cases of a log, and entries of each: about as many as cases of a real one have.
pub(crate) const CASES: usize = 2_500;
const ENTRIES: usize = 6;

/// Somebody who may import, and where to.
pub(crate) struct Importing {
    person: Person,
    unit: OrganisationId,
    profile: ProfileId,
    folder: tempfile::TempDir,
}

struct Quiet;

impl Telling for Quiet {
    fn progress(&mut self, _: bool, _: u64, _: u64) {}
    fn unused(&mut self, unused: &Unused) -> anyhow::Result<()> {
        anyhow::bail!("{unused}")
    }
}

impl Importing {
    pub(crate) async fn begin(instance: &Instance) -> anyhow::Result<Self> {
        let now = MachineClock.now();
        let profile: ProfileId = PROFILE.parse()?;
        let text = RuleBookText::built_in(PROFILE)
            .ok_or_else(|| anyhow::anyhow!("the rule book {PROFILE}"))?;
        let person = Person {
            tenant: instance.tenant().clone(),
            account: AccountId::generate(now, &SystemEntropy),
            issuer: "bench".parse()?,
            assurance: Assurance::High,
        };
        let rule_book = Arc::new(RuleBook::load(&text)?);
        instance
            .ledger
            .appoint_first_administrator(
                &person.tenant,
                AdoptProfile { rule_book },
                person.account,
                "Administrator",
                "administrator".parse()?,
            )
            .await?;
        let unit = OrganisationId::generate(now, &SystemEntropy);
        let register = RegisterOrganisation {
            organisation: unit,
            kind: "unit".parse()?,
            parent: None,
            name: "Desk".to_owned(),
        };
        let register = DirectoryCommand::RegisterOrganisation(register);
        instance
            .ledger
            .administer(&person, &profile, register, &occasion())
            .await?;
        Ok(Self {
            person,
            unit,
            profile,
            folder: tempfile::tempdir()?,
        })
    }

    /// Takes in a log that was never seen; events a second.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a benchmark are far below 2^52"
    )]
    pub(crate) async fn once(&self, instance: &Instance) -> anyhow::Result<f64> {
        let path = log(self.folder.path(), CASES)?;
        let begun = Instant::now();
        let source = Arc::new(SourceFile::open(&path)?);
        let (ledger, person) = (&instance.ledger, &self.person);
        let looked_at = import::look(ledger, person, &self.profile, &source, &mut Quiet).await?;
        let request = Request {
            caller: person.clone(),
            profile: self.profile.clone(),
            unit: self.unit,
        };
        let occasion = occasion();
        let imported =
            import::run(ledger, &request, &source, looked_at, &occasion, &mut Quiet).await?;
        // An opening and what the log says of it stand before the entries of each case.
        let events = imported.entries_added + 2 * imported.cases_added;
        Ok(events as f64 / begun.elapsed().as_secs_f64())
    }

    /// The memory of `caseledger import` at its highest while it takes in a log of so many cases, in MiB.
    pub(crate) async fn memory(&self, world: &World, cases: usize) -> anyhow::Result<f64> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caseledger"));
        command
            .args(["import", "xes", "--json"])
            .arg(log(self.folder.path(), cases)?)
            .args(["--unit", &self.unit.to_string()])
            .arg("--data-dir")
            .arg(world.data_directory())
            .args(["--as", &self.person.account.to_string()]);
        eprintln!("importing {cases} cases");
        memory::highest_of(command).await
    }
}

fn occasion() -> Occasion {
    Occasion::new(CorrelationId::generate(&SystemEntropy))
}

fn log(folder: &Path, cases: usize) -> anyhow::Result<PathBuf> {
    let path = folder.join("log.xes");
    let mut out = BufWriter::new(File::create(&path)?);
    writeln!(
        out,
        "<log xes.version=\"1849.2016\"><string key=\"id\" value=\"{}\"/>",
        world::fresh_id()
    )?;
    for case in 0..cases {
        writeln!(
            out,
            "<trace><string key=\"concept:name\" value=\"case-{case}\"/><string key=\"channel\" value=\"Internet\"/>"
        )?;
        for entry in 0..ENTRIES {
            writeln!(
                out,
                "<event><string key=\"concept:name\" value=\"T{entry} Check the request\"/>\
                 <string key=\"lifecycle:transition\" value=\"complete\"/><string key=\"org:resource\" value=\"Resource{entry}\"/>\
                 <string key=\"org:group\" value=\"Group {entry}\"/><string key=\"concept:instance\" value=\"task-{case}-{entry}\"/>\
                 <date key=\"time:timestamp\" value=\"2011-10-11T13:4{entry}:40.276+02:00\"/></event>"
            )?;
        }
        writeln!(out, "</trace>")?;
    }
    writeln!(out, "</log>")?;
    out.flush()?;
    Ok(path)
}
