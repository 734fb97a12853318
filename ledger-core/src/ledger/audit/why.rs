//! Why something was done or shown: the policies with the sentences that asked for them, and the events they rested on.

use std::sync::Arc;

use super::{Answered, answer::Question, in_order};
use crate::{
    access::{Action, RuleBook},
    ids::{CaseId, Code, Position, ProfileId, TenantId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion, states::Freshness},
    store::Recorded,
};

/// Why something was done or shown.
pub struct Explanation {
    /// The event that was asked about.
    pub event: Recorded,
    /// Its policies with the requirement that each rests on, where the rule book of its time can be read.
    pub policies: Vec<(Code, Option<String>)>,
    /// The events that the decision cited.
    pub cited: Vec<Recorded>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Explanation {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        let cited = self.cited.iter().map(|event| event.position);
        in_order(cited.chain([self.event.position]))
    }
}

impl Ledger {
    /// Why an event of the case, or of its views, was allowed.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where the position holds no event of this case.
    pub async fn why(
        &self,
        caller: &Caller,
        case_id: CaseId,
        position: Position,
        occasion: &Occasion,
    ) -> Result<Explanation, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            as_of: AsOf::Position(position),
            ..Question::of(Action::AuditWhy)
        };
        let answer = match self.answer(caller, case_id, question, occasion).await {
            // Whether a position is reached is no secret, but here it asks for an event that is not there.
            Err(LedgerError::Rejected(_)) => return Err(LedgerError::NotFound),
            answer => answer?,
        };
        let mut found = self.decoded_at(tenant, &[position]).await?;
        let event = found
            .pop()
            .filter(|event| event.envelope.case == Some(case_id))
            .ok_or(LedgerError::NotFound)?;
        let Some(basis) = event.envelope.basis.clone() else {
            return Ok(Explanation {
                event,
                policies: Vec::new(),
                cited: Vec::new(),
                answer,
            });
        };
        let rule_book = self.rule_book_at(tenant, &basis.profile, position).await?;
        let requirement = |id: &Code| {
            let mut policies = rule_book.iter().flat_map(|book| book.policies());
            policies
                .find(|policy| policy.id == *id)
                .map(|policy| policy.requirement.to_string())
        };
        let policies = basis
            .policies
            .iter()
            .map(|id| (id.clone(), requirement(id)))
            .collect();
        let cited = self.decoded_at(tenant, &basis.cited).await?;
        Ok(Explanation {
            event,
            policies,
            cited,
            answer,
        })
    }

    /// The rule book that was in force.
    async fn rule_book_at(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        position: Position,
    ) -> Result<Option<Arc<RuleBook>>, LedgerError> {
        let adopted = self.profile(tenant, profile, Freshness::ReadAgain).await?;
        let mut adoptions = adopted.events.iter().rev();
        match adoptions.find(|adoption| adoption.position <= position) {
            None => Ok(None),
            Some(adoption) => self.adopted_book(tenant, adoption).await,
        }
    }

    pub(in crate::ledger) async fn decoded_at(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<Recorded>, LedgerError> {
        let stored = self.parts.store.read_at(tenant, positions).await?;
        stored
            .iter()
            .map(|stored| stored.decode().map_err(LedgerError::from))
            .collect()
    }
}
