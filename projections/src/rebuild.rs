//! Making a read model anew beside the one in use.
//!
//! A new generation is filled from the first event on, while the live one goes on answering and being kept up to
//! date; whoever appends notices nothing. When the new one has caught up, one transaction applies the last few
//! events and swaps the two; queries see the one or the other, never a mixture. The old rows are then deleted in
//! bounded steps.
//!
//! Interrupted anywhere, it leaves behind a generation that says how far it has come. The next rebuild goes on from
//! there if the same code began it, and begins anew otherwise.

use ledger_core::ids::Position;
use sqlx::AssertSqlSafe;

use crate::{
    Generation, ProjectionError,
    filling::{Filler, Step},
    generations::{Checkpoint, State},
};

/// The most rows that one statement deletes.
const DELETE_ROWS_MAX: i64 = 5_000;

/// What a rebuild has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebuildReport {
    /// The generation that answers from here on.
    pub generation: Generation,
    /// Where it went on from, if an earlier rebuild had been interrupted; otherwise 0.
    pub resumed_from: Position,
    /// How many events of the ledger it held when it was swapped in.
    pub events: u64,
    /// How many rows of older generations were deleted.
    pub rows_deleted: u64,
}

/// Why a rebuild begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Somebody wants it. Gives up what any other version of the program has begun.
    Asked,
    /// The code has changed, or a rebuild was interrupted. Leaves alone what a later version of the program does,
    /// so that servers of two versions do not undo each other's work while one replaces the other.
    Due,
}

/// Rebuilds if the live generation was made by earlier code, or if a rebuild was interrupted; deletes what
/// interrupted rebuilds have left behind.
pub(crate) async fn rebuild_if_due(filler: Filler<'_>) -> Result<(), ProjectionError> {
    let live = filler.live().await?;
    let version = filler.projection.version();
    let filling = filler
        .read_model()
        .in_state(State::Filling, filler.pool)
        .await?;
    if live.version < version || filling.is_some_and(|filling| filling.version == version) {
        tracing::info!(
            projection = filler.projection.name(),
            tenant = %filler.tenant,
            from_version = live.version,
            to_version = version,
            "a read model is rebuilt",
        );
        let report = rebuild(filler, Reason::Due, &|_, _| {}).await?;
        tracing::info!(
            projection = filler.projection.name(),
            tenant = %filler.tenant,
            events = report.events,
            "a read model was rebuilt",
        );
    } else {
        delete_retired(filler).await?;
    }
    Ok(())
}

