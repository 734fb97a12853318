//! Nothing is shown on a view that is ordered after the withdrawal or the expiry that forbids it: many readers on two
//! server processes, downloads under way, one consent withdrawn and another one ending at midnight.
//!
//! The night comes when the test wants it: the database's clock is moved by a function that stands before the real one
//! on the search path, and the servers' clocks by as much.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    str::FromStr,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use caseledger::{
    config::{Config, ConfigArgs, Environment},
    instance::{Instance, MachineClock},
};
use chrono::TimeDelta;
use ledger_core::{
    clock::{Clock, Timestamp},
    events::Event,
    ids::{AccountId, CaseId, DocumentId, Position},
    ledger::{Caller, DocumentDescription, Ledger, LedgerError, Look},
    profile::{Assurance, Profile, RuleBookText},
    store::AppendError,
};
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{
    postgres::{TestDatabase, database, new_directory},
    story::{OpenedCase, PROFILE, cast, code, occasion},
};

/// How many reads there are at the least.
const READS_MIN: usize = 10_000;
/// Readers of each server process.
const READERS: usize = 8;
/// How long before midnight the story begins.
const BEFORE_MIDNIGHT: TimeDelta = TimeDelta::seconds(25);
const GIVE_UP_AFTER: Duration = Duration::from_mins(5);
const WORK: &str = "CASELEDGER_TEST_READER";

struct ShiftedClock(TimeDelta);

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        MachineClock.now() + self.0
    }
}

/// What a server process is told.
#[derive(Serialize, Deserialize)]
struct Work {
    database_url: String,
    key_store: String,
    shift_micros: i64,
    account: String,
    cases: Vec<(String, String)>,
}

/// What a reader has seen.
#[derive(Debug, Serialize, Deserialize)]
struct Read {
    case: usize,
    /// Whether something was shown that needs the consent.
    content: bool,
    /// Whether it was a piece of a document.
    piece: bool,
    position: Option<Position>,
    recorded_at: Option<Timestamp>,
}

fn config(database_url: &str, key_store: &str) -> Config {
    let set = ["recheck_interval_ms=100", "release_within_ms=2000"]
        .map(str::to_owned)
        .to_vec();
    let args = ConfigArgs {
        set,
        ..ConfigArgs::default()
    };
    let variables = [
        ("DATABASE_URL", database_url),
        ("CASELEDGER_KEY_STORE", key_store),
    ];
    Config::load(
        &args,
        &Environment::new(variables, rustix::process::geteuid().is_root()),
    )
    .unwrap()
}

/// Puts a clock before Postgres' own.
async fn move_clock(database: &TestDatabase, shift: TimeDelta) -> String {
    let mut connection = PgConnection::connect_with(&database.options).await.unwrap();
    let function = format!(
        "CREATE SCHEMA moved;
         GRANT USAGE ON SCHEMA moved TO PUBLIC;
         CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS $$ SELECT pg_catalog.clock_timestamp() + interval '{} microseconds' $$",
        shift.num_microseconds().unwrap()
    );
    connection
        .execute(sqlx::AssertSqlSafe(function))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let separator = if database.url.contains('?') { '&' } else { '?' };
    format!(
        "{}{separator}options[search_path]=moved,pg_catalog,public",
        database.url
    )
}

