//! The thread that looks after Postgres for as long as the service runs.
//!
//! Every process that uses a cluster has one. Whoever holds the lock on `owner.lock` runs Postgres; the others are
//! attached and keep asking for the lock. The kernel releases it when its holder ends, however it ends, so there is
//! always a successor and never two owners.

use std::{
    fs::{File, TryLockError},
    process::{Child, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender},
    },
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    EmbeddedPostgresError,
    cluster::Cluster,
    process::{self, Postmaster},
};

/// How often a running Postgres, or the lock of another owner, is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How often a starting or ending Postgres is looked at.
const POLL_BUSY: Duration = Duration::from_millis(10);
/// Between two attempts to start.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// For how long a passing obstacle to a start is waited out.
const RETRY_FOR: Duration = Duration::from_mins(1);
/// For how long the first start waits for another process's Postgres.
const OWNER_READY_WITHIN: Duration = Duration::from_mins(1);
/// How long a fast shutdown may take before an immediate one, which loses nothing but makes the next start recover.
const SHUT_DOWN_WITHIN: Duration = Duration::from_mins(1);
/// How often a long recovery is mentioned.
const MENTION_EVERY: Duration = Duration::from_secs(10);

/// What the server says when something of its predecessor is not gone yet. It then ends, and a later try succeeds.
const PASSING: [&str; 3] = [
    "pre-existing shared memory block",
    "lock file",
    "could not bind Unix address",
];

pub(super) struct Supervisor {
    pub(super) cluster: Cluster,
    pub(super) lock: File,
    /// Closed when the service wants to stop.
    pub(super) stop: Receiver<()>,
    pub(super) owner: Arc<AtomicBool>,
    /// Where the outcome of the first start is reported, until it has been.
    pub(super) first: Option<SyncSender<Result<(), EmbeddedPostgresError>>>,
    pub(super) begun: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Again,
    Stop,
}

impl Supervisor {
    pub(super) fn run(mut self) {
        loop {
            match self.turn() {
                Ok(Next::Again) => {}
                Ok(Next::Stop) => return,
                Err(error) => {
                    if let Some(first) = self.first.take() {
                        // The receiver waits for exactly this message.
                        let _ = first.send(Err(error));
                        return;
                    }
                    tracing::error!(%error, "Postgres is down; trying again");
                    if self.stopped_within(RETRY_PAUSE) {
                        return;
                    }
                }
            }
        }
    }

    /// One life of a Postgres, or one look at that of another owner.
    fn turn(&mut self) -> Result<Next, EmbeddedPostgresError> {
        match self.lock.try_lock() {
            Ok(()) => {
                let next = self.own();
                self.owner.store(false, Ordering::Relaxed);
                let unlocked = self.lock.unlock();
                let next = next?;
                unlocked.map_err(EmbeddedPostgresError::io("unlock", &self.cluster.directory))?;
                Ok(next)
            }
            Err(TryLockError::WouldBlock) => self.attend(),
            Err(TryLockError::Error(error)) => Err(EmbeddedPostgresError::io(
                "lock",
                self.cluster.directory.join("owner.lock"),
            )(error)),
        }
    }

    /// Runs Postgres until it ends or is no longer wanted.
    fn own(&mut self) -> Result<Next, EmbeddedPostgresError> {
        if self.retire_predecessor()? == Next::Stop {
            return Ok(Next::Stop);
        }
        self.cluster.initialise()?;
        let Some(mut running) = self.launch()? else {
            return Ok(Next::Stop);
        };
        self.owner.store(true, Ordering::Relaxed);
        tracing::info!(
            "Postgres {} runs in {} (process {})",
            self.cluster.binaries.major,
            self.cluster.directory.display(),
            running.0.id()
        );
        self.report_ready();
        while !self.stopped_within(POLL) {
            if let Some(status) = running.ended() {
                tracing::warn!(
                    "Postgres has ended ({status}) while it was needed: starting it anew"
                );
                return Ok(Next::Again);
            }
        }
        Ok(Next::Stop)
    }

    /// Waits, attached to the Postgres of another process, until it is our turn to own one.
    fn attend(&mut self) -> Result<Next, EmbeddedPostgresError> {
        if self.first.is_some() {
            if Postmaster::of(&self.cluster.data).is_some_and(|postmaster| postmaster.ready) {
                tracing::info!(
                    "using the Postgres that another process runs in {}",
                    self.cluster.directory.display()
                );
                self.report_ready();
            } else if self.begun.elapsed() > OWNER_READY_WITHIN {
                return Err(EmbeddedPostgresError::OwnerNotReady {
                    directory: self.cluster.directory.clone(),
                    seconds_max: OWNER_READY_WITHIN.as_secs(),
                    log: self.cluster.log.clone(),
                });
            }
        }
        let pause = if self.first.is_some() {
            POLL_BUSY
        } else {
            POLL
        };
        Ok(if self.stopped_within(pause) {
            Next::Stop
        } else {
            Next::Again
        })
    }

    /// Ends a Postgres whose owner is gone. Normally the kernel has asked it to end already; where that could not
    /// be arranged it runs on. Taking it over as it is would leave it without an owner to end with.
    fn retire_predecessor(&self) -> Result<Next, EmbeddedPostgresError> {
        let Some(predecessor) = Postmaster::of(&self.cluster.data) else {
            process::forget_stranger(&self.cluster.directory, &self.cluster.data)?;
            return Ok(Next::Again);
        };
        tracing::info!(
            "waiting for the Postgres of an earlier process (process {}) to end",
            predecessor.pid
        );
        if retire(predecessor, &self.cluster.data, || {
            self.stopped_within(POLL_BUSY)
        }) {
            return Ok(Next::Again);
        }
        if self.stopped_within(Duration::ZERO) {
            return Ok(Next::Stop);
        }
        Err(EmbeddedPostgresError::PredecessorStays {
            directory: self.cluster.directory.clone(),
            pid: predecessor.pid,
            seconds_max: RETRY_FOR.as_secs(),
        })
    }

