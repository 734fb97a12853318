//! Killed in the middle of 32 writers, the service or its Postgres: what was acknowledged is there, once, and can be
//! opened; the next start needs no help.

use std::{
    collections::{BTreeMap, HashSet},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use caseledger::{
    config::{Config, ConfigArgs, Environment},
    embedded_postgres::{Durability, EmbeddedPostgres},
    instance::Instance,
};
use ledger_core::{
    case::{Beginning, ClearOpening, OpenCase},
    clock::SystemEntropy,
    ids::{CaseId, EventId, OrganisationId, Position, ProfileId},
    ledger::{Caller, CaseCommand, Executed, LedgerError},
    profile::Assurance,
    store::AppendError,
};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{sync::watch, task::JoinSet};

use crate::support::{
    eventually,
    postgres::{made_cluster, new_directory},
    story::{PROFILE, cast, code, occasion},
};

const WRITERS: usize = 32;
const TIMES: usize = 10;
/// How many events are acknowledged in each round before the kill, at least.
const EVENTS_A_ROUND: usize = 250;

/// What the child process is told: data directory, the two accounts, unit.
const CHILD: &str = "CRASH_TEST_CHILD";

/// Somebody who may open logs, which takes several events and a new key each time, and the leader who clears each.
#[derive(Clone)]
struct Writer {
    leader: Caller,
    caller: Caller,
    unit: OrganisationId,
}

impl Writer {
    async fn open_a_log(&self, instance: &Instance) -> Result<Executed, LedgerError> {
        let ledger = &instance.ledger;
        let profile: ProfileId = PROFILE.parse().expect("a profile");
        let id = CaseId::generate(ledger.now(), &SystemEntropy);
        let clear = ClearOpening {
            unit: self.unit,
            account: self.caller.account,
        };
        let clear = CaseCommand::ClearOpening(profile.clone(), clear);
        ledger.execute(&self.leader, id, clear, &occasion()).await?;
        let command = OpenCase {
            unit: self.unit,
            child_name: "Ola Nordmann".to_owned(),
            national_id: None,
            birth_date: None,
            concern: "Trivst ikkje".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Torunn".to_owned(),
            begins: Beginning::default(),
        };
        let command = CaseCommand::Open(profile, command);
        ledger.execute(&self.caller, id, command, &occasion()).await
    }
}

fn config(data_dir: &Path) -> Config {
    let args = ConfigArgs {
        data_dir: Some(data_dir.to_owned()),
        ..ConfigArgs::default()
    };
    let nothing = Vec::<(String, String)>::new();
    let environment = Environment::new(nothing, rustix::process::geteuid().is_root());
    Config::load(&args, &environment).expect("a configuration")
}

async fn opened(data_dir: &Path) -> Instance {
    let instance = Instance::open(config(data_dir)).await;
    instance.expect("it starts without help")
}

/// A data directory with a cluster that survives a loss of power, and somebody who may open logs.
async fn prepared() -> (std::path::PathBuf, Writer) {
    let data_dir = new_directory();
    std::fs::create_dir_all(&data_dir).expect("a folder");
    let cluster = made_cluster(Durability::Durable).directory;
    std::fs::rename(cluster, data_dir.join("postgres")).expect("moves the cluster");
    let instance = opened(&data_dir).await;
    let cast = cast(&instance.ledger, instance.tenant(), "Cast").await;
    let writer = Writer {
        leader: cast.leader,
        caller: cast.teacher,
        unit: cast.school,
    };
    instance.close().await.expect("closes");
    (data_dir, writer)
}

/// Every acknowledged event stands where it was said to stand, no event stands twice, every content opens, and
/// the tree is the one that the events give.
async fn assert_nothing_is_lost(instance: &Instance, acknowledged: &[(Position, EventId)]) {
    let ledger = &instance.ledger;
    let tenant = instance.tenant();
    let stored = ledger
        .store()
        .read_from(tenant, Position(0), 1_000_000)
        .await;
    let stored: BTreeMap<Position, EventId> = stored
        .expect("reads")
        .iter()
        .map(|event| {
            (
                event.position,
                event.decode().expect("decodes").envelope.event_id,
            )
        })
        .collect();
    assert_eq!(
        stored.values().collect::<HashSet<_>>().len(),
        stored.len(),
        "none twice"
    );
    for (position, id) in acknowledged {
        assert_eq!(stored.get(position), Some(id), "acknowledged at {position}");
    }
    let verified = ledger
        .verify(tenant, true, &|_, _| {})
        .await
        .expect("reads");
    assert_eq!(verified.errors, []);
    assert!(
        verified.contents >= acknowledged.len() as u64,
        "each of them opens"
    );
}

/// Not a test by itself: others start it as a process of its own, to kill it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of its own for other tests"]
async fn process_with_writers() {
    let told = std::env::var(CHILD).expect("started by another test");
    let [data_dir, leader, account, unit] = told.split('\t').collect::<Vec<_>>()[..] else {
        panic!("{told:?} is not what this process is told");
    };
    let instance = Arc::new(opened(Path::new(data_dir)).await);
    let person = |account: &str| Caller {
        tenant: instance.tenant().clone(),
        account: account.parse().expect("an account"),
        issuer: code("dev"),
        assurance: Assurance::High,
    };
    let writer = Writer {
        leader: person(leader),
        caller: person(account),
        unit: unit.parse().expect("a unit"),
    };
    let mut tasks = JoinSet::new();
    for _ in 0..WRITERS {
        let (instance, writer) = (Arc::clone(&instance), writer.clone());
        tasks.spawn(async move {
            loop {
                let done = writer.open_a_log(&instance).await.expect("is done");
                say(&done);
            }
        });
    }
    // Until it is killed; heads are signed and remembered meanwhile.
    instance.publish_until(std::future::pending()).await;
}

/// Tells the parent what was acknowledged; a line that the kill cuts off is one that nobody was told.
fn say(done: &Executed) {
    let mut lines = String::from("\n");
    for (position, id) in (done.first.0..).zip(&done.events) {
        lines += &format!("acknowledged {position} {id}\n");
    }
    std::io::stdout()
        .lock()
        .write_all(lines.as_bytes())
        .expect("the parent listens");
}

fn start(data_dir: &Path, writer: &Writer) -> Child {
    let told = format!(
        "{}\t{}\t{}\t{}",
        data_dir.display(),
        writer.leader.account,
        writer.caller.account,
        writer.unit
    );
    Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "crash::process_with_writers",
            "--ignored",
            "--nocapture",
        ])
        .env(CHILD, told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the process starts")
}

