//! Bringing one generation of one read model forward, a batch of events at a time. The runner does it with the live
//! generation, a rebuild with the one that will replace it.

use ledger_core::{
    events::DecodeError,
    ids::{Position, TenantId},
    store::{EventStore, ReadError, Recorded},
};
use sqlx::PgPool;

use crate::{
    Projection, ProjectionError,
    generations::{Checkpoint, ReadModel, State},
};

/// The most events in one batch: enough to spread the cost of a commit, few enough to hold in memory and to keep the
/// live generation's lock short.
pub(crate) const BATCH_EVENTS_MAX: usize = 1_000;

/// What a try to bring a generation forward came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything that was in the ledger is applied.
    CaughtUp,
    /// A batch was applied; this is the next event.
    Applied(Position),
    /// Another server was faster, or the generation has another task now: look again.
    Moved,
}

/// One read model of one tenant, with all that it takes to fill it.
#[derive(Clone, Copy)]
pub(crate) struct Filler<'a> {
    pub(crate) pool: &'a PgPool,
    pub(crate) store: &'a dyn EventStore,
    pub(crate) tenant: &'a TenantId,
    pub(crate) projection: &'a dyn Projection,
}

impl Filler<'_> {
    pub(crate) fn read_model(&self) -> ReadModel<'_> {
        ReadModel {
            tenant: self.tenant,
            name: self.projection.name(),
        }
    }

    /// The live generation, made first if there is none.
    pub(crate) async fn live(&self) -> Result<Checkpoint, ProjectionError> {
        let read_model = self.read_model();
        if let Some(live) = read_model.in_state(State::Live, self.pool).await? {
            return Ok(live);
        }
        let version = self.projection.version();
        read_model.ensure(version, self.pool).await?;
        let live = read_model.in_state(State::Live, self.pool).await?;
        live.ok_or(ProjectionError::Superseded {
            projection: read_model.name,
        })
    }

    /// How many events the ledger holds.
    pub(crate) async fn size(&self) -> Result<u64, ProjectionError> {
        Ok(self.store.tip(self.tenant).await?.frontier.size())
    }

    /// Applies the batch after a checkpoint, and moves the checkpoint in the same transaction.
    ///
    /// The events are read before the lock is taken, so that it is held for no longer than the rows need. Between the
    /// two another server may have applied some or all of them: what it has done is not done again.
    pub(crate) async fn step(&self, checkpoint: &Checkpoint) -> Result<Step, ProjectionError> {
        let mut batch = self.read(checkpoint.next()).await?;
        if batch.is_empty() {
            return Ok(Step::CaughtUp);
        }
        let read_model = self.read_model();
        let mut transaction = self.pool.begin().await?;
        let locked = read_model
            .lock(checkpoint.generation, &mut transaction)
            .await?;
        let Some(locked) = locked
            .filter(|locked| locked.is_same_as(checkpoint) && locked.state == checkpoint.state)
        else {
            return Ok(Step::Moved);
        };
        batch.retain(|recorded| recorded.position >= locked.next());
        // Empty when another server applied all of it. Too far ahead when the generation was begun anew.
        if batch
            .first()
            .is_none_or(|first| first.position != locked.next())
        {
            return Ok(Step::Moved);
        }
        let next = Position(locked.next().0 + batch.len() as u64);
        self.projection
            .apply(&batch, locked.generation, self.tenant, &mut transaction)
            .await?;
        read_model
            .advance(locked.generation, next, &mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Step::Applied(next))
    }

    /// The next events that can be read, without a gap. Stops before one that cannot; if that is the first, says why.
    pub(crate) async fn read(&self, from: Position) -> Result<Vec<Recorded>, ProjectionError> {
        let stored = self
            .store
            .read_from(self.tenant, from, BATCH_EVENTS_MAX)
            .await?;
        let mut batch = Vec::with_capacity(stored.len());
        let mut expected = from;
        for event in &stored {
            let recorded = if event.position == expected {
                event.decode().map_err(|error| self.unreadable(error))
            } else {
                Err(ProjectionError::Gap {
                    projection: self.projection.name(),
                    expected,
                    found: event.position,
                })
            };
            match recorded {
                Ok(recorded) => batch.push(recorded),
                Err(error) if batch.is_empty() => return Err(error),
                Err(_) => break,
            }
            expected = Position(expected.0 + 1);
        }
        Ok(batch)
    }

    fn unreadable(&self, error: ReadError) -> ProjectionError {
        match error {
            ReadError::Facts {
                position,
                source: source @ DecodeError::Unknown { .. },
            } => ProjectionError::NewerEvent {
                projection: self.projection.name(),
                position,
                source,
            },
            error => error.into(),
        }
    }
}
