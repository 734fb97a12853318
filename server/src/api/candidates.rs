//! Which cases may stand in a caller's list: for staff the read model proposes, for members of the family the ledger's
//! keyed lookup. Each candidate is decided afterwards as if it were read alone, so one too many shows nothing.

use std::collections::BTreeSet;

use ledger_core::{ids::CaseId, ledger::Caller};

use super::{cases::ListPage, error::ApiError, service::Service};

/// The candidates of a list after a case, in order of their ids, at most `limit`; fewer if there are no more.
pub(super) async fn of(
    service: &Service,
    caller: &Caller,
    page: &ListPage,
    after: Option<CaseId>,
    limit: usize,
) -> Result<Vec<CaseId>, ApiError> {
    let filter = &page.filter;
    let (ledger, pool) = (service.ledger(), &service.instance().projector);
    let units = ledger.units_of(caller).await?;
    let as_staff = projections::case_list::candidates(
        pool,
        &caller.tenant,
        caller.account,
        &units,
        filter,
        after,
        u32::try_from(limit).unwrap_or(u32::MAX),
    )
    .await
    .map_err(|error| ApiError::Lists(error.into()))?;
    let mut as_family = ledger.family_cases(caller).await?;
    if !filter.is_everything() {
        as_family = projections::case_list::matching(pool, &caller.tenant, &as_family, filter)
            .await
            .map_err(|error| ApiError::Lists(error.into()))?;
    }
    let later = as_family
        .into_iter()
        .filter(|case| after.is_none_or(|after| *case > after));
    let all: BTreeSet<CaseId> = as_staff.into_iter().chain(later).collect();
    Ok(all.into_iter().take(limit).collect())
}
