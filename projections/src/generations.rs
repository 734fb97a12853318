//! The table of generations: which filling of a read model is live, which is being filled, how far each has read.
//!
//! Whoever fills a generation holds the lock on its row. Where two rows are locked the live one comes first, so
//! that nobody waits in a circle.

use ledger_core::ids::{Position, TenantId};
use sqlx::{FromRow, PgConnection, PgExecutor};

use crate::{
    Generation, ProjectionError,
    rows::{bigint, position},
};

/// How often a lock on the live generation is asked for, when another server swaps it meanwhile.
const LOCK_ATTEMPTS_MAX: u32 = 100;

/// What a generation is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A rebuild fills it.
    Filling,
    /// It answers queries.
    Live,
    /// Its rows are to be deleted.
    Retired,
}

impl State {
    const fn code(self) -> &'static str {
        match self {
            Self::Filling => "filling",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }
}

/// The schema allows three states, so this is the work of a later version of the program.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a state of a generation; update the program")]
pub(crate) struct UnknownState(String);

impl TryFrom<String> for State {
    type Error = UnknownState;
    fn try_from(stored: String) -> Result<Self, UnknownState> {
        match stored.as_str() {
            "filling" => Ok(Self::Filling),
            "live" => Ok(Self::Live),
            "retired" => Ok(Self::Retired),
            _ => Err(UnknownState(stored)),
        }
    }
}

/// A generation and its checkpoint.
#[derive(Debug, Clone, Copy, FromRow)]
pub(crate) struct Checkpoint {
    pub(crate) generation: Generation,
    #[sqlx(try_from = "String")]
    pub(crate) state: State,
    /// The version of the code that fills it.
    pub(crate) version: i32,
    next_position: i64,
}

impl Checkpoint {
    /// The position of the next event to apply, and with it the number of those that were applied.
    pub(crate) fn next(&self) -> Position {
        position(self.next_position)
    }

    /// Whether both speak of one filling by one version of the code. The number alone does not say it: that of a
    /// rebuild that was given up is used again once its rows are gone.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.generation == other.generation && self.version == other.version
    }
}

/// A read model of one tenant: what every statement here is about.
#[derive(Clone, Copy)]
pub(crate) struct ReadModel<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) name: &'static str,
}

impl ReadModel<'_> {
    /// Makes the first generation, live and empty, unless there is a live one.
    pub(crate) async fn ensure(
        self,
        version: i32,
        executor: impl PgExecutor<'_>,
    ) -> Result<(), ProjectionError> {
        sqlx::query(
            "INSERT INTO projection_generations
                 (tenant_id, projection, generation, state, version, next_position)
             VALUES ($1, $2, 1, 'live', $3, 0) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(version)
        .execute(executor)
        .await?;
        Ok(())
    }

    /// The generation in a state of which there is at most one.
    pub(crate) async fn in_state(
        self,
        state: State,
        executor: impl PgExecutor<'_>,
    ) -> Result<Option<Checkpoint>, ProjectionError> {
        let found = sqlx::query_as(
            "SELECT generation, state, version, next_position FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2 AND state = $3",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(state.code())
        .fetch_optional(executor)
        .await?;
        Ok(found)
    }

    /// Generations whose rows are to be deleted.
    pub(crate) async fn retired(
        self,
        executor: impl PgExecutor<'_>,
    ) -> Result<Vec<Generation>, ProjectionError> {
        let found = sqlx::query_scalar(
            "SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2 AND state = 'retired' ORDER BY generation",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .fetch_all(executor)
        .await?;
        Ok(found)
    }

    /// Locks a generation until the transaction ends: nobody else fills it meanwhile.
    pub(crate) async fn lock(
        self,
        generation: Generation,
        connection: &mut PgConnection,
    ) -> Result<Option<Checkpoint>, ProjectionError> {
        let locked = sqlx::query_as(
            "SELECT generation, state, version, next_position FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2 AND generation = $3 FOR UPDATE",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(generation)
        .fetch_optional(connection)
        .await?;
        Ok(locked)
    }

    /// Locks the live generation until the transaction ends. Call [`ReadModel::ensure`] before.
    pub(crate) async fn lock_live(
        self,
        connection: &mut PgConnection,
    ) -> Result<Checkpoint, ProjectionError> {
        for _ in 0..LOCK_ATTEMPTS_MAX {
            let locked = sqlx::query_as(
                "SELECT generation, state, version, next_position FROM projection_generations
                 WHERE tenant_id = $1 AND projection = $2 AND state = 'live' FOR UPDATE",
            )
            .bind(self.tenant.as_str())
            .bind(self.name)
            .fetch_optional(&mut *connection)
            .await?;
            // Nothing comes back when the one that was waited for has been swapped out: then there is a new one.
            if let Some(locked) = locked {
                return Ok(locked);
            }
        }
        Err(ProjectionError::Superseded {
            projection: self.name,
        })
    }

    /// Begins a generation behind `newest`, to be filled from the first event on.
    pub(crate) async fn begin_filling(
        self,
        newest: Generation,
        version: i32,
        executor: impl PgExecutor<'_>,
    ) -> Result<Checkpoint, ProjectionError> {
        let begun = sqlx::query_as(
            "INSERT INTO projection_generations
                 (tenant_id, projection, generation, state, version, next_position)
             VALUES ($1, $2, $3, 'filling', $4, 0)
             RETURNING generation, state, version, next_position",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(newest.0 + 1)
        .bind(version)
        .fetch_one(executor)
        .await?;
        Ok(begun)
    }

    /// The youngest generation there is, in whatever state.
    pub(crate) async fn newest(
        self,
        executor: impl PgExecutor<'_>,
    ) -> Result<Generation, ProjectionError> {
        let newest: Option<Generation> = sqlx::query_scalar(
            "SELECT max(generation) FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .fetch_one(executor)
        .await?;
        Ok(newest.unwrap_or(Generation(0)))
    }

    /// Moves a locked generation's checkpoint to the next event to apply.
    pub(crate) async fn advance(
        self,
        generation: Generation,
        next: Position,
        executor: impl PgExecutor<'_>,
    ) -> Result<(), ProjectionError> {
        sqlx::query(
            "UPDATE projection_generations SET next_position = $4
             WHERE tenant_id = $1 AND projection = $2 AND generation = $3",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(generation)
        .bind(bigint(next.0))
        .execute(executor)
        .await?;
        Ok(())
    }

    /// Gives a locked generation another task.
    pub(crate) async fn set_state(
        self,
        generation: Generation,
        state: State,
        executor: impl PgExecutor<'_>,
    ) -> Result<(), ProjectionError> {
        sqlx::query(
            "UPDATE projection_generations SET state = $4
             WHERE tenant_id = $1 AND projection = $2 AND generation = $3",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(generation)
        .bind(state.code())
        .execute(executor)
        .await?;
        Ok(())
    }

    /// Forgets a retired generation, once its rows are gone.
    pub(crate) async fn forget(
        self,
        generation: Generation,
        executor: impl PgExecutor<'_>,
    ) -> Result<(), ProjectionError> {
        sqlx::query(
            "DELETE FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2 AND generation = $3 AND state = 'retired'",
        )
        .bind(self.tenant.as_str())
        .bind(self.name)
        .bind(generation)
        .execute(executor)
        .await?;
        Ok(())
    }
}
