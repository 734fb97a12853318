//! Waiting until the read models have taken in what the caller has seen, so that whoever has just written finds it in
//! a list. What is read from the events themselves needs no waiting: a view is appended on the newest version.

use std::time::Duration;

use ledger_core::{
    ids::Position,
    ledger::{AsOf, Caller},
};
use tokio::time::{Instant, sleep};

use super::{error::ApiError, service::Service};

/// How long a list is waited for.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether it is there.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Waits until a read model, by its name, has taken in the event at a position, if there is one to wait for.
///
/// # Errors
/// Rejected for a position that the ledger has not reached; [`ApiError::ListsBehind`] where it takes too long.
pub(super) async fn wait_for(
    service: &Service,
    caller: &Caller,
    read_model: &str,
    position: Option<u64>,
) -> Result<(), ApiError> {
    let Some(position) = position.map(Position) else {
        return Ok(());
    };
    let (ledger, pool) = (service.ledger(), &service.instance().projector);
    ledger
        .check_reached(&caller.tenant, AsOf::Position(position))
        .await?;
    let until = Instant::now() + WAIT_MAX;
    loop {
        let next = projections::next_position(pool, &caller.tenant, read_model)
            .await
            .map_err(|error| ApiError::Lists(error.into()))?;
        if next > position {
            return Ok(());
        }
        if Instant::now() >= until {
            return Err(ApiError::ListsBehind {
                events: position.0 + 1 - next.0,
                position: position.0,
            });
        }
        sleep(LOOK_EVERY).await;
    }
}
