//! What `postmaster.pid` says, and whether it is true.
//!
//! The file outlives a Postgres that was killed, and process numbers are used again, above all after a restart of
//! the machine or container. A number counts only if that process is a Postgres of this data directory.

use std::{fs, io, path::Path};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{EmbeddedPostgresError, SOCKET_NAME};

/// A Postgres that lives in some data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Postmaster {
    pub(super) pid: i32,
    /// It accepts connections.
    pub(super) ready: bool,
}

impl Postmaster {
    /// The one that runs in `data`, if any does.
    pub(super) fn of(data: &Path) -> Option<Self> {
        let file = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let mut lines = file.lines().map(str::trim);
        let pid = lines.next()?.parse().ok()?;
        // Line 8 is the status: starting, ready, stopping.
        let ready = lines.nth(6) == Some("ready");
        is_postgres_of(pid, data).then_some(Self { pid, ready })
    }

    /// Asks for a fast shutdown: sessions end, everything committed is on disk.
    pub(super) fn interrupt(self) {
        signal(self.pid, Signal::INT);
    }
}

/// Sends a signal; a process that is gone already is fine.
pub(super) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid)
        && let Err(error) = kill_process(pid, signal)
    {
        tracing::debug!(%error, ?pid, "Postgres could not be signalled");
    }
}

/// Removes lock files whose process number now belongs to a stranger: Postgres would take the stranger for itself
/// and never start. With a dead number it copes alone. Call only while holding the owner's lock.
pub(super) fn forget_stranger(directory: &Path, data: &Path) -> Result<(), EmbeddedPostgresError> {
    for file in [
        data.join("postmaster.pid"),
        directory.join(format!("{SOCKET_NAME}.lock")),
    ] {
        let named = fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.lines().next()?.trim().parse::<i32>().ok());
        if let Some(pid) = named
            && exists(pid)
            && !is_postgres_of(pid, data)
        {
            tracing::warn!(
                "{} names process {pid}, which is another program by now: removing it",
                file.display()
            );
            fs::remove_file(&file).map_err(EmbeddedPostgresError::io("remove", &file))?;
        }
    }
    Ok(())
}

fn exists(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| match test_kill_process(pid) {
        Ok(()) => true,
        Err(error) => error == rustix::io::Errno::PERM,
    })
}

/// A postmaster works in its data directory. Where that may not be looked up (as root without the right to trace
/// others, usual in containers), its command line tells; where there is no /proc, being alive must do.
fn is_postgres_of(pid: i32, data: &Path) -> bool {
    if pid <= 0 {
        return false;
    }
    match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder == data,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            command
                .split(|byte| *byte == 0)
                .any(|argument| argument == data.as_os_str().as_encoded_bytes())
        }
        Err(_) => !Path::new("/proc/self").exists() && exists(pid),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_number_that_a_stranger_has_now_is_forgotten() {
        let directory = tempfile::tempdir().expect("folder");
        let data = directory.path().join("data");
        fs::create_dir(&data).expect("folder");
        let file = data.join("postmaster.pid");
        // This test is alive, and no Postgres.
        fs::write(&file, format!("{}\n/data\n", std::process::id())).expect("file");
        assert_eq!(Postmaster::of(&data), None);
        forget_stranger(directory.path(), &data).expect("removable");
        assert!(!file.exists());
    }

    #[test]
    fn a_process_number_that_nobody_has_is_left_to_postgres() {
        let directory = tempfile::tempdir().expect("folder");
        let data = directory.path().join("data");
        fs::create_dir(&data).expect("folder");
        let file = data.join("postmaster.pid");
        fs::write(&file, format!("{}\n", i32::MAX)).expect("file");
        assert_eq!(Postmaster::of(&data), None);
        forget_stranger(directory.path(), &data).expect("nothing to do");
        assert!(file.exists());
    }
}
