//! What a read model is. Each implementation stands in a file of its own, together with the queries it answers.

use async_trait::async_trait;
use ledger_core::{ids::TenantId, store::Recorded};
use sqlx::PgConnection;

use crate::ProjectionError;

/// One filling of a read model. Rows of several stand side by side while it is rebuilt; queries see the live one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Generation(pub i64);

/// Makes rows from events.
#[async_trait]
pub trait Projection: Send + Sync {
    /// Its name, in lower case with `_`: what `caseledger rebuild` takes.
    fn name(&self) -> &'static str;

    /// The version of this code. Raise it when [`Projection::apply`] would now make other rows from the same events:
    /// a rebuild is then due, and begins when the service starts.
    fn version(&self) -> i32;

    /// The tables that it fills, each of them with the columns `tenant_id` and `generation`.
    fn tables(&self) -> &'static [&'static str];

    /// Takes in events that follow one another, in a transaction that also moves the checkpoint.
    ///
    /// What comes out must not depend on how the events were divided into batches, on the time, or on anything but
    /// rows of the same tenant and generation. A batch is worked on as a whole: a few set-based statements, never one
    /// for each event.
    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError>;
}