    /// Starts Postgres and waits until it is ready, or until it is no longer wanted (`None`).
    fn launch(&self) -> Result<Option<Running>, EmbeddedPostgresError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            let log_length = self.cluster.log_length();
            let mut running = Running(self.cluster.spawn()?);
            let status = match self.await_ready(&mut running) {
                Start::Ready => return Ok(Some(running)),
                Start::Stop => return Ok(None),
                Start::Ended(status) => status,
            };
            let said = self.cluster.log_since(log_length);
            let passing = PASSING.iter().any(|phrase| said.contains(phrase));
            if !passing || begun.elapsed() > RETRY_FOR {
                return Err(EmbeddedPostgresError::StartFailed {
                    directory: self.cluster.directory.clone(),
                    status: status.to_string(),
                    said,
                    log: self.cluster.log.clone(),
                });
            }
            if !told {
                told = true;
                tracing::warn!(
                    "Postgres cannot start yet, because something of its predecessor is still there ({said}); \
                     trying for up to {} s",
                    RETRY_FOR.as_secs()
                );
            }
            if self.stopped_within(RETRY_PAUSE) {
                return Ok(None);
            }
        }
    }

    /// There is no limit while the process lives: recovery after a crash takes as long as it takes.
    fn await_ready(&self, running: &mut Running) -> Start {
        let begun = Instant::now();
        let mut mention = MENTION_EVERY;
        loop {
            if let Some(status) = running.ended() {
                return Start::Ended(status);
            }
            let of_ours = Postmaster::of(&self.cluster.data)
                .filter(|postmaster| postmaster.pid.unsigned_abs() == running.0.id());
            if of_ours.is_some_and(|postmaster| postmaster.ready) {
                return Start::Ready;
            }
            if self.stopped_within(POLL_BUSY) {
                return Start::Stop;
            }
            if begun.elapsed() > mention {
                mention += MENTION_EVERY;
                tracing::info!(
                    "Postgres is still starting after {} s, probably recovering from a crash",
                    begun.elapsed().as_secs()
                );
            }
        }
    }

    fn report_ready(&mut self) {
        if let Some(first) = self.first.take() {
            // The receiver waits for exactly this message.
            let _ = first.send(Ok(()));
        }
    }

    /// Waits this long, less if the service stops meanwhile.
    fn stopped_within(&self, pause: Duration) -> bool {
        !matches!(
            self.stop.recv_timeout(pause),
            Err(RecvTimeoutError::Timeout)
        )
    }
}

enum Start {
    Ready,
    Ended(ExitStatus),
    Stop,
}

/// Asks a Postgres to end and waits until it has. False if it has not after a minute, or when `give_up`, which is
/// called between looks and is expected to pause, says so.
pub(super) fn retire(
    postmaster: Postmaster,
    data: &std::path::Path,
    give_up: impl Fn() -> bool,
) -> bool {
    postmaster.interrupt();
    let begun = Instant::now();
    while Postmaster::of(data).is_some_and(|now| now.pid == postmaster.pid) {
        if give_up() || begun.elapsed() > RETRY_FOR {
            return false;
        }
    }
    true
}

/// A Postgres that we have started. Ends it when dropped, on every way out of the supervisor.
struct Running(Child);

impl Running {
    fn ended(&mut self) -> Option<ExitStatus> {
        self.0
            .try_wait()
            .expect("a child that only this thread waits for can be waited for")
    }

    fn ended_within(&mut self, time: Duration) -> bool {
        let begun = Instant::now();
        while self.ended().is_none() {
            if begun.elapsed() > time {
                return false;
            }
            std::thread::sleep(POLL_BUSY);
        }
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        // Not waited for yet, so the number cannot belong to anybody else.
        let pid = Pid::from_child(&self.0);
        for (signal, name) in [(Signal::INT, "fast"), (Signal::QUIT, "immediate")] {
            if let Err(error) = kill_process(pid, signal) {
                tracing::warn!(%error, "Postgres could not be asked to end");
            }
            if self.ended_within(SHUT_DOWN_WITHIN) {
                return;
            }
            tracing::warn!(
                "Postgres has not ended {} s after a {name} shutdown was asked for",
                SHUT_DOWN_WITHIN.as_secs()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::embedded_postgres::{Durability, EmbeddedPostgres, EmbeddedSettings};

    #[test]
    fn a_postgres_that_outlived_its_owner_is_replaced() {
        let root = tempfile::tempdir().expect("folder");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).expect("mode");
        let settings = EmbeddedSettings {
            directory: root.path().join("postgres"),
            bin_dir: None,
            durability: Durability::Throwaway,
        };
        let mut cluster = Cluster::prepare(&settings).expect("prepares");
        // As on a machine without it: nothing ends this Postgres when its owner is gone.
        cluster.setpriv = None;
        cluster.initialise().expect("a cluster");
        let mut left_over = cluster.spawn().expect("starts");
        let begun = Instant::now();
        while !Postmaster::of(&cluster.data).is_some_and(|postmaster| postmaster.ready) {
            assert!(begun.elapsed() < RETRY_FOR, "the left-over never started");
            std::thread::yield_now();
        }

        // Its parent, this process, must reap it for its number to vanish.
        let reaper = std::thread::spawn(move || left_over.wait());
        let postgres = EmbeddedPostgres::start(&settings).expect("starts");
        assert!(postgres.is_owner());
        let status = reaper.join().expect("no panic").expect("it has ended");
        assert!(status.success(), "it was to end in order: {status}");
    }
}
