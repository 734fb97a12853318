//! One appender a tenant: it gathers waiting requests into one transaction, so that the head's lock and the flush
//! to disk are paid once for many callers. [`super::batch`] is that transaction.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{PgPool, Postgres, pool::PoolConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    PostgresSettings,
    batch::{self, Failure, Known},
};
use crate::{
    clock::Clock,
    ids::TenantId,
    store::{Append, AppendError, Appended, placement},
};

/// How long a batch that could not reach the database is tried again before its callers are told.
const RETRY_FOR: Duration = Duration::from_secs(15);
/// The pause between two tries.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// How often the appender lets others go first while fewer requests wait than the last batch had.
const TURNS_MAX: usize = 16;
/// The most bytes that one transaction takes in, unless a single request has more.
const BATCH_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Is told what the appender does, for metrics. Called on the hot path: must be quick.
pub trait AppendObserver: Send + Sync {
    /// A transaction has been committed.
    fn committed(&self, tenant: &TenantId, requests: usize, events: usize, took: Duration);
    /// A request was not appended.
    fn refused(&self, tenant: &TenantId, why: &AppendError);
}

/// Tells nobody.
impl AppendObserver for () {
    fn committed(&self, _: &TenantId, _: usize, _: usize, _: Duration) {}
    fn refused(&self, _: &TenantId, _: &AppendError) {}
}

type Answer = Result<Appended, AppendError>;

struct Waiting {
    request: Append,
    answer: oneshot::Sender<Answer>,
}

/// A handle to a tenant's appender.
#[derive(Clone)]
pub(super) struct Appender {
    waiting: mpsc::Sender<Waiting>,
    ended: watch::Receiver<bool>,
}

impl Appender {
    pub(super) fn start(
        tenant: TenantId,
        pool: PgPool,
        clock: Arc<dyn Clock>,
        settings: PostgresSettings,
        observer: Arc<dyn AppendObserver>,
    ) -> Self {
        let (waiting, requests) = mpsc::channel(settings.waiting_max);
        let (end, ended) = watch::channel(false);
        let worker = Worker {
            tenant,
            pool,
            clock,
            settings,
            observer,
            connection: None,
            known: Known::default(),
            last_requests: 0,
        };
        tokio::spawn(async move {
            worker.run(requests).await;
            end.send_replace(true);
        });
        Self { waiting, ended }
    }

    pub(super) fn is_running(&self) -> bool {
        !self.waiting.is_closed()
    }

