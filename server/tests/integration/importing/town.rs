//! A ledger in memory by the rules for imported logs, the people in it, and ways to take logs in and out.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use caseledger::{
    export::log::{Extent, LogExport, LogFormat},
    import::{self, Imported, Request, SourceFile, Telling, Unused},
};
use chrono::TimeDelta;
use ledger_core::{
    access::RuleBook,
    clock::{Clock, Span, SystemEntropy, Timestamp},
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    events::Event,
    ids::{AccountId, CaseId, ImportId, OrganisationId, Position, ProfileId, StreamId, TenantId},
    ledger::{Caller, DirectoryCommand, Ledger, LedgerSettings, Parts},
    profile::{Assurance, RuleBookText},
    sealing::MemoryKeyring,
    store::{Recorded, StoredEvent, memory::MemoryStore},
};

use crate::support::story::{code, occasion};

pub(super) const PROFILE: &str = "imported-log";

/// A clock that goes on by a millisecond whenever it is looked at.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let begin: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        begin + TimeDelta::milliseconds(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A ledger and the people in it.
pub(super) struct Town {
    pub(super) ledger: Arc<Ledger>,
    pub(super) tenant: TenantId,
    pub(super) administrator: Caller,
    /// Of the unit that imported cases go to.
    pub(super) caseworker: Caller,
    /// Of another one.
    pub(super) stranger: Caller,
    pub(super) archivist: Caller,
    pub(super) auditor: Caller,
    pub(super) unit: OrganisationId,
}

/// Remembers what it is told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) unused: Vec<Unused>,
}

impl Telling for Told {
    fn progress(&mut self, _: bool, done: u64, of: u64) {
        assert!(done <= of, "{done} of {of}");
    }

    fn unused(&mut self, unused: &Unused) -> anyhow::Result<()> {
        self.unused.push(unused.clone());
        Ok(())
    }
}

