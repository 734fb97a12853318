//! Read models: tables made from events, for questions that a replay would answer too slowly.
//!
//! A read model **proposes** and never decides. Its rows lag behind the ledger and hold facts alone: ids, codes,
//! times, positions. Whatever it finds is decided again by [`ledger_core::ledger::Ledger::look`], which also leaves
//! the view behind; an auditor's question is answered from the events and never from here.
//!
//! Every read model there is, one line each:
//!
//! | read model | answers | tables |
//! |---|---|---|
//! | [`access_intervals`] | from when until when did somebody take part, or a consent cover, or a role hold? | `access_intervals` |
//! | [`case_list`] | which cases could somebody see in a list? | `case_list`, `case_list_members` |
//! | [`due`] | what is due in somebody's cases, and which agreements of organisations end? | `due_cases`, `due_consents`, `due_items`, `due_agreements` |
//! | [`numbers`] | how many cases, measures and consents of a kind are there in a unit? | `numbers_cases`, `numbers_measures`, `numbers_withdrawals` |
//! | [`views`] | who looked at this case, and at what did this person look? | `case_views` |
//!
//! [`projection`] says what a read model is, [`runner`] keeps them up to date, [`rebuild`] makes one anew beside the
//! one in use. How to add one: `docs/how-to/add-a-projection.md`.
//!
//! **Invariant: rows and checkpoint change in one transaction, so that every event is applied exactly once.**
//! **Invariant: only this crate writes read models, and it writes nothing else.**

pub mod access_intervals;
pub mod case_list;
pub mod due;
pub mod error;
mod filling;
mod generations;
pub mod numbers;
pub mod projection;
pub mod rebuild;
mod rows;
pub mod runner;
pub mod views;

use std::sync::Arc;

use ledger_core::{
    ids::{Position, TenantId},
    store::EventStore,
};
use sqlx::PgPool;

pub use self::{
    error::ProjectionError,
    projection::{Generation, Projection},
    rebuild::RebuildReport,
    runner::{ProjectionObserver, Runner},
};

/// Every read model there is.
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(access_intervals::AccessIntervals),
        Box::new(case_list::CaseList),
        Box::new(due::Due),
        Box::new(numbers::Numbers),
        Box::new(views::Views),
    ]
}

/// Keeps every read model of a tenant up to date until `stop` resolves, and rebuilds those whose code has changed.
/// `pool` acts as `ledger_projector`. For waking it early see [`Runner`].
///
/// # Errors
/// [`ProjectionError::NewerEvent`] when the ledger holds an event that this program does not know. Everything else
/// is logged and tried again.
pub async fn run_until(
    pool: PgPool,
    store: Arc<dyn EventStore>,
    tenant: TenantId,
    observer: Arc<dyn ProjectionObserver>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), ProjectionError> {
    Runner::new(pool, store, tenant, all())
        .observed_by(observer)
        .run_until(stop)
        .await
}

/// Applies everything that is in the ledger now to every read model, and returns.
pub async fn catch_up(
    pool: PgPool,
    store: Arc<dyn EventStore>,
    tenant: TenantId,
) -> Result<(), ProjectionError> {
    Runner::new(pool, store, tenant, all()).catch_up().await
}

/// The position of the next event that a read model takes in: everything before it is in there.
///
/// # Errors
/// [`ProjectionError`] where the database cannot be asked.
pub async fn next_position(
    pool: &PgPool,
    tenant: &TenantId,
    name: &str,
) -> Result<Position, ProjectionError> {
    let next: Option<i64> = sqlx::query_scalar(
        "SELECT next_position FROM projection_generations
         WHERE tenant_id = $1 AND projection = $2 AND state = 'live'",
    )
    .bind(tenant.as_str())
    .bind(name)
    .fetch_optional(pool)
    .await?;
    Ok(rows::position(next.unwrap_or_default()))
}

/// Makes one read model anew, beside the one in use, and swaps them. `progress` is told how many events were applied
/// and how many there are.
pub async fn rebuild(
    pool: PgPool,
    store: Arc<dyn EventStore>,
    tenant: TenantId,
    name: &str,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<RebuildReport, ProjectionError> {
    Runner::new(pool, store, tenant, all())
        .rebuild(name, progress)
        .await
}
