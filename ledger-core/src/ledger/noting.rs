//! Deciding whether something of one case may be given out, and appending that it is: the way of every answer and every
//! package. Nothing is read for it before.

use super::{
    Caller, Ledger, LedgerError, Occasion, Refusal,
    execute::{ATTEMPTS_MAX, Proposal},
    situation::Situation,
    states::Freshness,
};
use crate::{
    access::Action,
    case::Case,
    command::Decided,
    events::Event,
    ids::{CaseId, Position, StreamId},
    standing::Asked,
    store::Appended,
};

/// Something that is given out of a case.
pub(super) trait GivenOut: Sync {
    /// As what it is decided.
    fn action(&self, case: &Case) -> Action;

    /// What its event says. `cut` is the last position of the ledger when it was decided, where that is asked for.
    fn facts(&self, case: &Case, cut: Position) -> Event;

    /// Whether the event names a cut.
    fn has_cut(&self) -> bool;
}

/// What became of asking.
pub(super) enum Noted<'a> {
    /// It may be given out; its event.
    Done(Box<Situation<'a>>, Appended),
    /// It may not. Nothing was recorded yet.
    Refused(Box<Situation<'a>>, Refusal),
}

impl Ledger {
    /// Decides, and appends the event of what is given out.
    pub(super) async fn note<'a>(
        &self,
        caller: &'a Caller,
        case: CaseId,
        given: &impl GivenOut,
        occasion: &Occasion,
    ) -> Result<Noted<'a>, LedgerError> {
        let mut now = self.now();
        let mut freshness = Freshness::FromMemory;
        for _ in 0..ATTEMPTS_MAX {
            let situation = match self.situation(caller, case, None, freshness).await {
                Err(LedgerError::NotFound) if freshness.read_again() => continue,
                situation => situation?,
            };
            let action = given.action(&situation.case.state);
            let decision = situation.decide(action, &Asked::default(), now);
            if !decision.is_allowed() {
                // Nobody is told no from memory.
                if freshness.read_again() {
                    continue;
                }
                let refusal = Refusal::of(action, decision);
                return Ok(Noted::Refused(Box::new(situation), refusal));
            }
            let cut = if given.has_cut() {
                let size = self.parts.store.tip(&caller.tenant).await?.frontier.size();
                Position(size.saturating_sub(1))
            } else {
                Position(0)
            };
            let facts = given.facts(&situation.case.state, cut);
            let decided = [Decided::bare(StreamId::Views(case), facts)];
            let proposal = Proposal {
                actor: situation.actor(now),
                basis: Some(situation.basis(&[&decision])),
                expected: situation.expected(),
                holds: decision.holds,
                decided: &decided,
                idempotency: None,
            };
            match self.append(caller, Some(case), occasion, proposal).await {
                Ok((event, _)) => return Ok(Noted::Done(Box::new(situation), event)),
                Err(error) => now = self.again(error, &mut freshness)?,
            }
        }
        Err(LedgerError::TooBusy)
    }

    /// The same, for somebody who is told, and recorded, when it is refused.
    pub(super) async fn note_or_refuse<'a>(
        &self,
        caller: &'a Caller,
        case: CaseId,
        given: &impl GivenOut,
        occasion: &Occasion,
    ) -> Result<(Box<Situation<'a>>, Appended), LedgerError> {
        match self.note(caller, case, given, occasion).await? {
            Noted::Done(situation, event) => Ok((situation, event)),
            Noted::Refused(situation, refusal) => {
                let now = self.now();
                Err(self.refuse(&situation, occasion, now, refusal).await)
            }
        }
    }
}
