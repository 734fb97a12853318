//! Refusals are events too, but nobody may fill an eternal log with them: the first of a kind is written at once,
//! those that follow within a minute are counted and written together.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{
    Caller, Ledger, LedgerError, Occasion, Refusal, execute::Proposal, situation::Situation,
};
use crate::{
    access::Action,
    clock::{Span, Timestamp},
    command::Decided,
    event::{Actor, Basis, CorrelationId},
    events::AccessRefused,
    ids::{AccountId, CaseId, StreamId, TenantId},
};

/// How many kinds of refusal are remembered; beyond it the oldest are written out.
const KINDS_MAX: usize = 10_000;

type Kind = (TenantId, AccountId, CaseId, Action);

struct Gathered {
    caller: Caller,
    actor: Actor,
    /// What the first of them rested on.
    basis: Basis,
    since: Timestamp,
    count: u64,
}

/// A refusal as it is written.
struct Written {
    actor: Actor,
    basis: Basis,
    action: Action,
    count: u64,
}

#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<Kind, Gathered>>);

impl Ledger {
    /// Notes a refusal and gives the error for the caller, who learns only what they may know.
    pub(super) async fn refuse(
        &self,
        situation: &Situation<'_>,
        occasion: &Occasion,
        now: Timestamp,
        refusal: Refusal,
    ) -> LedgerError {
        self.parts.observer.refused(refusal.action);
        let written = Written {
            actor: situation.actor(now),
            basis: situation.basis(&[&refusal.decision]),
            action: refusal.action,
            count: 1,
        };
        if situation.case.state.opened.is_some()
            && self.is_first(situation, &written, now)
            && let Err(error) = self
                .append_refusal(situation.caller(), situation.case_id, written, occasion)
                .await
        {
            return error;
        }
        if situation.may_know(now) {
            return LedgerError::Refused(Box::new(refusal));
        }
        // Whoever may not begin a case is told why: there is nothing yet to be hidden. Where there is, they are told
        // what they would be told if there were not.
        match refusal.action {
            Action::ClearOpening | Action::OpenCase => {
                LedgerError::Refused(Box::new(situation.as_if_never_opened(refusal, now)))
            }
            _ => LedgerError::NotFound,
        }
    }

    /// Whether this refusal begins a new count, and so is written at once.
    fn is_first(&self, situation: &Situation<'_>, written: &Written, now: Timestamp) -> bool {
        let caller = situation.caller();
        let kind = (
            caller.tenant.clone(),
            caller.account,
            situation.case_id,
            written.action,
        );
        let mut gathered = self
            .refusals
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = gathered.get_mut(&kind) {
            known.count += 1;
            return false;
        }
        if gathered.len() < KINDS_MAX {
            let begun = Gathered {
                caller: caller.clone(),
                actor: written.actor.clone(),
                basis: written.basis.clone(),
                since: now,
                count: 0,
            };
            gathered.insert(kind, begun);
        }
        true
    }

    /// Writes what was gathered for longer than the settings say; everything, if `all`. Called by the service now
    /// and then, and before it stops.
    pub async fn write_refusals(&self, all: bool) -> Result<(), LedgerError> {
        let due = {
            let before = self.now() - self.parts.settings.gather_refusals;
            let mut gathered = self
                .refusals
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            gathered
                .extract_if(|_, known| all || known.since <= before)
                .collect::<Vec<_>>()
        };
        for ((_, _, case, action), known) in due {
            if known.count > 0 {
                let occasion = Occasion::new(CorrelationId::generate(self.entropy()));
                let Gathered {
                    caller,
                    actor,
                    basis,
                    count,
                    ..
                } = known;
                let written = Written {
                    actor,
                    basis,
                    action,
                    count,
                };
                self.append_refusal(&caller, case, written, &occasion)
                    .await?;
            }
        }
        Ok(())
    }

    async fn append_refusal(
        &self,
        caller: &Caller,
        case: CaseId,
        written: Written,
        occasion: &Occasion,
    ) -> Result<(), LedgerError> {
        let Written {
            actor,
            basis,
            action,
            count,
        } = written;
        let action = action.code().parse().expect("an action's code is a code");
        let decided = [Decided::bare(
            StreamId::Views(case),
            AccessRefused { action, count },
        )];
        let proposal = Proposal {
            actor,
            basis: Some(basis),
            expected: Vec::new(),
            holds: Span::ALWAYS,
            decided: &decided,
            idempotency: None,
        };
        self.append(caller, Some(case), occasion, proposal)
            .await
            .map(drop)
    }
}
