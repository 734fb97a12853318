//! A service on a fresh, durable cluster of its own, with cases to write to and to read.

use std::sync::Arc;

use anyhow::Context as _;
use caseledger::{
    config::{Config, ConfigArgs, Environment},
    instance::{Instance, MachineClock},
};
use ledger_core::{
    access::RuleBook,
    case::{AddNote, AddParty, Beginning, ClearOpening, GiveConsent, OpenCase},
    clock::{Clock as _, Span, SystemEntropy},
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    event::{Actor, CorrelationId, UnplacedEnvelope},
    events::{Event, NoteAdded},
    ids::{
        AccountId, CaseId, Code, Digest, EventId, KeyId, NoteId, OrganisationId, PartyId,
        ProfileId, StreamId, TenantId,
    },
    ledger::{Caller as Person, CaseCommand, DirectoryCommand, Executed, Ledger, Look, Occasion},
    profile::{Assurance, RuleBookText},
    sealing::{self, Binding, DataKey, MemoryKeyring},
    store::{
        Append, EventStore, SealedContent, UnplacedEvent,
        postgres::{PostgresSettings, PostgresStore},
    },
};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::{BULK_EVENTS, Call, rounds::Caller};

const PROFILE: &str = "stafettloggen-kvam";
/// Characters of a note: with its title and the JSON around them 300 bytes.
const NOTE_CHARS: usize = 270;
/// How many events a case has that only stands around.
const EVENTS_OF_A_CASE: usize = 50;
/// Notes of a case that is read.
const NOTES_TO_READ: usize = 5;

/// A new id as text.
pub(crate) fn fresh_id() -> String {
    EventId::generate(MachineClock.now(), &SystemEntropy).to_string()
}

fn code(text: &str) -> Code {
    text.parse().expect("the benchmark's codes are codes")
}

pub(crate) fn occasion() -> Occasion {
    Occasion::new(CorrelationId::generate(&SystemEntropy))
}

/// The service and its cases.
pub(crate) struct World {
    instance: Arc<Instance>,
    teacher: Person,
    auditor: Person,
    written: Vec<CaseId>,
    read: Vec<CaseId>,
    bulk: Arc<BulkTenant>,
    publisher: tokio::task::JoinHandle<()>,
    stop: tokio::sync::oneshot::Sender<()>,
    // Dropped last: the cluster lies in it.
    _directory: TempDir,
}