/// The first moment of the next day in the profile's time zone.
fn next_midnight(profile: &Profile, now: Timestamp) -> Timestamp {
    profile.expires_at(profile.date_of(now))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_show_nothing_after_a_withdrawal_or_an_expiry() {
    let profile = Profile::parse(&RuleBookText::built_in(PROFILE).unwrap()).unwrap();
    let machine = MachineClock.now();
    let shift = next_midnight(&profile, machine) - machine - BEFORE_MIDNIGHT;
    let clock = Arc::new(ShiftedClock(shift));
    let midnight = next_midnight(&profile, clock.now());
    let today = profile.date_of(clock.now());

    let database = database().await;
    let url = move_clock(&database, shift).await;
    let keys = new_directory();
    let key_store = keys.join("keys").display().to_string();
    let instance = Instance::open_with(config(&url, &key_store), clock.clone())
        .await
        .unwrap();
    let ledger = &instance.ledger;
    let cast = cast(ledger, instance.tenant(), "Cast").await;
    let mut cases = Vec::new();
    for through in [None, Some(today)] {
        let case = cast.open_case(ledger, "Case").await;
        let consent = cast.consent(ledger, case, through, "Case").await;
        cast.note(ledger, case.id, "Case").await;
        let document = file(ledger, &cast.teacher, case).await;
        cases.push((case, consent, document));
    }
    let work = Work {
        database_url: url.clone(),
        key_store: key_store.clone(),
        shift_micros: shift.num_microseconds().unwrap(),
        account: cast.teacher.account.to_string(),
        cases: cases
            .iter()
            .map(|(case, _, document)| (case.id.to_string(), document.to_string()))
            .collect(),
    };
    let (seen, reads) = mpsc::channel();
    let mut servers: Vec<Child> = (0..2)
        .map(|_| server_process(&work, seen.clone()))
        .collect();
    drop(seen);

    let begun = Instant::now();
    let mut all: Vec<Read> = Vec::new();
    let mut withdrawn = None;
    let after = |all: &[Read], case: usize, content: bool| {
        all.iter()
            .filter(|read| read.case == case && read.content == content)
            .count()
    };
    // The withdrawal comes in the middle of it, midnight when it comes; then both are watched for a while longer.
    while all.len() < READS_MIN || after(&all, 0, false) < 500 || after(&all, 1, false) < 500 {
        assert!(
            begun.elapsed() < GIVE_UP_AFTER,
            "only {} reads in {GIVE_UP_AFTER:?}",
            all.len()
        );
        all.extend(reads.recv().into_iter().chain(reads.try_iter()));
        if let (Some(withdrawn), Some(read)) = (withdrawn, all.last()) {
            let late = read.case == 0 && read.content && read.position > Some(withdrawn);
            assert!(
                !late,
                "{read:?} was shown after the withdrawal at {withdrawn}"
            );
        }
        if withdrawn.is_none() && after(&all, 0, true) > 1_000 {
            let (case, consent, _) = cases[0];
            withdrawn = Some(cast.withdraw(ledger, case, consent, "Case").await.first);
        }
    }
    for server in &mut servers {
        server.kill().unwrap();
        server.wait().unwrap();
    }
    all.extend(reads.try_iter());

    let withdrawn = withdrawn.expect("the consent was withdrawn");
    let shown = |case: usize, piece: bool| {
        all.iter()
            .filter(move |read| read.case == case && read.content && read.piece == piece)
    };
    for read in shown(0, false).chain(shown(0, true)) {
        assert!(
            read.position < Some(withdrawn),
            "{read:?} was shown after the withdrawal at {withdrawn}"
        );
    }
    for read in shown(1, false).chain(shown(1, true)) {
        assert!(
            read.recorded_at < Some(midnight),
            "{read:?} was shown after the expiry at {midnight}"
        );
    }
    assert!(all.len() >= READS_MIN);
    for case in [0, 1] {
        assert!(
            shown(case, false).count() > 500 && shown(case, true).count() > 50,
            "hardly anything was shown"
        );
    }
    let verified = ledger
        .verify(instance.tenant(), true, &|_, _| ())
        .await
        .unwrap();
    assert_eq!(verified.errors, []);
}

async fn file(ledger: &Arc<Ledger>, teacher: &Caller, case: OpenedCase) -> DocumentId {
    let mut upload = ledger
        .upload(teacher, case.id, code("documents"), 25 << 20, &occasion())
        .await
        .unwrap();
    upload.write(&vec![b'x'; 700_000]).await.unwrap();
    let description = DocumentDescription {
        section: code("documents"),
        format: code("text"),
        title: "Title".to_owned(),
        file_name: "file.txt".to_owned(),
    };
    let filed = upload.finish(description, &occasion()).await.unwrap();
    let document = filed.decided.iter().find_map(|event| match event {
        Event::DocumentAdded(facts) => Some(facts.document),
        _ => None,
    });
    document.unwrap()
}

fn server_process(work: &Work, seen: mpsc::Sender<Read>) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "withdrawal::process_that_reads",
            "--ignored",
            "--nocapture",
        ])
        .env(WORK, serde_json::to_string(work).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for read in lines
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str(&line).ok())
        {
            if seen.send(read).is_err() {
                return;
            }
        }
    });
    child
}

