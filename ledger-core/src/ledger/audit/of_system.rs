//! Going through every case of a system: in the order of their ids, so many at a time, and by the events alone.

use crate::{
    case::Case,
    ids::{CaseId, ProfileId, TenantId},
    ledger::{
        Ledger, LedgerError,
        states::{Freshness, Versioned},
    },
};

/// How many cases are looked through at a time, at most.
const CASES_MAX: usize = 1_000;

/// Those of the cases that were looked through which a question concerns.
pub(super) struct Concerned {
    pub(super) cases: Vec<CaseId>,
    /// Where to go on, if there may be more.
    pub(super) more: Option<CaseId>,
}

impl Ledger {
    /// Looks through `limit` cases from `after` on for those of a system which a question concerns. Whether it may be asked
    /// must have been decided before.
    pub(super) async fn cases_of_system(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        (after, limit): (Option<CaseId>, Option<usize>),
        concerns: impl Fn(&Versioned<Case>) -> bool,
    ) -> Result<Concerned, LedgerError> {
        let limit = limit.unwrap_or(CASES_MAX).clamp(1, CASES_MAX);
        let cases = self.parts.store.cases(tenant, after, limit).await?;
        let more = cases.last().copied().filter(|_| cases.len() == limit);
        let mut concerned = Vec::new();
        for id in cases {
            let case = self.case(tenant, id, Freshness::ReadAgain);
            let case = self.in_passing(tenant, id, case).await?;
            let opened = case.state.opened.as_ref();
            if opened.is_some_and(|opened| opened.profile == *profile) && concerns(&case) {
                concerned.push(id);
            }
        }
        Ok(Concerned {
            cases: concerned,
            more,
        })
    }
}
