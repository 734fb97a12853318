//! The Postgres that the program owns: it keeps its data, heals, is shared, and says nothing that it should not.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::support::{
    eventually,
    postgres::{database, database_from, made_cluster, new_directory},
};
use caseledger::embedded_postgres::{
    Durability, EmbeddedPostgres, EmbeddedPostgresError, EmbeddedSettings, check_directory,
};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, Connection, PgConnection};

async fn connect(postgres: &EmbeddedPostgres) -> Result<PgConnection, sqlx::Error> {
    postgres.options("postgres").connect().await
}

async fn write_one(postgres: &EmbeddedPostgres) {
    let mut connection = connect(postgres).await.expect("connects");
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS kept (at int); INSERT INTO kept VALUES (1)")
        .execute(&mut connection)
        .await
        .expect("writes");
}

async fn count(postgres: &EmbeddedPostgres) -> Option<i64> {
    let mut connection = connect(postgres).await.ok()?;
    sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connection)
        .await
        .ok()
}

fn kill(process: i32, signal: Signal) {
    let pid = Pid::from_raw(process).expect("a process number");
    kill_process(pid, signal).expect("the process can be signalled");
}

#[tokio::test]
async fn a_new_cluster_is_private_and_checks_its_pages_and_a_restart_keeps_its_data() {
    let settings = EmbeddedSettings {
        directory: new_directory().join("deeper/postgres"),
        bin_dir: None,
        durability: Durability::Durable,
    };
    let postgres = EmbeddedPostgres::start(&settings).expect("starts");
    assert!(postgres.is_owner());
    let mode = fs::metadata(postgres.directory())
        .expect("the directory is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    let mut connection = connect(&postgres).await.expect("connects");
    for (setting, expected) in [
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("synchronous_commit", "on"),
        ("fsync", "on"),
        ("log_statement", "none"),
    ] {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .expect("a setting");
        assert_eq!(value, expected, "{setting}");
    }
    drop(connection);
    write_one(&postgres).await;
    postgres.stop();

    let postgres = EmbeddedPostgres::start(&settings).expect("starts again");
    assert_eq!(count(&postgres).await, Some(1));
}

#[tokio::test]
async fn its_url_leads_to_the_same_database_as_its_options() {
    let database = database().await;
    let mut connection = database
        .url
        .parse::<sqlx::postgres::PgConnectOptions>()
        .expect("a URL")
        .connect()
        .await
        .expect("connects");
    let name: String = sqlx::query_scalar("SELECT current_database()::text")
        .fetch_one(&mut connection)
        .await
        .expect("a name");
    assert_eq!(name, database.name);
}

#[tokio::test]
async fn a_killed_postgres_is_started_anew_without_help() {
    let postgres = EmbeddedPostgres::start(&made_cluster(Durability::Durable)).expect("starts");
    write_one(&postgres).await;
    for round in 0..3 {
        let mut session = connect(&postgres).await.expect("connects");
        let killed = postgres.process_id().expect("it runs");
        kill(killed, Signal::KILL);
        eventually("another Postgres", async || {
            postgres.process_id().filter(|now| *now != killed)
        })
        .await;
        assert_eq!(
            eventually("a count", async || count(&postgres).await).await,
            1,
            "round {round}"
        );
        assert!(
            session.ping().await.is_err(),
            "the old session must be gone"
        );
    }
}

#[tokio::test]
async fn a_second_user_attaches_and_takes_over_when_the_owner_stops() {
    let settings = made_cluster(Durability::Durable);
    let owner = EmbeddedPostgres::start(&settings).expect("starts");
    write_one(&owner).await;
    let second = EmbeddedPostgres::start(&settings).expect("attaches");
    assert!(owner.is_owner() && !second.is_owner());
    assert_eq!(owner.process_id(), second.process_id());
    assert_eq!(count(&second).await, Some(1));

    let third = EmbeddedPostgres::start(&settings).expect("attaches");
    let before = third.process_id();
    third.stop();
    assert_eq!(
        owner.process_id(),
        before,
        "one that is attached takes nothing with it"
    );

    owner.stop();
    eventually("a take-over", async || second.is_owner().then_some(())).await;
    assert_eq!(count(&second).await, Some(1));
    assert!(
        !EmbeddedPostgres::discard(second.directory()).expect("looks"),
        "what is in use is not removed"
    );
    let directory = second.directory().to_path_buf();
    second.stop();
    assert!(EmbeddedPostgres::discard(&directory).expect("removes"));
    assert!(!directory.exists());
}

const HELPER_DIRECTORY: &str = "EMBEDDED_POSTGRES_TEST_DIRECTORY";

/// Not a test by itself: others start it as a process of its own, to kill it.
#[test]
#[ignore = "a process of its own for other tests"]
fn process_that_owns_a_cluster() {
    let directory = std::env::var_os(HELPER_DIRECTORY).expect("started by another test");
    let postgres = EmbeddedPostgres::start(&EmbeddedSettings {
        directory: PathBuf::from(directory),
        bin_dir: None,
        durability: Durability::Durable,
    })
    .expect("starts");
    println!("\nready {}", postgres.process_id().expect("it runs"));
    // Until this process is killed, or the test that has started it ends.
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// Starts the helper and waits until it owns a Postgres, whose process number is returned.
fn start_helper(directory: &Path) -> (Child, i32) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "embedded_postgres::process_that_owns_a_cluster",
            "--ignored",
            "--nocapture",
        ])
        .env(HELPER_DIRECTORY, directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the helper starts");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let pid = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("ready ")?.parse().ok())
        .expect("the helper says that it is ready");
    (child, pid)
}

