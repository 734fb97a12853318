//! A question about every case of a system: they are gone through in the order of their ids, so many at a time, by the
//! events alone.

use super::{Answered, answer::Question, in_order};
use crate::{
    access::Action,
    case::Case,
    ids::{CaseId, Position, ProfileId},
    ledger::{
        Caller, Ledger, LedgerError, Occasion,
        states::{Freshness, Versioned},
    },
};

/// How many cases are looked through at a time, at most.
const CASES_MAX: usize = 1_000;

/// What was answered about one case, where the same can be asked about all cases of a system.
pub trait OfCase {
    /// The event that the answer left in the case.
    fn answer(&self) -> &Answered;

    /// The events that the answer rests on.
    fn cited(&self) -> Vec<Position>;
}

/// What was answered about some cases of a system.
pub struct OfSystem<T> {
    /// Those of which there is something to tell.
    pub cases: Vec<T>,
    /// Where to go on, if there may be more.
    pub more: Option<CaseId>,
    /// The event that this answer left, beside one in each of these cases.
    pub answer: Answered,
}

impl<T: OfCase> OfSystem<T> {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(self.cases.iter().flat_map(OfCase::cited))
    }
}

impl Ledger {
    /// Decides whether the action may be asked about a system, then looks through `limit` cases from `after` on and asks
    /// about those of the system which the question concerns. Each is read once, and none is kept in memory for it.
    pub(super) async fn over_system<T, F>(
        &self,
        caller: &Caller,
        (action, profile): (Action, &ProfileId),
        (after, limit): (Option<CaseId>, Option<usize>),
        occasion: &Occasion,
        concerns: impl Fn(&Versioned<Case>) -> bool,
        ask: impl Fn(CaseId) -> F,
    ) -> Result<OfSystem<T>, LedgerError>
    where
        F: Future<Output = Result<T, LedgerError>>,
    {
        let tenant = &caller.tenant;
        let question = Question::of(action);
        let (answer, _) = self
            .answer_over_cases(caller, profile, question, occasion)
            .await?;
        let limit = limit.unwrap_or(CASES_MAX).clamp(1, CASES_MAX);
        let cases = self.parts.store.cases(tenant, after, limit).await?;
        let more = cases.last().copied().filter(|_| cases.len() == limit);
        let mut told = Vec::new();
        for id in cases {
            let one = async {
                let case = self.case(tenant, id, Freshness::ReadAgain).await?;
                let opened = case.state.opened.as_ref();
                if opened.is_some_and(|opened| opened.profile == *profile) && concerns(&case) {
                    ask(id).await.map(Some)
                } else {
                    Ok(None)
                }
            };
            told.extend(self.in_passing(tenant, id, one).await?);
        }
        Ok(OfSystem {
            cases: told,
            more,
            answer,
        })
    }
}