impl World {
    /// A world in which so many callers can write and read, each a case of its own.
    pub(crate) async fn build(callers: usize) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("caseledger-bench")
            .tempdir()?;
        open_to_postgres(directory.path())?;
        let args = ConfigArgs {
            data_dir: Some(directory.path().join("data")),
            ..ConfigArgs::default()
        };
        let environment = Environment::new(
            Vec::<(String, String)>::new(),
            rustix::process::geteuid().is_root(),
        );
        let instance = Arc::new(Instance::open(Config::load(&args, &environment)?).await?);
        let people = People::appoint(&instance).await?;
        let mut written = Vec::new();
        let mut read = Vec::new();
        for number in 0..callers {
            eprint!("\ropening cases: {number} of {callers}   ");
            written.push(people.open_case(0).await?);
            read.push(people.open_case(NOTES_TO_READ).await?);
        }
        eprintln!();
        let (teacher, auditor) = (people.teacher, people.auditor);
        let bulk = Arc::new(BulkTenant::open(&instance, "bulk").await?);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let publishing = Arc::clone(&instance);
        let publisher = tokio::spawn(async move {
            publishing
                .publish_until(async {
                    // Dropped or sent: either way it is the end.
                    let _ = stopped.await;
                })
                .await;
        });
        Ok(Self {
            instance,
            teacher,
            auditor,
            written,
            read,
            bulk,
            publisher,
            stop,
            _directory: directory,
        })
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.instance
            .postgres()
            .map(|postgres| postgres.options("caseledger"))
            .unwrap_or_default()
    }

    pub(crate) fn postmaster(&self) -> i32 {
        self.instance
            .postgres()
            .and_then(caseledger::embedded_postgres::EmbeddedPostgres::process_id)
            .unwrap_or(0)
    }

    pub(crate) fn postgres_version(&self) -> String {
        self.instance
            .postgres()
            .map(|postgres| postgres.major_version().to_string())
            .unwrap_or_default()
    }

    /// (b): the whole command, from the decision to the durable, hashed, sealed event.
    pub(crate) fn appending(&self, number: usize) -> Caller {
        let (ledger, teacher, case) = (
            Arc::clone(&self.instance.ledger),
            self.teacher.clone(),
            self.written[number],
        );
        let text = "n".repeat(NOTE_CHARS);
        let call: Call = Box::new(move || {
            let (ledger, teacher, text) = (Arc::clone(&ledger), teacher.clone(), text.clone());
            Box::pin(async move {
                let note = AddNote {
                    section: code("notes"),
                    title: "Note".to_owned(),
                    text,
                };
                ledger
                    .execute(&teacher, case, CaseCommand::AddNote(note), &occasion())
                    .await?;
                Ok(1)
            })
        });
        call.into()
    }

    /// (c): a case on a screen: decided, logged, its contents opened.
    pub(crate) fn reading(&self, number: usize) -> Caller {
        let (ledger, teacher, case) = (
            Arc::clone(&self.instance.ledger),
            self.teacher.clone(),
            self.read[number],
        );
        let call: Call = Box::new(move || {
            let (ledger, teacher) = (Arc::clone(&ledger), teacher.clone());
            Box::pin(async move {
                let shown = ledger
                    .look(&teacher, case, &Look::Case, &occasion())
                    .await?;
                anyhow::ensure!(shown.sections.len() > 1, "the case was not shown");
                Ok(1)
            })
        });
        call.into()
    }

    /// A hundred events a call.
    pub(crate) fn bulk(&self, number: usize) -> Caller {
        self.bulk.appending(number, BULK_EVENTS)
    }

    pub(crate) async fn fresh_tenant(&self, name: &str) -> anyhow::Result<Arc<BulkTenant>> {
        Ok(Arc::new(BulkTenant::open(&self.instance, name).await?))
    }

    /// Fills the ledger with cases around those that are asked about, until it has so many events.
    pub(crate) async fn fill_around(
        &self,
        size: u64,
        progress: impl Fn(u64, u64),
    ) -> anyhow::Result<()> {
        let around = Arc::new(BulkTenant::around(&self.instance));
        around.fill_cases_to(size, EVENTS_OF_A_CASE, progress).await
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.instance.ledger
    }

    pub(crate) fn auditor(&self) -> &Person {
        &self.auditor
    }

    /// One of the cases that have been looked at.
    pub(crate) fn read_case(&self, number: usize) -> CaseId {
        self.read[number % self.read.len()]
    }

    /// Who looked at them.
    pub(crate) fn reader(&self) -> AccountId {
        self.teacher.account
    }

    pub(crate) fn profile() -> anyhow::Result<ProfileId> {
        Ok(PROFILE.parse()?)
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.publisher.await?;
        drop(self.bulk);
        Arc::into_inner(self.instance)
            .context("the instance is still in use")?
            .close()
            .await
    }
}

/// Postgres may run under another account, which must be able to reach its folder.
fn open_to_postgres(path: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(0o711),
    )?)
}

struct People<'a> {
    ledger: &'a Ledger,
    leader: Person,
    teacher: Person,
    guardian: Person,
    auditor: Person,
    unit: OrganisationId,
}

impl<'a> People<'a> {
    async fn appoint(instance: &'a Instance) -> anyhow::Result<Self> {
        let ledger = &*instance.ledger;
        let now = MachineClock.now();
        let profile: ProfileId = PROFILE.parse()?;
        let text = RuleBookText::built_in(PROFILE).context("the rule book")?;
        let rule_book = AdoptProfile {
            rule_book: Arc::new(RuleBook::load(&text)?),
        };
        let person = || Person {
            tenant: instance.tenant().clone(),
            account: AccountId::generate(now, &SystemEntropy),
            issuer: code("bench"),
            assurance: Assurance::High,
        };
        let (administrator, leader, teacher) = (person(), person(), person());
        let (guardian, auditor) = (person(), person());
        ledger
            .appoint_first_administrator(
                &administrator.tenant,
                rule_book,
                administrator.account,
                "Administrator",
                code("administrator"),
            )
            .await?;
        let unit = OrganisationId::generate(now, &SystemEntropy);
        let register = RegisterOrganisation {
            organisation: unit,
            kind: code("school"),
            parent: None,
            name: "School".to_owned(),
        };
        let mut commands = vec![(
            &administrator,
            DirectoryCommand::RegisterOrganisation(register),
        )];
        for (account, organisation) in [
            (&leader, Some(unit)),
            (&teacher, Some(unit)),
            (&guardian, None),
            (&auditor, None),
        ] {
            let activate = ActivateAccount {
                account: account.account,
                organisation,
                name: "Person".to_owned(),
            };
            commands.push((&administrator, DirectoryCommand::ActivateAccount(activate)));
        }
        let assign = |to: &Person, role, unit| {
            DirectoryCommand::AssignRole(AssignRole {
                account: to.account,
                role: code(role),
                unit,
                until: None,
            })
        };
        commands.push((&administrator, assign(&leader, "unit_leader", Some(unit))));
        commands.push((&administrator, assign(&auditor, "auditor", None)));
        commands.push((&leader, assign(&teacher, "baton_holder", Some(unit))));
        for (who, command) in commands {
            ledger
                .administer(who, &profile, command, &occasion())
                .await?;
        }
        Ok(Self {
            ledger,
            leader,
            teacher,
            guardian,
            auditor,
            unit,
        })
    }

