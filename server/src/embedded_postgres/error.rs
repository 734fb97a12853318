//! What can go wrong with a Postgres of our own, in words that say what to do.

use std::{io, path::PathBuf};

/// Why the embedded Postgres could not be found, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedPostgresError {
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server programs were found. Looked for: {}. Install them (on Debian and Ubuntu: \
         apt-get install postgresql), name their folder in `postgres_bin_dir`, or set DATABASE_URL to use a \
         database that runs already",
        .looked_for.join("; ")
    )]
    NotFound {
        /// Every place that was tried, in order.
        looked_for: Vec<String>,
    },
    /// `postgres_bin_dir` names a folder without the programs.
    #[error(
        "`postgres_bin_dir` is {directory}, but that folder does not hold the programs `initdb` and `postgres`. \
         Correct it, remove it to let them be found, or install them (on Debian and Ubuntu: apt-get install postgresql)"
    )]
    WrongBinDir {
        /// The folder that was named.
        directory: PathBuf,
    },
    /// The programs are older than what the ledger's schema and settings need.
    #[error(
        "the PostgreSQL in {directory} has version {found}; version {needed} or newer is needed. Install a newer one \
         (on Debian and Ubuntu: apt-get install postgresql) or name its folder in `postgres_bin_dir`"
    )]
    TooOld {
        /// Folder of the programs.
        directory: PathBuf,
        /// Their major version.
        found: u32,
        /// The oldest major version that will do.
        needed: u32,
    },
    /// The data was made by another major version than the programs found.
    #[error(
        "the data in {data} was made by PostgreSQL {made_by}, but only version {found} was found, in {directory}. \
         Install the matching programs (on Debian and Ubuntu: apt-get install postgresql-{made_by}), or name their \
         folder in `postgres_bin_dir`"
    )]
    OtherVersion {
        /// The cluster's data directory.
        data: PathBuf,
        /// Major version that made it.
        made_by: u32,
        /// Folder of the programs that were found.
        directory: PathBuf,
        /// Their major version.
        found: u32,
    },
    /// Started as root on a machine without an account to run Postgres as.
    #[error(
        "Postgres refuses to run as root, and this machine has neither an account `postgres` nor `nobody` to run it \
         as. Create one, start the service as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,
    /// The account that runs Postgres cannot get to the directory.
    #[error(
        "Postgres runs as `{account}` (it refuses to run as root), and that account may not enter {blocked_by}, \
         which leads to {directory}. Choose another `data_dir`, for example /var/lib/caseledger, or set DATABASE_URL"
    )]
    Unreachable {
        /// Where the cluster was to be.
        directory: PathBuf,
        /// The folder that stops the account.
        blocked_by: PathBuf,
        /// The account's name.
        account: String,
    },
    /// The socket's path would be longer than the operating system takes.
    #[error(
        "{directory} is {bytes} bytes long, but Postgres listens on a Unix socket inside it, and such paths are \
         short: at most {bytes_max} bytes. Choose a shorter `data_dir`"
    )]
    PathTooLong {
        /// Where the cluster was to be.
        directory: PathBuf,
        /// Its length.
        bytes: usize,
        /// The longest that will do.
        bytes_max: usize,
    },
    /// A path that cannot be written into a Postgres setting.
    #[error(
        "{directory} cannot hold a Postgres: its path must be UTF-8 text. Choose another `data_dir`"
    )]
    PathNotText {
        /// Where the cluster was to be.
        directory: PathBuf,
    },
    /// There is a data directory, but not one of Postgres.
    #[error(
        "{data} exists, but is not a Postgres data directory (it has no PG_VERSION). It is left untouched: move it \
         away for a new start, or restore it from a backup"
    )]
    NotACluster {
        /// The folder in question.
        data: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb could not make a database cluster in {data}: {said}")]
    InitdbFailed {
        /// Where the cluster was to be.
        data: PathBuf,
        /// What `initdb` printed.
        said: String,
    },
    /// `postgres` ended while it was starting.
    #[error("Postgres did not start in {directory} ({status}): {said} — the whole log is in {log}")]
    StartFailed {
        /// The cluster's directory.
        directory: PathBuf,
        /// How the process ended.
        status: String,
        /// The last lines of its log.
        said: String,
        /// Path of the log.
        log: PathBuf,
    },
    /// A Postgres from before does not end.
    #[error(
        "an earlier Postgres (process {pid}) still runs in {directory} and did not end within {seconds_max} s after it \
         was asked to. End it by hand (kill -INT {pid}) and start again"
    )]
    PredecessorStays {
        /// The cluster's directory.
        directory: PathBuf,
        /// The process.
        pid: i32,
        /// How long was waited.
        seconds_max: u64,
    },
    /// Another process owns the Postgres, but it does not answer.
    #[error(
        "another process owns the Postgres in {directory}, but it was not ready within {seconds_max} s. See \
         {log}, and end the other process if it hangs"
    )]
    OwnerNotReady {
        /// The cluster's directory.
        directory: PathBuf,
        /// How long was waited.
        seconds_max: u64,
        /// Path of the log.
        log: PathBuf,
    },
    /// The operating system refused something.
    #[error("could not {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb: `create`, `open`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The supervising thread ended without a word; its panic message is on standard error.
    #[error(
        "the thread that looks after Postgres ended unexpectedly; its last words are on standard error"
    )]
    SupervisorEnded,
}

impl EmbeddedPostgresError {
    /// For `map_err`: names the action and the path of a failed call.
    pub(super) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}
