//! The directory of our Postgres, and the commands that make and run it.
//!
//! ```text
//! <directory>/             0700, owned by the account that runs Postgres
//!   data/                  the cluster, as initdb made it
//!   data.new.<process>/    one that initdb is making; renamed to data/ when it is whole
//!   .s.PGSQL.5432          the socket
//!   owner.lock             locked by the process that runs Postgres
//!   server.log             what Postgres has said, and server.log.1 before that
//! ```

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{
    Durability, EmbeddedPostgresError, EmbeddedSettings, PORT, SOCKET_NAME, SUPERUSER,
    account::{self, Account},
    binaries::{Binaries, Places},
    server_settings,
};

/// The shortest limit on a Unix socket's path among the systems we run on (macOS; Linux has 107).
const SOCKET_PATH_BYTES_MAX: usize = 103;

/// A server log longer than this is put aside at the next start.
const LOG_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// How much of the log's end is read to explain a failed start.
const LOG_TAIL_BYTES_MAX: u64 = 16 * 1024;

/// One cluster: where it is, with which programs and as whom it runs.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) directory: PathBuf,
    pub(super) data: PathBuf,
    pub(super) log: PathBuf,
    pub(super) binaries: Binaries,
    pub(super) account: Option<Account>,
    pub(super) durability: Durability,
    /// `setpriv` of util-linux, which ties the life of Postgres to ours.
    pub(super) setpriv: Option<PathBuf>,
}

impl Cluster {
    /// Finds programs and account, and makes the directory. Starts nothing.
    pub(super) fn prepare(settings: &EmbeddedSettings) -> Result<Self, EmbeddedPostgresError> {
        let search_path = std::env::var_os("PATH");
        let wanted = absolute(&settings.directory)?;
        let account = check_directory(&wanted)?;
        let binaries = Places::new(settings.bin_dir.as_deref(), search_path.as_deref())
            .find(&wanted.join("data"))?;
        account::make_private(account.as_ref(), &wanted)?;
        // Postgres compares paths, so use the one that has no links in it.
        let directory =
            fs::canonicalize(&wanted).map_err(EmbeddedPostgresError::io("resolve", &wanted))?;
        check_length(&directory)?;
        account::check_way(account.as_ref(), &directory)?;
        if directory.to_str().is_none() {
            return Err(EmbeddedPostgresError::PathNotText { directory });
        }
        let setpriv = find_setpriv(search_path.as_deref());
        if setpriv.is_none() {
            tracing::warn!(
                "setpriv (package util-linux) was not found: if this process is killed, its Postgres runs on \
                 until the next start"
            );
        }
        Ok(Self {
            data: directory.join("data"),
            log: directory.join("server.log"),
            directory,
            binaries,
            account,
            durability: settings.durability,
            setpriv,
        })
    }

    /// The file whose lock says who runs Postgres.
    pub(super) fn open_lock(&self) -> Result<File, EmbeddedPostgresError> {
        open_lock(&self.directory, self.account.as_ref())
    }

