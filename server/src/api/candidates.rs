//! Which cases may stand in a caller's list: for staff the read model proposes, for members of the family the ledger's
//! keyed lookup. Each candidate is decided afterwards as if it were read alone, so one too many shows nothing.

use std::collections::BTreeSet;

use ledger_core::{ids::CaseId, ledger::Caller};

use super::{error::ApiError, service::Service};

/// Candidates after a case, in order of their ids, at most `limit`.
pub(super) async fn of(
    service: &Service,
    caller: &Caller,
    after: Option<CaseId>,
    limit: u32,
) -> Result<Vec<CaseId>, ApiError> {
    let ledger = service.ledger();
    let units = ledger.units_of(caller).await?;
    let as_staff = projections::case_list::candidates(
        &service.instance().projector,
        &caller.tenant,
        caller.account,
        &units,
        after,
        limit,
    )
    .await
    .map_err(|error| ApiError::Lists(error.into()))?;
    let as_family = ledger.family_cases(caller).await?;
    let later = as_family
        .into_iter()
        .filter(|case| after.is_none_or(|after| *case > after));
    let all: BTreeSet<CaseId> = as_staff.into_iter().chain(later).collect();
    Ok(all.into_iter().take(limit as usize).collect())
}