#[tokio::test]
async fn a_killed_owner_takes_its_postgres_along_and_the_next_start_needs_no_help() {
    let settings = made_cluster(Durability::Durable);
    let (mut helper, first) = start_helper(&settings.directory);
    helper.kill().expect("can be killed");
    helper.wait().expect("has ended");

    let postgres = EmbeddedPostgres::start(&settings).expect("starts at once");
    assert!(postgres.is_owner());
    assert_ne!(postgres.process_id(), Some(first));
    write_one(&postgres).await;
}

#[tokio::test]
async fn an_attached_process_takes_over_from_a_killed_owner() {
    let settings = made_cluster(Durability::Durable);
    let (mut helper, first) = start_helper(&settings.directory);
    let postgres = EmbeddedPostgres::start(&settings).expect("attaches");
    assert!(!postgres.is_owner());
    assert_eq!(postgres.process_id(), Some(first));
    write_one(&postgres).await;

    helper.kill().expect("can be killed");
    helper.wait().expect("has ended");
    eventually("a take-over", async || postgres.is_owner().then_some(())).await;
    assert_eq!(count(&postgres).await, Some(1));
}

#[tokio::test]
async fn a_cluster_that_was_left_half_made_is_made_anew() {
    let directory = new_directory();
    let half = directory.join("data.new.17/base");
    fs::create_dir_all(&half).expect("folder");
    fs::write(directory.join("data.new.17/PG_VERSION"), "15\n").expect("file");
    let postgres = EmbeddedPostgres::start(&EmbeddedSettings {
        directory: directory.clone(),
        bin_dir: None,
        durability: Durability::Throwaway,
    })
    .expect("starts");
    write_one(&postgres).await;
    assert!(!directory.join("data.new.17").exists());
}

#[test]
fn a_folder_that_is_no_cluster_is_left_alone() {
    let directory = new_directory();
    fs::create_dir_all(directory.join("data")).expect("folder");
    let precious = directory.join("data/precious.txt");
    fs::write(&precious, "kept").expect("file");
    let error = EmbeddedPostgres::start(&EmbeddedSettings {
        directory,
        bin_dir: None,
        durability: Durability::Throwaway,
    })
    .expect_err("there is something else");
    assert!(
        matches!(error, EmbeddedPostgresError::NotACluster { .. }),
        "{error}"
    );
    assert_eq!(fs::read_to_string(precious).expect("still there"), "kept");
}

#[test]
fn a_path_too_long_for_a_socket_is_refused_before_anything_is_made() {
    let directory = new_directory().join("a".repeat(100));
    let error = EmbeddedPostgres::start(&EmbeddedSettings {
        directory: directory.clone(),
        bin_dir: None,
        durability: Durability::Throwaway,
    })
    .expect_err("too long");
    let message = error.to_string();
    for part in ["bytes long", "at most 89", "`data_dir`"] {
        assert!(message.contains(part), "{part:?} is missing in: {message}");
    }
    assert!(!directory.parent().expect("a parent").exists());
}