    /// Makes the data directory if there is none. One that was left half-made is thrown away and made anew.
    pub(super) fn initialise(&self) -> Result<(), EmbeddedPostgresError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        if fs::read_dir(&self.data).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(EmbeddedPostgresError::NotACluster {
                data: self.data.clone(),
            });
        }
        self.remove_half_made()?;
        tracing::info!(
            "making a new Postgres cluster in {}; this takes a few seconds",
            self.data.display()
        );
        let new = self
            .directory
            .join(format!("data.new.{}", std::process::id()));
        let mut initdb = self.command("initdb");
        initdb
            .arg("--pgdata")
            .arg(&new)
            .args(["--username", SUPERUSER])
            // Whoever reaches the socket is let in, and only the owner of the 0700 directory (and root) can.
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--data-checksums", "--no-instructions"]);
        if self.durability == Durability::Throwaway {
            initdb.arg("--no-sync");
        }
        let output = initdb
            .output()
            .map_err(EmbeddedPostgresError::io("run", initdb.get_program()))?;
        if !output.status.success() {
            return Err(EmbeddedPostgresError::InitdbFailed {
                data: self.data.clone(),
                said: one_line(&String::from_utf8_lossy(&output.stderr)),
            });
        }
        fs::rename(&new, &self.data).map_err(EmbeddedPostgresError::io("rename", &new))?;
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(EmbeddedPostgresError::io("sync", &self.directory))
    }

    fn remove_half_made(&self) -> Result<(), EmbeddedPostgresError> {
        let entries = fs::read_dir(&self.directory)
            .map_err(EmbeddedPostgresError::io("list", &self.directory))?;
        for entry in entries.flatten() {
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(b"data.new")
            {
                tracing::warn!(
                    "removing {}, which an interrupted start has left half-made",
                    entry.path().display()
                );
                fs::remove_dir_all(entry.path())
                    .map_err(EmbeddedPostgresError::io("remove", entry.path()))?;
            }
        }
        Ok(())
    }

    /// Starts Postgres and returns at once. The calling thread must live as long as it shall: when that thread
    /// ends, however it does, the kernel asks Postgres to end too.
    pub(super) fn spawn(&self) -> Result<Child, EmbeddedPostgresError> {
        let log = self.open_log()?;
        let second = log
            .try_clone()
            .map_err(EmbeddedPostgresError::io("open", &self.log))?;
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(&self.data);
        postgres.arg("-k").arg(self.quoted_directory());
        postgres.arg("-p").arg(PORT.to_string());
        for setting in server_settings::arguments(self.durability) {
            postgres.arg("-c").arg(setting);
        }
        postgres
            .stdout(second)
            .stderr(log)
            // A group of its own: Ctrl-C in the terminal must reach the service first, which then ends it in order.
            .process_group(0)
            .spawn()
            .map_err(EmbeddedPostgresError::io("run", postgres.get_program()))
    }

    /// A server program, run as the right account, with an empty environment, bound to the life of this thread.
    fn command(&self, program: &str) -> Command {
        let program = self.binaries.directory.join(program);
        let mut command = if let Some(setpriv) = &self.setpriv {
            // setpriv changes the account itself: a change of account afterwards would clear the signal.
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "INT"]);
            if let Some(account) = &self.account {
                command.arg("--reuid").arg(account.uid.to_string());
                command.arg("--regid").arg(account.gid.to_string());
                command.arg("--clear-groups");
            }
            command.arg("--").arg(program);
            command
        } else {
            let mut command = Command::new(program);
            if let Some(account) = &self.account {
                // As root the standard library also drops the supplementary groups.
                command.uid(account.uid).gid(account.gid);
            }
            command
        };
        command
            .current_dir(&self.directory)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        command
    }

    /// The setting is a list, so a comma in the path needs quotes.
    fn quoted_directory(&self) -> String {
        format!(
            "\"{}\"",
            self.directory.to_string_lossy().replace('"', "\"\"")
        )
    }

    fn open_log(&self) -> Result<File, EmbeddedPostgresError> {
        if self.log_length() > LOG_BYTES_MAX {
            let old = self.directory.join("server.log.1");
            fs::rename(&self.log, &old).map_err(EmbeddedPostgresError::io("rename", &self.log))?;
        }
        let file = File::options()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.log)
            .map_err(EmbeddedPostgresError::io("open", &self.log))?;
        account::give_to(self.account.as_ref(), &self.log)?;
        Ok(file)
    }

    /// Bytes in the server's log.
    pub(super) fn log_length(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |metadata| metadata.len())
    }

    /// What Postgres has written since the log had this length (its end, when that is long).
    pub(super) fn log_since(&self, length: u64) -> String {
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log)?;
            let end = file.metadata()?.len();
            file.seek(SeekFrom::Start(
                length.max(end.saturating_sub(LOG_TAIL_BYTES_MAX)),
            ))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        one_line(&read().unwrap_or_default())
    }
}

/// Whether a Postgres of ours could live in `directory`, and as whom.
pub(super) fn check_directory(directory: &Path) -> Result<Option<Account>, EmbeddedPostgresError> {
    let directory = absolute(directory)?;
    check_length(&directory)?;
    let account = Account::to_run_as(&directory.join("data"))?;
    account::check_way(account.as_ref(), &directory)?;
    Ok(account)
}

/// Opens the owner's lock file of a directory that exists.
pub(super) fn open_lock(
    directory: &Path,
    account: Option<&Account>,
) -> Result<File, EmbeddedPostgresError> {
    let path = directory.join("owner.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(EmbeddedPostgresError::io("open", &path))?;
    account::give_to(account, &path)?;
    Ok(file)
}

fn absolute(directory: &Path) -> Result<PathBuf, EmbeddedPostgresError> {
    std::path::absolute(directory).map_err(EmbeddedPostgresError::io("resolve", directory))
}

fn check_length(directory: &Path) -> Result<(), EmbeddedPostgresError> {
    let bytes = directory.as_os_str().len();
    let bytes_max = SOCKET_PATH_BYTES_MAX - 1 - SOCKET_NAME.len();
    if bytes > bytes_max {
        return Err(EmbeddedPostgresError::PathTooLong {
            directory: directory.to_path_buf(),
            bytes,
            bytes_max,
        });
    }
    Ok(())
}

/// Finds a `setpriv` that knows parent-death signals (that of util-linux since 2.33; not that of BusyBox).
fn find_setpriv(search_path: Option<&OsStr>) -> Option<PathBuf> {
    std::env::split_paths(search_path.unwrap_or_default())
        .chain([PathBuf::from("/usr/bin"), PathBuf::from("/bin")])
        .map(|folder| folder.join("setpriv"))
        .find(|program| {
            program.is_file()
                && Command::new(program)
                    .arg("--help")
                    .stdin(Stdio::null())
                    .output()
                    .is_ok_and(|output| {
                        String::from_utf8_lossy(&output.stdout).contains("--pdeathsig")
                    })
        })
}

/// The last lines of a program's output, joined for a log line.
fn one_line(output: &str) -> String {
    let lines: Vec<&str> = output
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    lines[lines.len().saturating_sub(6)..].join(" | ")
}