    async fn open_case(&self, notes: usize) -> anyhow::Result<CaseId> {
        let case = CaseId::generate(MachineClock.now(), &SystemEntropy);
        let clear = ClearOpening {
            unit: self.unit,
            account: self.teacher.account,
        };
        let clear = CaseCommand::ClearOpening(PROFILE.parse()?, clear);
        self.run(&self.leader, case, clear).await?;
        let open = OpenCase {
            unit: self.unit,
            child_name: "Child".to_owned(),
            national_id: None,
            birth_date: None,
            concern: "A concern.".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Teacher".to_owned(),
            begins: Beginning::default(),
        };
        self.run(
            &self.teacher,
            case,
            CaseCommand::Open(PROFILE.parse()?, open),
        )
        .await?;
        let guardian = AddParty {
            role: code("guardian"),
            account: Some(self.guardian.account),
            service: None,
            name: "Guardian".to_owned(),
            task: None,
        };
        let added = self
            .run(&self.teacher, case, CaseCommand::AddParty(guardian))
            .await?;
        let by = added.decided.iter().find_map(|event| match event {
            Event::PartyAdded(facts) => Some(facts.party),
            _ => None,
        });
        let consent = GiveConsent {
            kind: code("establish_log"),
            by: by.unwrap_or_else(|| PartyId::generate(MachineClock.now(), &SystemEntropy)),
            form: code("digital"),
            scan: None,
            renews: None,
            services: std::collections::BTreeSet::new(),
            valid_from: None,
            valid_through: None,
            occurred_at: None,
            remark: String::new(),
        };
        self.run(&self.guardian, case, CaseCommand::GiveConsent(consent))
            .await?;
        for _ in 0..notes {
            let note = AddNote {
                section: code("notes"),
                title: "Note".to_owned(),
                text: "n".repeat(NOTE_CHARS),
            };
            self.run(&self.teacher, case, CaseCommand::AddNote(note))
                .await?;
        }
        Ok(case)
    }

    async fn run(
        &self,
        who: &Person,
        case: CaseId,
        command: CaseCommand,
    ) -> anyhow::Result<Executed> {
        Ok(self.ledger.execute(who, case, command, &occasion()).await?)
    }
}

/// A tenant that is filled below the rules: sealed, committed, hashed and checked, but not decided.
pub(crate) struct BulkTenant {
    pub(crate) tenant: TenantId,
    store: Arc<PostgresStore>,
    ledger: Ledger,
    key: DataKey,
    case: CaseId,
    account: AccountId,
}

impl BulkTenant {
    async fn open(instance: &Instance, name: &str) -> anyhow::Result<Self> {
        let tenant: TenantId = name.parse()?;
        let clock: Arc<dyn ledger_core::clock::Clock> = Arc::new(MachineClock);
        let store = Arc::new(PostgresStore::new(
            instance.writer.clone(),
            Arc::clone(&clock),
            PostgresSettings::default(),
            Arc::new(()),
        ));
        store.open_tenant(&tenant).await?;
        let entropy = Arc::new(SystemEntropy);
        let keyring = Arc::new(MemoryKeyring::new(entropy.clone()));
        let ledger = Ledger::new(ledger_core::ledger::Parts {
            store: store.clone(),
            keyring,
            clock,
            entropy,
            observer: Arc::new(()),
            settings: ledger_core::ledger::LedgerSettings::default(),
        });
        ledger
            .open_ledger(&tenant, &format!("bench.example/{name}").parse()?)
            .await?;
        let now = MachineClock.now();
        Ok(Self {
            tenant,
            store,
            ledger,
            key: DataKey::generate(&SystemEntropy),
            case: CaseId::generate(now, &SystemEntropy),
            account: AccountId::generate(now, &SystemEntropy),
        })
    }

