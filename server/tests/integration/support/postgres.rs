//! A throw-away Postgres for tests: one cluster for each test process, one fresh database for each test.
//!
//! Nothing needs to run beforehand and nothing stays behind: the cluster ends with the test process, however that
//! ends, and its directory is removed then, or at the latest by the next test run. `initdb` runs once for a target
//! folder; every cluster is a copy of its result.

use std::{
    collections::HashSet,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use caseledger::embedded_postgres::{
    Durability, EmbeddedPostgres, EmbeddedSettings, check_directory,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

/// A database of its own for one test. It goes away with the cluster.
#[derive(Debug, Clone)]
pub(crate) struct TestDatabase {
    /// Its name.
    pub(crate) name: String,
    /// How to connect to it, as superuser.
    pub(crate) options: PgConnectOptions,
    /// The same as a URL, for the environment of another process.
    pub(crate) url: String,
}

/// An empty database.
pub(crate) async fn database() -> TestDatabase {
    let cluster = cluster().await;
    let name = fresh_name();
    execute(cluster, format!("CREATE DATABASE {name}")).await;
    named(cluster, name)
}

/// A database that begins as a copy of `template`. The template is made once for each test process: as an empty
/// database on which `init` runs, which must close its connections. `template` is an SQL name, such as `migrated`.
pub(crate) async fn database_from(
    template: &str,
    init: impl AsyncFnOnce(PgConnectOptions),
) -> TestDatabase {
    static MADE: OnceLock<tokio::sync::Mutex<HashSet<String>>> = OnceLock::new();
    let cluster = cluster().await;
    // Held while the template is made: the other tests of this process wait for it. If `init` panics, the next test
    // starts it over.
    let mut made = MADE.get_or_init(Default::default).lock().await;
    if !made.contains(template) {
        execute(
            cluster,
            format!("DROP DATABASE IF EXISTS {template} WITH (FORCE)"),
        )
        .await;
        execute(cluster, format!("CREATE DATABASE {template}")).await;
        init(cluster.options(template)).await;
        // Copying needs a database without sessions; one that is just closing would be in the way.
        execute(
            cluster,
            format!("ALTER DATABASE {template} WITH ALLOW_CONNECTIONS false"),
        )
        .await;
        execute(
            cluster,
            format!(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{template}'"
            ),
        )
        .await;
        made.insert(template.to_owned());
    }
    drop(made);
    // Copying files is fast here, where nothing waits for the disk. The clause is new in version 15.
    let strategy = if cluster.major_version() >= 15 {
        "STRATEGY FILE_COPY"
    } else {
        ""
    };
    let name = fresh_name();
    execute(
        cluster,
        format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}"),
    )
    .await;
    named(cluster, name)
}

/// A copy of a database as it is now, as a backup would be. Sessions in it end, and begin again by themselves.
pub(crate) async fn copy_of(database: &TestDatabase) -> TestDatabase {
    let cluster = cluster().await;
    let (from, to) = (&database.name, fresh_name());
    for sql in [
        format!("ALTER DATABASE {from} WITH ALLOW_CONNECTIONS false"),
        format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{from}'"
        ),
        format!("CREATE DATABASE {to} TEMPLATE {from}"),
        format!("ALTER DATABASE {from} WITH ALLOW_CONNECTIONS true"),
    ] {
        execute(cluster, sql).await;
    }
    named(cluster, to)
}

/// The cluster of this test process, started by the first test that needs it.
pub(crate) async fn cluster() -> &'static EmbeddedPostgres {
    tokio::task::spawn_blocking(started)
        .await
        .expect("starting the test cluster panicked; its message stands above")
}

/// A directory that does not exist yet, at a place where a cluster can live. Removed when this test process
/// ends.
pub(crate) fn new_directory() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let directory = base().join(format!("{}-{number}", std::process::id()));
    remove_when_this_process_ends(&directory);
    directory
}