    /// The append goes on even if the caller stops waiting for it.
    pub(super) async fn append(&self, request: Append) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.waiting
            .send(Waiting { request, answer })
            .await
            .map_err(|_| AppendError::Unavailable)?;
        answered.await.unwrap_or(Err(AppendError::OutcomeUnknown))
    }

    /// Waits until everything that was handed in has its answer.
    pub(super) async fn finish(self) {
        let Self { waiting, mut ended } = self;
        drop(waiting);
        // An error means that the worker is gone, which is what is waited for.
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

struct Worker {
    tenant: TenantId,
    pool: PgPool,
    clock: Arc<dyn Clock>,
    settings: PostgresSettings,
    observer: Arc<dyn AppendObserver>,
    connection: Option<PoolConnection<Postgres>>,
    known: Known,
    /// How many requests the last batch had.
    last_requests: usize,
}

impl Worker {
    async fn run(mut self, mut waiting: mpsc::Receiver<Waiting>) {
        while let Some(first) = waiting.recv().await {
            // Callers that were answered by the last batch get a few turns to hand in their next request: a batch that
            // is a little later and twice as large costs everyone less.
            for _ in 0..TURNS_MAX {
                if waiting.len() + 1 >= self.last_requests {
                    break;
                }
                tokio::task::yield_now().await;
            }
            let (requests, answers) = self.gather(first, &mut waiting);
            self.last_requests = requests.len();
            let started = Instant::now();
            let results = self.append_all(&requests).await;
            self.report(&requests, &results, started.elapsed());
            for (answer, result) in answers.into_iter().zip(results) {
                // The caller may have stopped waiting; what is appended stays appended.
                let _ = answer.send(result);
            }
        }
    }

    fn gather(
        &self,
        first: Waiting,
        waiting: &mut mpsc::Receiver<Waiting>,
    ) -> (Vec<Append>, Vec<oneshot::Sender<Answer>>) {
        let (mut events, mut bytes) = (0, 0);
        let (mut requests, mut answers) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(Waiting { request, answer }) = next {
            events += request.events.len();
            bytes += placement::request_bytes(&request);
            requests.push(request);
            answers.push(answer);
            let full = events >= self.settings.batch_events_max || bytes >= BATCH_BYTES_MAX;
            next = if full { None } else { waiting.try_recv().ok() };
        }
        (requests, answers)
    }

    async fn append_all(&mut self, requests: &[Append]) -> Vec<Answer> {
        let started = Instant::now();
        loop {
            let failure = match self.connected().await {
                Ok(mut connection) => {
                    let tried = batch::append(
                        &mut connection,
                        &self.tenant,
                        self.clock.now(),
                        &mut self.known,
                        requests,
                    )
                    .await;
                    match tried {
                        Ok(answers) => {
                            self.connection = Some(connection);
                            return answers;
                        }
                        // A connection on which something failed is not used again.
                        Err(failure) => {
                            drop(connection.detach());
                            failure
                        }
                    }
                }
                Err(error) => Failure::Unreachable(error),
            };
            let patient = started.elapsed() < RETRY_FOR;
            match failure {
                Failure::Refused(refusal) => return vec![Err(refusal); requests.len()],
                Failure::Unreachable(error) if patient && is_passing(&error) => {
                    tracing::warn!(tenant = %self.tenant, %error, "the database cannot be reached; trying again");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                Failure::Unreachable(error) => {
                    tracing::error!(tenant = %self.tenant, %error, "nothing was appended");
                    return vec![Err(AppendError::Unavailable); requests.len()];
                }
                Failure::InDoubt(doubt, error) => {
                    tracing::warn!(tenant = %self.tenant, %error, "the connection was lost while committing; looking");
                    match self.resolve(&doubt, started).await {
                        Some(true) => return doubt.answers,
                        Some(false) => {}
                        None => return vec![Err(AppendError::OutcomeUnknown); requests.len()],
                    }
                }
            }
        }
    }

    /// Whether the batch in doubt was committed; `None` if the database does not come back in time.
    async fn resolve(&mut self, doubt: &batch::Doubt, started: Instant) -> Option<bool> {
        loop {
            if let Ok(mut connection) = self.connected().await
                && let Ok(committed) =
                    batch::was_committed(&mut connection, &self.tenant, doubt).await
            {
                // What is known in memory is from before the batch; the next one reads what has been added since.
                self.connection = Some(connection);
                return Some(committed);
            }
            if started.elapsed() > RETRY_FOR * 2 {
                return None;
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    async fn connected(&mut self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => self.pool.acquire().await,
        }
    }

    fn report(&self, requests: &[Append], results: &[Answer], took: Duration) {
        let appended = results.iter().filter_map(|result| result.as_ref().ok());
        let events = appended.map(|appended| appended.versions.len()).sum();
        if events > 0 {
            self.observer
                .committed(&self.tenant, requests.len(), events, took);
        }
        for refusal in results.iter().filter_map(|result| result.as_ref().err()) {
            self.observer.refused(&self.tenant, refusal);
        }
    }
}

/// Whether the same statement may succeed a moment later: the connection is gone, or the server is stopping or starting.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut => true,
        // Class 08: connection exception; 57P0x: shutdown, crash, cannot connect now; 40: serialisation, deadlock.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            code.starts_with("08") || code.starts_with("57P0") || code.starts_with("40")
        }),
        _ => false,
    }
}
