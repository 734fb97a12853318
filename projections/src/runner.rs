//! Keeps read models up to date: one task a read model, each at its own pace.
//!
//! Several servers may run this on one database. Whoever locks a generation's row applies the next events; the
//! others find them applied. A runner sleeps for a moment when there is nothing to do; whoever knows of new events
//! may wake it earlier, but nothing rests on that.

use std::{sync::Arc, time::Duration};

use ledger_core::{
    clock::Timestamp,
    ids::{Position, TenantId},
    store::{EventStore, StoredEvent},
};
use sqlx::PgPool;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    Projection, ProjectionError, RebuildReport,
    filling::{Filler, Step},
    rebuild::{self, Reason},
};

/// How long a runner that has caught up sleeps, unless it is woken.
pub const POLL_EVERY: Duration = Duration::from_millis(100);
/// The pause after the first failure; it doubles with each further one.
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// The longest pause between two tries.
const RETRY_LAST: Duration = Duration::from_secs(10);

/// Is told how read models keep up, for metrics.
pub trait ProjectionObserver: Send + Sync {
    /// How many events a read model is behind the ledger.
    fn lag(&self, projection: &'static str, events: u64);

    /// When the oldest event was recorded that a read model has not taken in; nothing when it has taken in all.
    fn oldest_missing(&self, _projection: &'static str, _recorded_at: Option<Timestamp>) {}
}

/// Tells nobody.
impl ProjectionObserver for () {
    fn lag(&self, _: &'static str, _: u64) {}
}

/// The read models of one tenant, kept up to date.
pub struct Runner {
    pool: PgPool,
    store: Arc<dyn EventStore>,
    tenant: TenantId,
    projections: Vec<Arc<dyn Projection>>,
    observer: Arc<dyn ProjectionObserver>,
    wake: watch::Sender<()>,
}

/// Wakes a [`Runner`]: something was appended.
#[derive(Clone)]
pub struct Waker(watch::Sender<()>);

impl Waker {
    /// Lets every read model look for events now.
    pub fn wake(&self) {
        self.0.send_replace(());
    }
}

impl Runner {
    /// A runner over a pool that acts as `ledger_projector`. The store must not read through this pool: the last
    /// events of a rebuild are read while one of its connections holds the swap.
    pub fn new(
        pool: PgPool,
        store: Arc<dyn EventStore>,
        tenant: TenantId,
        projections: Vec<Box<dyn Projection>>,
    ) -> Self {
        Self {
            pool,
            store,
            tenant,
            projections: projections.into_iter().map(Arc::from).collect(),
            observer: Arc::new(()),
            wake: watch::Sender::new(()),
        }
    }

    /// Tells `observer` how the read models keep up.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn ProjectionObserver>) -> Self {
        self.observer = observer;
        self
    }

    /// What wakes this runner early.
    pub fn waker(&self) -> Waker {
        Waker(self.wake.clone())
    }

    /// Applies everything that is in the ledger now, and returns.
    pub async fn catch_up(&self) -> Result<(), ProjectionError> {
        for projection in &self.projections {
            let worker = self.worker(projection);
            while worker.advance().await? != Step::CaughtUp {}
        }
        Ok(())
    }

    /// Makes one read model anew, beside the one in use, and swaps them; see [`rebuild`].
    pub async fn rebuild(
        &self,
        name: &str,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<RebuildReport, ProjectionError> {
        let Some(projection) = self
            .projections
            .iter()
            .find(|projection| projection.name() == name)
        else {
            let known: Vec<&str> = self.projections.iter().map(|known| known.name()).collect();
            return Err(ProjectionError::UnknownProjection {
                given: name.to_owned(),
                known: known.join(", "),
            });
        };
        rebuild::rebuild(self.worker(projection).filler(), Reason::Asked, progress).await
    }

    /// Keeps the read models up to date until `stop` resolves; in the background it rebuilds those whose code has
    /// changed and takes up rebuilds that were interrupted. A batch that has begun when `stop` resolves is finished.
    ///
    /// # Errors
    /// [`ProjectionError::NewerEvent`]. Everything else is logged and tried again.
    pub async fn run_until(
        &self,
        stop: impl Future<Output = ()> + Send,
    ) -> Result<(), ProjectionError> {
        let stopping = watch::Sender::new(false);
        let mut tasks = JoinSet::new();
        for projection in &self.projections {
            let (worker, wake) = (self.worker(projection), self.wake.subscribe());
            let (stopped, renewal_stopped) = (stopping.subscribe(), stopping.subscribe());
            tasks.spawn(worker.clone().keep_up(wake, stopped));
            tasks.spawn(worker.renew(renewal_stopped));
        }
        let mut stop = std::pin::pin!(stop);
        let mut outcome = Ok(());
        loop {
            tokio::select! {
                () = &mut stop, if !*stopping.borrow() => {
                    stopping.send_replace(true);
                }
                ended = tasks.join_next() => match ended {
                    None if *stopping.borrow() => return outcome,
                    // There is nothing to keep up: wait to be stopped.
                    None => {
                        stop.as_mut().await;
                        return outcome;
                    }
                    Some(Ok(Ok(()))) => {}
                    Some(Ok(Err(error))) => {
                        stopping.send_replace(true);
                        outcome = Err(error);
                    }
                    Some(Err(failed)) => {
                        if let Ok(panic) = failed.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                },
            }
        }
    }

    fn worker(&self, projection: &Arc<dyn Projection>) -> Worker {
        Worker {
            pool: self.pool.clone(),
            store: Arc::clone(&self.store),
            tenant: self.tenant.clone(),
            projection: Arc::clone(projection),
            observer: Arc::clone(&self.observer),
        }
    }
}

/// What the task of one read model works with.
#[derive(Clone)]
struct Worker {
    pool: PgPool,
    store: Arc<dyn EventStore>,
    tenant: TenantId,
    projection: Arc<dyn Projection>,
    observer: Arc<dyn ProjectionObserver>,
}

impl Worker {
    fn filler(&self) -> Filler<'_> {
        Filler {
            pool: &self.pool,
            store: &*self.store,
            tenant: &self.tenant,
            projection: &*self.projection,
        }
    }

    /// Brings the live generation forward by one batch, and reports how far behind it is.
    async fn advance(&self) -> Result<Step, ProjectionError> {
        let filler = self.filler();
        let name = self.projection.name();
        let live = filler.live().await?;
        let size = filler.size().await?;
        let behind = size.saturating_sub(live.next().0);
        self.observer.lag(name, behind);
        if live.version > self.projection.version() {
            return Err(ProjectionError::NewerReadModel {
                projection: name,
                stored: live.version,
                known: self.projection.version(),
            });
        }
        self.report_oldest(live.next(), behind).await;
        if behind == 0 {
            return Ok(Step::CaughtUp);
        }
        let step = filler.step(&live).await?;
        if let Step::Applied(next) = step {
            let behind = size.saturating_sub(next.0);
            self.observer.lag(name, behind);
            self.report_oldest(next, behind).await;
        }
        Ok(step)
    }

    /// Reports since when something is missing. What cannot be read now is left as it was reported last.
    async fn report_oldest(&self, next: Position, behind: u64) {
        let name = self.projection.name();
        if behind == 0 {
            self.observer.oldest_missing(name, None);
        } else if let Ok(events) = self.store.read_at(&self.tenant, &[next]).await
            && let Some(Ok(oldest)) = events.first().map(StoredEvent::decode)
        {
            self.observer
                .oldest_missing(name, Some(oldest.envelope.recorded_at));
        }
    }

    async fn keep_up(
        self,
        mut wake: watch::Receiver<()>,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), ProjectionError> {
        let mut retry = RETRY_FIRST;
        while !*stop.borrow() {
            let pause = match self.advance().await {
                Ok(Step::Applied(_) | Step::Moved) => {
                    retry = RETRY_FIRST;
                    continue;
                }
                Ok(Step::CaughtUp) => {
                    retry = RETRY_FIRST;
                    POLL_EVERY
                }
                Err(error) if error.needs_newer_program() => return Err(error),
                Err(error) => self.pause_after(&error, &mut retry),
            };
            tokio::select! {
                // Ends when the runner that holds the other end does, which is what `stop` says too.
                _ = stop.changed() => {}
                _ = wake.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        Ok(())
    }

    /// Rebuilds the read model if its code has changed, or if a rebuild was interrupted.
    async fn renew(self, mut stop: watch::Receiver<bool>) -> Result<(), ProjectionError> {
        let mut retry = RETRY_FIRST;
        loop {
            let renewed = tokio::select! {
                // What the rebuild has committed is kept; the next start takes it up.
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                renewed = rebuild::rebuild_if_due(self.filler()) => renewed,
            };
            let pause = match renewed {
                Ok(()) => return Ok(()),
                Err(error) if error.needs_newer_program() => return Err(error),
                Err(error) => self.pause_after(&error, &mut retry),
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Logs a failure and says how long to wait before the next try. Nothing is skipped, however often it fails.
    fn pause_after(&self, error: &ProjectionError, retry: &mut Duration) -> Duration {
        let pause = *retry;
        tracing::warn!(
            projection = self.projection.name(),
            tenant = %self.tenant,
            error = error as &dyn std::error::Error,
            retry_in_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
            "a read model could not be brought up to date",
        );
        *retry = (pause * 2).min(RETRY_LAST);
        pause
    }
}