/// Fills a new generation, swaps it in, and deletes the old rows.
pub(crate) async fn rebuild(
    filler: Filler<'_>,
    reason: Reason,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<RebuildReport, ProjectionError> {
    let begun = begin(filler, reason).await?;
    let resumed_from = begun.next();
    fill(filler, &begun, progress).await?;
    let events = swap(filler, &begun).await?;
    progress(events, events);
    Ok(RebuildReport {
        generation: begun.generation,
        resumed_from,
        events,
        rows_deleted: delete_retired(filler).await?,
    })
}

/// Takes up the generation that is being filled, or begins one.
async fn begin(filler: Filler<'_>, reason: Reason) -> Result<Checkpoint, ProjectionError> {
    let read_model = filler.read_model();
    let version = filler.projection.version();
    read_model.ensure(version, filler.pool).await?;
    let mut transaction = filler.pool.begin().await?;
    // Whoever begins or ends a rebuild holds this lock.
    read_model.lock_live(&mut transaction).await?;
    let unfinished = read_model
        .in_state(State::Filling, &mut *transaction)
        .await?;
    if let Some(unfinished) = unfinished {
        if unfinished.version == version {
            return Ok(unfinished);
        }
        if unfinished.version > version && reason == Reason::Due {
            return Err(ProjectionError::NewerReadModel {
                projection: read_model.name,
                stored: unfinished.version,
                known: version,
            });
        }
        read_model
            .set_state(unfinished.generation, State::Retired, &mut *transaction)
            .await?;
    }
    let newest = read_model.newest(&mut *transaction).await?;
    let begun = read_model
        .begin_filling(newest, version, &mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(begun)
}

/// Applies batch after batch until the ledger's end is reached.
async fn fill(
    filler: Filler<'_>,
    begun: &Checkpoint,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<(), ProjectionError> {
    loop {
        let filling = filler
            .read_model()
            .in_state(State::Filling, filler.pool)
            .await?;
        let Some(filling) = filling.filter(|filling| filling.is_same_as(begun)) else {
            // Another server has swapped it in, or given it up; `swap` tells which.
            return Ok(());
        };
        let size = filler.size().await?;
        progress(filling.next().0.min(size), size);
        if filling.next().0 >= size || filler.step(&filling).await? == Step::CaughtUp {
            return Ok(());
        }
    }
}

/// Applies the last events and swaps, in one transaction. It holds the live generation's lock, so that this one is
/// not behind when it is swapped in: nobody who saw an event in the old one misses it in the new one. Gives the
/// number of events that it holds.
async fn swap(filler: Filler<'_>, begun: &Checkpoint) -> Result<u64, ProjectionError> {
    let read_model = filler.read_model();
    let generation = begun.generation;
    let mut transaction = filler.pool.begin().await?;
    let live = read_model.lock_live(&mut transaction).await?;
    let filled = read_model.lock(generation, &mut transaction).await?;
    let filled = match filled.filter(|filled| filled.is_same_as(begun)) {
        // Another server has done it.
        Some(filled) if filled.state == State::Live => return Ok(filled.next().0),
        Some(filled) if filled.state == State::Filling => filled,
        _ => {
            return Err(ProjectionError::Superseded {
                projection: read_model.name,
            });
        }
    };
    let mut next = filled.next();
    while next < live.next() {
        let batch = filler.read(next).await?;
        if batch.is_empty() {
            // The live generation has seen events that the store does not give: never swap in less.
            return Err(ProjectionError::Gap {
                projection: read_model.name,
                expected: next,
                found: live.next(),
            });
        }
        next = Position(next.0 + batch.len() as u64);
        filler
            .projection
            .apply(&batch, generation, filler.tenant, &mut transaction)
            .await?;
    }
    read_model
        .advance(generation, next, &mut *transaction)
        .await?;
    read_model
        .set_state(live.generation, State::Retired, &mut *transaction)
        .await?;
    read_model
        .set_state(generation, State::Live, &mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(next.0)
}

/// Deletes the rows of retired generations, some at a time, so that no transaction grows long. Gives their number.
async fn delete_retired(filler: Filler<'_>) -> Result<u64, ProjectionError> {
    let mut deleted = 0;
    for generation in filler.read_model().retired(filler.pool).await? {
        while let Some(rows) = delete_some(filler, generation).await? {
            deleted += rows;
        }
    }
    Ok(deleted)
}

/// Deletes some rows of a retired generation; `None` when there were none left, and the generation is forgotten.
/// Its lock lets one server at a time do this, so that none forgets it while another has rows left to delete.
async fn delete_some(
    filler: Filler<'_>,
    generation: Generation,
) -> Result<Option<u64>, ProjectionError> {
    let read_model = filler.read_model();
    let mut transaction = filler.pool.begin().await?;
    let locked = read_model.lock(generation, &mut transaction).await?;
    if locked.is_none_or(|locked| locked.state != State::Retired) {
        return Ok(None);
    }
    for table in filler.projection.tables() {
        // The table's name is a constant of this program. Rows of a retired generation no longer move, so that
        // their physical place finds them.
        let statement = AssertSqlSafe(format!(
            "DELETE FROM {table} WHERE tenant_id = $1 AND generation = $2 AND ctid = ANY(ARRAY(
                 SELECT ctid FROM {table} WHERE tenant_id = $1 AND generation = $2 LIMIT $3))"
        ));
        let done = sqlx::query(statement)
            .bind(filler.tenant.as_str())
            .bind(generation)
            .bind(DELETE_ROWS_MAX)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() > 0 {
            transaction.commit().await?;
            return Ok(Some(done.rows_affected()));
        }
    }
    read_model.forget(generation, &mut *transaction).await?;
    transaction.commit().await?;
    Ok(None)
}
