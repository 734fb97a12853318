//! A service on a fresh, durable cluster of its own, with cases to write to and to read.

use std::sync::Arc;

use anyhow::Context as _;
use caseledger::{
    config::{Config, ConfigArgs, Environment},
    instance::{Instance, MachineClock},
};
use ledger_core::{
    case::AddNote,
    clock::{Clock as _, SystemEntropy},
    event::CorrelationId,
    ids::{CaseId, Code, EventId},
    ledger::{CaseCommand, Occasion},
};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;

use crate::{
    BULK_EVENTS, Call,
    bulk::BulkTenant,
    people::{NOTE_CHARS, People},
    rounds::Caller,
};

/// Notes of a case that is read.
const NOTES_TO_READ: usize = 5;

/// A new id as text.
pub(crate) fn fresh_id() -> String {
    EventId::generate(MachineClock.now(), &SystemEntropy).to_string()
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("the benchmark's codes are codes")
}

pub(crate) fn occasion() -> Occasion {
    Occasion::new(CorrelationId::generate(&SystemEntropy))
}

/// The service and its cases.
pub(crate) struct World {
    instance: Arc<Instance>,
    people: People,
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
            people,
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

    pub(crate) fn people(&self) -> &People {
        &self.people
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
            self.people.teacher.clone(),
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
        let (people, case) = (self.people.clone(), self.read[number]);
        let call: Call = Box::new(move || {
            let people = people.clone();
            Box::pin(async move {
                people.look_at(case).await?;
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