fn heard(line: &str) -> Option<(Position, EventId)> {
    let (position, id) = line.strip_prefix("acknowledged ")?.split_once(' ')?;
    Some((Position(position.parse().ok()?), id.parse().ok()?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_service_loses_nothing_that_it_acknowledged_and_starts_again_by_itself() {
    let (data_dir, writer) = prepared().await;
    let mut acknowledged = Vec::new();
    for _ in 0..TIMES {
        let mut child = start(&data_dir, &writer);
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = output.lines().map_while(Result::ok);
        let before = acknowledged.len();
        while acknowledged.len() < before + EVENTS_A_ROUND {
            let line = lines.next().expect("it goes on until it is killed");
            acknowledged.extend(heard(&line));
        }
        child.kill().expect("can be killed");
        // What was said before the kill still comes.
        acknowledged.extend(lines.filter_map(|line| heard(&line)));
        child.wait().expect("has ended");
    }
    let instance = opened(&data_dir).await;
    assert_nothing_is_lost(&instance, &acknowledged).await;
    instance.close().await.expect("closes");
}

/// Opens logs until it is told to stop. Whoever was not told that a log is there tries another one.
async fn write_on(
    instance: &Instance,
    writer: &Writer,
    acknowledged: &watch::Sender<Vec<(Position, EventId)>>,
    stopped: &watch::Receiver<bool>,
) {
    while !*stopped.borrow() {
        match writer.open_a_log(instance).await {
            Ok(done) => acknowledged.send_modify(|all| {
                all.extend((done.first.0..).map(Position).zip(done.events));
            }),
            Err(
                LedgerError::Read(_)
                | LedgerError::Append(AppendError::Unavailable | AppendError::OutcomeUnknown),
            ) => drop(running_postgres(instance).await),
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// The process number of the instance's Postgres, once it accepts connections.
async fn running_postgres(instance: &Instance) -> Pid {
    let process = eventually("Postgres runs", async || {
        instance.postgres().and_then(EmbeddedPostgres::process_id)
    });
    Pid::from_raw(process.await).expect("a process number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_postgres_loses_nothing_that_was_acknowledged_and_the_service_goes_on() {
    let (data_dir, writer) = prepared().await;
    let instance = opened(&data_dir).await;
    let (acknowledged, mut heard) = watch::channel(Vec::new());
    let (stop, stopped) = watch::channel(false);
    let writers = (0..WRITERS).map(|_| write_on(&instance, &writer, &acknowledged, &stopped));
    let killing = async {
        let mut until = 0;
        for _ in 0..TIMES {
            until += EVENTS_A_ROUND;
            let enough = heard.wait_for(|all| all.len() >= until).await;
            until = enough.expect("they write on").len();
            let process = running_postgres(&instance).await;
            kill_process(process, Signal::KILL).expect("can be killed");
        }
        let enough = heard
            .wait_for(|all| all.len() >= until + EVENTS_A_ROUND)
            .await;
        drop(enough.expect("they write on"));
        stop.send_replace(true);
    };
    tokio::join!(futures::future::join_all(writers), killing);
    let acknowledged = acknowledged.send_replace(Vec::new());
    assert_nothing_is_lost(&instance, &acknowledged).await;
    instance.close().await.expect("closes");
}