#[test]
fn a_folder_that_the_postgres_account_may_not_enter_is_named() {
    let closed = new_directory();
    fs::create_dir(&closed).expect("folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("mode");
    let outcome = check_directory(&closed.join("postgres"));
    if rustix::process::geteuid().is_root() {
        // Postgres runs as another account then.
        let message = outcome.expect_err("it is root's own").to_string();
        assert!(
            message.contains(&format!("may not enter {}", closed.display())),
            "{message}"
        );
    } else {
        outcome.expect("an ordinary user's Postgres may enter that user's folders");
    }
}

#[tokio::test]
async fn nothing_that_statements_carry_reaches_the_servers_log() {
    const CANARY: &str = "canary-4711";
    let postgres = EmbeddedPostgres::start(&made_cluster(Durability::Durable)).expect("starts");
    let mut connection = connect(&postgres).await.expect("connects");
    sqlx::raw_sql("CREATE TABLE people (name text PRIMARY KEY, age int CHECK (age > 0))")
        .execute(&mut connection)
        .await
        .expect("creates");
    let mut refused = 0;
    for (statement, expected) in [
        ("INSERT INTO people VALUES ($1, 1)", true),
        ("INSERT INTO people VALUES ($1, 1)", false), // the detail of a duplicate quotes its key
        ("INSERT INTO people VALUES ($1, -1)", false), // that of a failed check quotes the row
        ("SELECT $1::int", false),                    // the message quotes the input
        ("SELECT 'canary-4711' FRM people WHERE name = $1", false), // a syntax error
        (
            "DO $$ BEGIN RAISE WARNING 'canary-4711'; END $$ -- $1",
            true,
        ),
    ] {
        let mut query = sqlx::query(statement);
        if !statement.starts_with("DO") {
            query = query.bind(CANARY);
        }
        let outcome = query.execute(&mut connection).await;
        assert_eq!(outcome.is_ok(), expected, "{statement}: {outcome:?}");
        refused += usize::from(outcome.is_err());
    }
    assert_eq!(refused, 4);
    // After the crash of a session the server would quote the statement that ran.
    let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut connection)
        .await
        .expect("a number");
    let running = tokio::spawn(async move {
        let sql = "SELECT 'canary-4711', pg_sleep(60)";
        sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
    });
    let mut other = connect(&postgres).await.expect("connects");
    eventually("the statement runs", async || {
        sqlx::query_scalar::<_, i32>(
            "SELECT pid FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'",
        )
        .bind(backend)
        .fetch_optional(&mut other)
        .await
        .expect("activity")
    })
    .await;
    kill(backend, Signal::SEGV);
    running
        .await
        .expect("no panic")
        .expect_err("the session has crashed");
    let log = postgres.directory().join("server.log");
    let said = eventually("the crash is logged", async || {
        let said = fs::read_to_string(&log).expect("a log");
        said.contains(&format!("PID {backend}")).then_some(said)
    })
    .await;
    assert!(!said.contains(CANARY), "{said}");
    eventually("it works again", async || connect(&postgres).await.ok()).await;
    postgres.stop();
    let said = fs::read_to_string(&log).expect("a log");
    assert!(!said.contains(CANARY), "{said}");
}

#[tokio::test]
async fn each_test_database_begins_as_its_template_and_goes_its_own_way() {
    async fn table(options: sqlx::postgres::PgConnectOptions) {
        let mut connection = options.connect().await.expect("connects");
        sqlx::raw_sql("CREATE TABLE numbers (number int)")
            .execute(&mut connection)
            .await
            .expect("creates");
        connection.close().await.expect("closes");
    }
    let one = database_from("numbers_template", table).await;
    let again = async |_| panic!("a template is made once");
    let other = database_from("numbers_template", again).await;
    assert_ne!(one.name, other.name);
    for database in [one, other] {
        let mut connection = database.options.connect().await.expect("connects");
        let number: i32 = sqlx::query_scalar("INSERT INTO numbers VALUES (1) RETURNING number")
            .fetch_one(&mut connection)
            .await
            .expect("the table is there");
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM numbers")
            .fetch_one(&mut connection)
            .await
            .expect("counts");
        assert_eq!((number, count), (1, 1));
    }
}