/// Not a test: one of the two server processes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above as a process of its own"]
async fn process_that_reads() {
    let Ok(work) = std::env::var(WORK) else {
        return;
    };
    let work: Work = serde_json::from_str(&work).unwrap();
    assert!(Path::new(&work.key_store).exists());
    let clock = Arc::new(ShiftedClock(TimeDelta::microseconds(work.shift_micros)));
    let instance = Instance::open_with(config(&work.database_url, &work.key_store), clock)
        .await
        .unwrap();
    let caller = Caller {
        tenant: instance.tenant().clone(),
        account: AccountId::from_str(&work.account).unwrap(),
        issuer: code("dev"),
        assurance: Assurance::High,
    };
    let cases: Vec<(CaseId, DocumentId)> = work
        .cases
        .iter()
        .map(|(case, document)| (case.parse().unwrap(), document.parse().unwrap()))
        .collect();
    let mut readers = tokio::task::JoinSet::new();
    for reader in 0..READERS {
        let (ledger, caller, cases) = (Arc::clone(&instance.ledger), caller.clone(), cases.clone());
        readers.spawn(async move {
            loop {
                for (index, (case, document)) in cases.iter().enumerate() {
                    if reader == 0 {
                        download(&ledger, &caller, index, *case, *document).await;
                    } else {
                        look(&ledger, &caller, index, *case).await;
                    }
                }
            }
        });
    }
    readers.join_all().await;
}

fn say(read: &Read) {
    println!("{}", serde_json::to_string(read).unwrap());
}

async fn look(ledger: &Ledger, caller: &Caller, index: usize, case: CaseId) {
    let refused = Read {
        case: index,
        content: false,
        piece: false,
        position: None,
        recorded_at: None,
    };
    say(
        &match ledger.look(caller, case, &Look::Case, &occasion()).await {
            Ok(shown) => Read {
                // Without the consent the baton holder still sees the basic data; everything else needs it.
                content: shown.sections.iter().cloned().collect::<BTreeSet<_>>()
                    != BTreeSet::from([code("basics")]),
                position: Some(shown.view.first),
                recorded_at: Some(shown.view.recorded_at),
                ..refused
            },
            Err(error) => {
                assert!(is_an_answer(&error), "{error}");
                refused
            }
        },
    );
}

async fn download(
    ledger: &Arc<Ledger>,
    caller: &Caller,
    index: usize,
    case: CaseId,
    document: DocumentId,
) {
    let Ok(mut download) = ledger.download(caller, case, document, &occasion()).await else {
        return;
    };
    // A slow one: something else is done between the pieces.
    while let Ok(Some(_)) = download.next().await {
        let view = download.view();
        let (position, recorded_at) = (Some(view.first), Some(view.recorded_at));
        say(&Read {
            case: index,
            content: true,
            piece: true,
            position,
            recorded_at,
        });
        look(ledger, caller, index, case).await;
    }
}

/// A refusal, or being told to come back; anything else would be a defect.
fn is_an_answer(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Refused(_)
            | LedgerError::NotFound
            | LedgerError::TooBusy
            | LedgerError::Append(AppendError::Unavailable)
    )
}