/// Settings of a cluster that was made a moment ago and does not run yet: a copy, much faster than `initdb`.
pub(crate) fn made_cluster(durability: Durability) -> EmbeddedSettings {
    let directory = new_directory();
    copy_of_template(&directory);
    EmbeddedSettings {
        directory,
        bin_dir: None,
        durability,
    }
}

fn started() -> &'static EmbeddedPostgres {
    static CLUSTER: OnceLock<EmbeddedPostgres> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let settings = made_cluster(Durability::Throwaway);
        EmbeddedPostgres::start(&settings).expect("the test cluster starts")
    })
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

fn named(cluster: &EmbeddedPostgres, name: String) -> TestDatabase {
    TestDatabase {
        options: cluster.options(&name),
        url: cluster.url(&name),
        name,
    }
}

async fn execute(cluster: &EmbeddedPostgres, sql: String) {
    let mut connection: PgConnection = cluster
        .options("postgres")
        .connect()
        .await
        .expect("the test cluster accepts connections");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .expect("the statement succeeds");
    connection.close().await.expect("the connection closes");
}

/// Where the clusters of all test processes live: beside the tests' own build products, or, where a socket's path
/// would be too long or root's Postgres account may not go, in a short temporary folder.
fn base() -> &'static Path {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    BASE.get_or_init(|| {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
        // The longest name that will be made in it.
        let longest = "4194304-1000";
        let base = if check_directory(&beside.join(longest)).is_ok() {
            beside
        } else {
            let user = rustix::process::geteuid().as_raw();
            PathBuf::from(format!("/tmp/caseledger-tests-{user}"))
        };
        fs::create_dir_all(&base).expect("the folder of the test clusters can be made");
        sweep(&base);
        base
    })
}

/// Removes what test processes that have ended have left behind.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let process = name
            .to_str()
            .and_then(|name| name.split_once('-')?.0.parse::<i32>().ok())
            .and_then(rustix::process::Pid::from_raw);
        let Some(process) = process else {
            continue; // the template and its lock
        };
        if rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH) {
            // Another test process may be sweeping the same folder; what is left is tried again next time.
            let _ = EmbeddedPostgres::discard(&entry.path());
        }
    }
}

/// Copies the cluster that `initdb` has made, after making it if this is the first test run.
fn copy_of_template(directory: &Path) {
    let lock = File::create(base().join("template.lock")).expect("the lock file can be made");
    lock.lock().expect("the template can be locked");
    let template = base().join("template");
    let whole = template.join("whole");
    if !whole.exists() {
        let settings = EmbeddedSettings {
            directory: template.clone(),
            bin_dir: None,
            durability: Durability::Throwaway,
        };
        EmbeddedPostgres::start(&settings)
            .expect("the template cluster starts")
            .stop();
        fs::write(&whole, "").expect("the template can be marked");
    }
    // `cp -a` keeps owner and permissions, which Postgres insists on.
    let copied = Command::new("cp")
        .arg("-a")
        .arg(&template)
        .arg(directory)
        .status()
        .expect("cp runs");
    assert!(copied.success(), "the template cluster cannot be copied");
}

/// Starts a small watcher that outlives this process: when our end of its input closes, it asks a Postgres that still
/// runs to end, waits for that, and removes the directory.
fn remove_when_this_process_ends(directory: &Path) {
    const WATCHER: &str = r#"
        cat
        count=0
        while [ -e "$0/data/postmaster.pid" ] && [ $count -lt 100 ]; do
            kill -INT "$(head -n 1 "$0/data/postmaster.pid")"
            sleep 0.1
            count=$((count + 1))
        done
        rm -rf "$0"
    "#;
    static WATCHERS: std::sync::Mutex<Vec<Child>> = std::sync::Mutex::new(Vec::new());
    let watcher = Command::new("/bin/sh")
        .args(["-c", WATCHER])
        .arg(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sh runs");
    WATCHERS.lock().expect("no test panics here").push(watcher);
}