    /// In the ledger of the service itself, whose cases are asked about.
    fn around(instance: &Instance) -> Self {
        let clock: Arc<dyn ledger_core::clock::Clock> = Arc::new(MachineClock);
        let store = Arc::new(PostgresStore::new(
            instance.writer.clone(),
            Arc::clone(&clock),
            PostgresSettings::default(),
            Arc::new(()),
        ));
        let entropy = Arc::new(SystemEntropy);
        let ledger = Ledger::new(ledger_core::ledger::Parts {
            store: store.clone(),
            keyring: Arc::new(MemoryKeyring::new(entropy.clone())),
            clock,
            entropy,
            observer: Arc::new(()),
            settings: ledger_core::ledger::LedgerSettings::default(),
        });
        let now = MachineClock.now();
        Self {
            tenant: instance.tenant().clone(),
            store,
            ledger,
            key: DataKey::generate(&SystemEntropy),
            case: CaseId::generate(now, &SystemEntropy),
            account: AccountId::generate(now, &SystemEntropy),
        }
    }

    fn event(&self, stream: &StreamId) -> UnplacedEvent {
        let (now, entropy) = (MachineClock.now(), SystemEntropy);
        let event_id = EventId::generate(now, &entropy);
        let key_id = KeyId::Case(self.case);
        let binding = Binding {
            tenant: &self.tenant,
            event: event_id,
            key_id,
        };
        let sealed = sealing::seal(&self.key, &binding, &[7; 300], &entropy);
        let facts = Event::NoteAdded(NoteAdded {
            note: NoteId::generate(now, &entropy),
            section: code("notes"),
        });
        let actor = Actor::Staff {
            account: self.account,
            role: Some(code("baton_holder")),
            organisation: None,
            on_behalf_of: None,
            issuer: code("bench"),
            assurance: Assurance::High,
        };
        let raw = facts.to_facts();
        let envelope = UnplacedEnvelope {
            tenant: &self.tenant,
            stream,
            event_id,
            event_type: facts.event_type(),
            schema_version: facts.schema_version(),
            occurred_at: None,
            actor: &actor,
            case: Some(self.case),
            purpose: None,
            basis: None,
            correlation_id: CorrelationId::generate(&entropy),
            facts: &raw,
            content_commitment: Some(sealed.commitment),
        };
        let mut salt = [0; 32];
        ledger_core::clock::Entropy::fill(&entropy, &mut salt);
        UnplacedEvent {
            stream: stream.clone(),
            event_id,
            envelope: envelope.encode(),
            salt: Digest(salt),
            occurred_at: None,
            account: Some(self.account),
            content: Some(SealedContent {
                key: key_id,
                ciphertext: sealed.ciphertext,
            }),
        }
    }

    /// A caller with a stream of its own, whose version it expects.
    fn appending(self: &Arc<Self>, _: usize, events: usize) -> Caller {
        let tenant = Arc::clone(self);
        let stream = StreamId::Case(CaseId::generate(MachineClock.now(), &SystemEntropy));
        let mut version = 0;
        let call: Call = Box::new(move || {
            let (tenant, stream, expected) = (Arc::clone(&tenant), stream.clone(), version);
            version += events as u64;
            Box::pin(async move {
                let request = Append {
                    expected: vec![(stream.clone(), expected)],
                    holds: Span::ALWAYS,
                    events: (0..events).map(|_| tenant.event(&stream)).collect(),
                    idempotency: None,
                    lookups: Vec::new(),
                };
                tenant.store.append(&tenant.tenant, request).await?;
                Ok(events as u64)
            })
        });
        call.into()
    }

    /// One event a call.
    pub(crate) fn caller(self: &Arc<Self>, number: usize) -> Caller {
        self.appending(number, 1)
    }

    /// Appends until so many events are there.
    pub(crate) async fn fill_to(
        self: &Arc<Self>,
        size: u64,
        progress: impl Fn(u64, u64),
    ) -> anyhow::Result<()> {
        self.fill_cases_to(size, 500, progress).await
    }

    /// Appends cases of so many events until so many events are there.
    async fn fill_cases_to(
        self: &Arc<Self>,
        size: u64,
        events: usize,
        progress: impl Fn(u64, u64),
    ) -> anyhow::Result<()> {
        const AT_ONCE: u64 = 8;
        loop {
            let have = self.store.tip(&self.tenant).await?.frontier.size();
            progress(have, size);
            if have >= size {
                return Ok(());
            }
            let calls = (size - have).div_ceil(events as u64).min(AT_ONCE * 8);
            let callers = (0..calls).map(|_| {
                let Caller(mut call) = self.appending(0, events);
                tokio::spawn(async move { call().await })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await??;
            }
        }
    }

    /// Recomputes commitments and tree from the first event on; how many events.
    pub(crate) async fn verify(&self) -> anyhow::Result<u64> {
        let verification = self.ledger.verify(&self.tenant, false, &|_, _| ()).await?;
        anyhow::ensure!(verification.errors.is_empty(), "{:?}", verification.errors);
        Ok(verification.events)
    }
}