impl Town {
    pub(super) async fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicI64::new(0)));
        let entropy = Arc::new(SystemEntropy);
        let ledger = Ledger::new(Parts {
            store: Arc::new(MemoryStore::new(Arc::clone(&clock))),
            keyring: Arc::new(MemoryKeyring::new(entropy.clone())),
            clock,
            entropy,
            observer: Arc::new(()),
            settings: LedgerSettings::default(),
        });
        let tenant: TenantId = "town".parse().unwrap();
        let origin = "caseledger.example/town".parse().unwrap();
        ledger.open_ledger(&tenant, &origin).await.unwrap();
        let now = ledger.now();
        let person = || Caller {
            tenant: tenant.clone(),
            account: AccountId::generate(now, &SystemEntropy),
            issuer: code("dev"),
            assurance: Assurance::High,
        };
        let town = Self {
            administrator: person(),
            caseworker: person(),
            stranger: person(),
            archivist: person(),
            auditor: person(),
            unit: OrganisationId::generate(now, &SystemEntropy),
            tenant: tenant.clone(),
            ledger: Arc::new(ledger),
        };
        town.appoint().await;
        town
    }

    async fn appoint(&self) {
        let text = RuleBookText::built_in(PROFILE).unwrap();
        let rule_book = Arc::new(RuleBook::load(&text).unwrap());
        let administrator = self.administrator.account;
        self.ledger
            .appoint_first_administrator(
                &self.tenant,
                AdoptProfile { rule_book },
                administrator,
                "Gro Eksempel",
                code("administrator"),
            )
            .await
            .unwrap();
        let other = OrganisationId::generate(self.ledger.now(), &SystemEntropy);
        for (organisation, name) in [(self.unit, "Desk"), (other, "Elsewhere")] {
            self.administer(DirectoryCommand::RegisterOrganisation(
                RegisterOrganisation {
                    organisation,
                    kind: code("unit"),
                    parent: None,
                    name: name.to_owned(),
                },
            ))
            .await;
        }
        for (who, role, unit) in [
            (&self.caseworker, "caseworker", Some(self.unit)),
            (&self.stranger, "caseworker", Some(other)),
            (&self.archivist, "archivist", None),
            (&self.auditor, "auditor", None),
        ] {
            let account = who.account;
            self.administer(DirectoryCommand::ActivateAccount(ActivateAccount {
                account,
                organisation: unit,
                name: format!("An invented {role}"),
            }))
            .await;
            self.administer(DirectoryCommand::AssignRole(AssignRole {
                account,
                role: code(role),
                unit,
                until: None,
            }))
            .await;
        }
    }

    async fn administer(&self, command: DirectoryCommand) {
        let profile: ProfileId = PROFILE.parse().unwrap();
        self.ledger
            .administer(&self.administrator, &profile, command, &occasion())
            .await
            .unwrap();
    }

    /// Takes a file in as somebody.
    pub(super) async fn import_as(
        &self,
        caller: &Caller,
        path: &Path,
    ) -> anyhow::Result<(Imported, Told)> {
        let mut told = Told::default();
        let source = Arc::new(SourceFile::open(path)?);
        let profile: ProfileId = PROFILE.parse().unwrap();
        let looked_at = import::look(&self.ledger, caller, &profile, &source, &mut told).await?;
        let request = Request {
            caller: caller.clone(),
            profile,
            unit: self.unit,
        };
        let (ledger, occasion) = (&self.ledger, occasion());
        let imported =
            import::run(ledger, &request, &source, looked_at, &occasion, &mut told).await?;
        Ok((imported, told))
    }

    /// Takes a file in, as the administrator.
    pub(super) async fn import(&self, path: &Path) -> (Imported, Told) {
        self.import_as(&self.administrator, path).await.unwrap()
    }

    /// Every event of the ledger.
    pub(super) async fn events(&self) -> Vec<Recorded> {
        let store = self.ledger.store();
        let stored = store.read_from(&self.tenant, Position(0), 1_000_000).await;
        let stored = stored.unwrap();
        stored
            .iter()
            .map(StoredEvent::decode)
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// The cases that were imported, in the order of their ids.
    pub(super) async fn cases(&self) -> Vec<CaseId> {
        let events = self.events().await;
        let mut cases: Vec<_> = events
            .iter()
            .filter_map(|recorded| match &recorded.event {
                Event::CaseImported(facts) => Some(facts.case),
                _ => None,
            })
            .collect();
        cases.sort_unstable();
        cases
    }

    /// What stands in the stream of an import.
    pub(super) async fn stream_of(&self, import: ImportId) -> Vec<String> {
        let of_import = StreamId::Import(import);
        let events = self.events().await.into_iter();
        events
            .filter(|recorded| recorded.envelope.stream == of_import)
            .map(|recorded| recorded.envelope.event_type.to_string())
            .collect()
    }

    /// Everything that somebody may take out, as XES.
    pub(super) async fn exported_by(&self, caller: &Caller) -> String {
        let mut export = LogExport::begin(
            Arc::clone(&self.ledger),
            caller.clone(),
            occasion(),
            LogFormat::Xes,
            Extent::Tenant,
            Span::ALWAYS,
        )
        .await
        .unwrap();
        let mut log = Vec::new();
        while let Some(piece) = export.next().await.unwrap() {
            log.extend(piece);
        }
        String::from_utf8(log).unwrap()
    }
}

/// A log that comes with the project.
pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/logs")
        .join(name)
}

/// Says past the test harness, which shows nothing of a test that passes, what was left out.
pub(super) fn skipped(what: &str) {
    let line = format!("\n*** SKIPPED: {what} ***\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// A real log of 1,434 cases, where it is there: `CASELEDGER_RECEIPT_LOG`, or beside the project.
pub(super) fn receipt() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/receipt.xes.gz");
    let path = std::env::var_os("CASELEDGER_RECEIPT_LOG").map_or_else(beside, PathBuf::from);
    if path.is_file() {
        return Some(path);
    }
    skipped(&format!(
        "no real log was imported, because {} is not there; CASELEDGER_RECEIPT_LOG says where it is",
        path.display()
    ));
    None
}
