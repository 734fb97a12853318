//! A Postgres that the program finds, starts and owns, so that a stranger needs nothing but the installed binaries.
//!
//! It runs without network, on a socket in a private directory. It is started again if it dies, it ends with the
//! service, and several processes may use one directory: one of them owns it, the others take over when that one ends.
//! With `DATABASE_URL` set, nothing of this is used.
//!
//! Needed on Linux for the guarantee that Postgres does not outlive a killed service: `setpriv` of util-linux. Without
//! it the next start ends the left-over one first.

mod account;
mod binaries;
mod cluster;
mod error;
mod process;
mod server_settings;
mod supervisor;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

pub use error::EmbeddedPostgresError;

use cluster::Cluster;
use process::Postmaster;
use supervisor::Supervisor;

/// The cluster's superuser. Migrations make the lesser roles that the service works with.
pub const SUPERUSER: &str = "caseledger";

/// Part of the socket's name; nothing listens on the network.
const PORT: u16 = 5432;
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// What an embedded Postgres needs to know.
#[derive(Debug, Clone)]
pub struct EmbeddedSettings {
    /// Its directory, made if missing. At most about 90 bytes long, because the socket lies in it.
    pub directory: PathBuf,
    /// Folder of `initdb` and `postgres`. Without it they are looked for on `PATH`, then in
    /// `/usr/lib/postgresql/*/bin`.
    pub bin_dir: Option<PathBuf>,
    /// Whether the data must survive a loss of power.
    pub durability: Durability,
}

/// Whether the data must survive a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every acknowledged commit is on disk.
    Durable,
    /// For tests: nothing waits for the disk.
    Throwaway,
}

/// A Postgres that runs for as long as this value lives. Dropping it ends Postgres, or leaves it to the next process
/// that uses the directory.
#[derive(Debug)]
pub struct EmbeddedPostgres {
    directory: PathBuf,
    bin_dir: PathBuf,
    major_version: u32,
    owner: Arc<AtomicBool>,
    /// Dropped to tell the supervisor to stop.
    stop: Option<Sender<()>>,
    supervisor: Option<JoinHandle<()>>,
}

impl EmbeddedPostgres {
    /// Starts Postgres in `settings.directory`, or attaches to the one that another process runs there, and returns
    /// when it accepts connections. A new cluster takes one or two seconds, an existing one a tenth.
    ///
    /// Blocks; call it before the async runtime is busy, or through `spawn_blocking`.
    pub fn start(settings: &EmbeddedSettings) -> Result<Self, EmbeddedPostgresError> {
        let cluster = Cluster::prepare(settings)?;
        let lock = cluster.open_lock()?;
        let directory = cluster.directory.clone();
        let bin_dir = cluster.binaries.directory.clone();
        let major_version = cluster.binaries.major;
        let owner = Arc::new(AtomicBool::new(false));
        let (stop, stopped) = mpsc::channel();
        let (first, outcome) = mpsc::sync_channel(1);
        let supervisor = Supervisor {
            cluster,
            lock,
            stop: stopped,
            owner: Arc::clone(&owner),
            first: Some(first),
            begun: Instant::now(),
        };
        // A thread of its own: the kernel ends Postgres when the thread that spawned it ends, so it must not be one
        // of a runtime's, which come and go.
        let supervisor = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || supervisor.run())
            .map_err(EmbeddedPostgresError::io("start a thread for", &directory))?;
        outcome
            .recv()
            .map_err(|_| EmbeddedPostgresError::SupervisorEnded)??;
        Ok(Self {
            directory,
            bin_dir,
            major_version,
            owner,
            stop: Some(stop),
            supervisor: Some(supervisor),
        })
    }

    /// How to connect to one of its databases as [`SUPERUSER`]. The database `postgres` always exists.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.directory)
            .port(PORT)
            .username(SUPERUSER)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }

    /// The same as a URL, for `DATABASE_URL` of another process, or for `psql`.
    pub fn url(&self, database: &str) -> String {
        let directory = percent_encoded(&self.directory.to_string_lossy());
        format!(
            "postgres://{SUPERUSER}@localhost:{PORT}/{database}?host={directory}&sslmode=disable"
        )
    }

    /// The directory, without links in its path.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The folder that holds `pg_dump`, `psql` and the other programs of the same version.
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// The major version of the programs.
    pub fn major_version(&self) -> u32 {
        self.major_version
    }

    /// Whether this process runs Postgres, or is attached to that of another.
    pub fn is_owner(&self) -> bool {
        self.owner.load(Ordering::Relaxed)
    }

    /// The process number of Postgres, if it accepts connections at this moment.
    pub fn process_id(&self) -> Option<i32> {
        Postmaster::of(&self.directory.join("data"))
            .filter(|postmaster| postmaster.ready)
            .map(|postmaster| postmaster.pid)
    }

    /// Ends Postgres (a fast shutdown) and waits until it has ended. When other processes use the same directory, one
    /// of them starts it again within a moment; their open connections break once.
    pub fn stop(self) {
        drop(self);
    }

    /// Removes a directory that no process uses any more, with everything in it. A Postgres that was left running
    /// there is ended first. Returns whether it was removed: false while somebody uses it.
    pub fn discard(directory: &Path) -> Result<bool, EmbeddedPostgresError> {
        let directory = match fs::canonicalize(directory) {
            Ok(directory) => directory,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
            Err(error) => return Err(EmbeddedPostgresError::io("resolve", directory)(error)),
        };
        let lock = cluster::open_lock(&directory, None)?;
        if lock.try_lock().is_err() {
            return Ok(false);
        }
        let data = directory.join("data");
        if let Some(left_over) = Postmaster::of(&data) {
            let ended = supervisor::retire(left_over, &data, || {
                thread::sleep(Duration::from_millis(10));
                false
            });
            if !ended {
                return Ok(false);
            }
        }
        fs::remove_dir_all(&directory).map_err(EmbeddedPostgresError::io("remove", &directory))?;
        Ok(true)
    }
}

impl Drop for EmbeddedPostgres {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(supervisor) = self.supervisor.take()
            && supervisor.join().is_err()
        {
            tracing::error!("the thread that looked after Postgres had panicked");
        }
    }
}

/// Whether an embedded Postgres could live in `directory`: short enough for a socket's path, and reachable for the
/// account that would run it. The directory need not exist.
pub fn check_directory(directory: &Path) -> Result<(), EmbeddedPostgresError> {
    cluster::check_directory(directory).map(drop)
}

/// Percent-encodes everything but letters, digits and `/-_.`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            write!(encoded, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    encoded
}
