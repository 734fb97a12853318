//! A read model that tells exactly what was applied, and can be held in the middle of a batch.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use ledger_core::{clock::Timestamp, ids::TenantId, store::Recorded};
use projections::{Generation, Projection, ProjectionError, ProjectionObserver, Runner};
use sqlx::{Executor as _, PgConnection};
use tokio::sync::Notify;

use super::world::World;

/// Writes down the position of every event. Its table has no key: what is applied twice stands there twice.
pub(super) struct Applied {
    version: i32,
    gate: Option<Arc<Gate>>,
}

/// Holds a batch after its rows are written and before they are committed.
pub(super) struct Gate {
    generation: i64,
    /// Batches that pass before one is held; one is held only.
    let_through: AtomicU32,
    reached: Notify,
    opened: Notify,
}

impl Gate {
    pub(super) fn before_commit(generation: i64, let_through: u32) -> Arc<Self> {
        Arc::new(Self {
            generation,
            let_through: AtomicU32::new(let_through + 1),
            reached: Notify::new(),
            opened: Notify::new(),
        })
    }

    /// Resolves when a batch is held.
    pub(super) async fn reached(&self) {
        self.reached.notified().await;
    }

    pub(super) fn open(&self) {
        self.opened.notify_one();
    }

    async fn pass(&self, generation: Generation) {
        if generation.0 != self.generation {
            return;
        }
        let left = self
            .let_through
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if left == Ok(1) {
            self.reached.notify_one();
            self.opened.notified().await;
        }
    }
}

#[async_trait::async_trait]
impl Projection for Applied {
    fn name(&self) -> &'static str {
        "applied"
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn tables(&self) -> &'static [&'static str] {
        &["applied"]
    }

    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let positions: Vec<i64> = batch
            .iter()
            .map(|recorded| i64::try_from(recorded.position.0).unwrap())
            .collect();
        sqlx::query(
            "INSERT INTO applied (tenant_id, generation, position)
             SELECT $1, $2, * FROM unnest($3::bigint[])",
        )
        .bind(tenant.as_str())
        .bind(generation)
        .bind(positions)
        .execute(connection)
        .await?;
        if let Some(gate) = &self.gate {
            gate.pass(generation).await;
        }
        Ok(())
    }
}

impl World {
    /// Makes the table of [`Applied`].
    pub(super) async fn with_applied(self) -> Self {
        self.superuser
            .execute(
                "CREATE TABLE applied (tenant_id text, generation bigint, position bigint);
                 GRANT SELECT, INSERT, DELETE ON applied TO ledger_projector;",
            )
            .await
            .unwrap();
        self
    }

    /// A runner of [`Applied`] alone.
    pub(super) fn applied(&self, version: i32) -> Runner {
        let applied = Applied {
            version,
            gate: None,
        };
        self.runner(vec![Box::new(applied)])
    }

    /// The same, held by a gate.
    pub(super) fn applied_through(&self, version: i32, gate: &Arc<Gate>) -> Runner {
        let gate = Some(Arc::clone(gate));
        self.runner(vec![Box::new(Applied { version, gate })])
    }

    /// What was applied to a generation, in order of position.
    pub(super) async fn positions(&self, generation: i64) -> Vec<i64> {
        sqlx::query_scalar(
            "SELECT position FROM applied WHERE tenant_id = $1 AND generation = $2 ORDER BY position",
        )
        .bind(self.tenant.as_str())
        .bind(generation)
        .fetch_all(&self.superuser)
        .await
        .unwrap()
    }
}

/// Remembers every lag, and tells of the newest.
#[derive(Default)]
pub(super) struct Lags {
    seen: Mutex<Vec<(&'static str, u64)>>,
    /// Since when something was missing, each time that it was reported.
    pub(super) oldest: Mutex<Vec<Option<Timestamp>>>,
    changed: Notify,
}

impl Lags {
    pub(super) fn seen(&self) -> Vec<(&'static str, u64)> {
        self.seen.lock().unwrap().clone()
    }

    /// Resolves when the last `events` were applied, having been behind before.
    pub(super) async fn caught_up_from(&self, events: u64) {
        loop {
            let changed = self.changed.notified();
            let seen = self.seen();
            let behind = seen.iter().position(|(_, lag)| *lag == events);
            if behind.is_some_and(|behind| seen[behind..].iter().any(|(_, lag)| *lag == 0)) {
                return;
            }
            changed.await;
        }
    }
}

impl ProjectionObserver for Lags {
    fn lag(&self, projection: &'static str, events: u64) {
        self.seen.lock().unwrap().push((projection, events));
        self.changed.notify_one();
    }

    fn oldest_missing(&self, _: &'static str, recorded_at: Option<Timestamp>) {
        self.oldest.lock().unwrap().push(recorded_at);
    }
}
