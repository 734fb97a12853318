//! A service on a fresh, durable cluster of its own, with cases to write to and to read.

use std::{path::PathBuf, sync::Arc};

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
    Call,
    bulk::BulkTenant,
    people::{NOTE_CHARS, People},
    rounds::Caller,
};

/// Where the data lie in a world's folder.
const DATA: &str = "data";
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
    publisher: Publisher,
    // Dropped last: the cluster lies in it.
    directory: TempDir,
}

impl World {
    /// A world in which so many callers can write and read, each a case of its own.
    pub(crate) async fn build(callers: usize) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("caseledger-bench")
            .tempdir()?;
        open_to_postgres(directory.path())?;
        let instance = open(&directory).await?;
        let people = People::appoint(&instance).await?;
        let mut written = Vec::new();
        let mut read = Vec::new();
        for number in 0..callers {
            eprint!("\ropening cases: {number} of {callers}   ");
            written.push(people.open_case(0).await?);
            read.push(people.open_case(NOTES_TO_READ).await?);
        }
        eprintln!();
        let publisher = Publisher::start(&instance);
        Ok(Self {
            instance,
            people,
            written,
            read,
            publisher,
            directory,
        })
    }

    /// The same data under a server that was started anew: nothing of them is in its memory, nor in that of Postgres.
    pub(crate) async fn started_anew(self) -> anyhow::Result<Self> {
        close(self.instance, self.publisher).await?;
        let instance = open(&self.directory).await?;
        let mut people = self.people;
        people.work_with(&instance);
        let publisher = Publisher::start(&instance);
        Ok(Self {
            instance,
            people,
            publisher,
            ..self
        })
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(crate) fn data_directory(&self) -> PathBuf {
        self.directory.path().join(DATA)
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

    pub(crate) async fn fresh_tenant(&self, name: &str) -> anyhow::Result<Arc<BulkTenant>> {
        Ok(Arc::new(BulkTenant::open(&self.instance, name).await?))
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        close(self.instance, self.publisher).await
    }
}

/// Signs and serves heads beside, as the server does.
struct Publisher {
    task: tokio::task::JoinHandle<()>,
    stop: tokio::sync::oneshot::Sender<()>,
}

impl Publisher {
    fn start(instance: &Arc<Instance>) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let publishing = Arc::clone(instance);
        let task = tokio::spawn(async move {
            publishing
                .publish_until(async {
                    // Dropped or sent: either way it is the end.
                    let _ = stopped.await;
                })
                .await;
        });
        Self { task, stop }
    }
}

async fn open(directory: &TempDir) -> anyhow::Result<Arc<Instance>> {
    let args = ConfigArgs {
        data_dir: Some(directory.path().join(DATA)),
        ..ConfigArgs::default()
    };
    let environment = Environment::new(
        Vec::<(String, String)>::new(),
        rustix::process::geteuid().is_root(),
    );
    Ok(Arc::new(
        Instance::open(Config::load(&args, &environment)?).await?,
    ))
}

async fn close(instance: Arc<Instance>, publisher: Publisher) -> anyhow::Result<()> {
    drop(publisher.stop);
    publisher.task.await?;
    Arc::into_inner(instance)
        .context("the instance is still in use")?
        .close()
        .await
}

/// Postgres may run under another account, which must be able to reach its folder.
fn open_to_postgres(path: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(0o711),
    )?)
}
