//! Asking about the past, on two axes: what the ledger **knew** (by position or by the time of recording) and what was
//! **true** (by the time of happening, or of recording where nothing else is said).
//!
//! **Invariant: who may see is decided by the rules and the state of now.** Asking about the past gives nobody more
//! than the present does: a consent that was withdrawn stays withdrawn, and what was destroyed is gone from every
//! moment. Only the audit asks who could have seen (`ledger/audit.rs`), and it shows no content.

use std::sync::Arc;

use super::{Ledger, LedgerError, states::Versioned};
use crate::{
    case::Case,
    clock::Timestamp,
    command::{Rejection, RejectionCode},
    events::{Event, PastMoment},
    ids::{Position, TenantId},
    store::Recorded,
};

/// As of when the ledger's knowledge is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// Now.
    Now,
    /// When this was the last event of the ledger.
    Position(Position),
    /// At this moment, by what the ledger knew then.
    Time(Timestamp),
}

impl AsOf {
    /// Whether an event had been recorded by then.
    pub(super) fn includes(self, recorded: &Recorded) -> bool {
        match self {
            Self::Now => true,
            Self::Position(position) => recorded.position <= position,
            Self::Time(at) => recorded.envelope.recorded_at <= at,
        }
    }
}

/// A moment of a case, on both axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What the ledger knew by then.
    pub known: AsOf,
    /// What had happened by then; nothing for all that was known. May lie in the future: a consent that is known today
    /// may end next year.
    pub valid_at: Option<Timestamp>,
}

impl Moment {
    /// The present.
    pub const NOW: Self = Self {
        known: AsOf::Now,
        valid_at: None,
    };

    /// Whether it is the present.
    pub fn is_now(&self) -> bool {
        *self == Self::NOW
    }

    /// How a view says that it showed the past; nothing for the present.
    pub fn facts(&self) -> Option<PastMoment> {
        let (at_position, at_time) = match self.known {
            AsOf::Now => (None, None),
            AsOf::Position(position) => (Some(position), None),
            AsOf::Time(at) => (None, Some(at)),
        };
        (!self.is_now()).then_some(PastMoment {
            at_position,
            at_time,
            valid_at: self.valid_at,
        })
    }

    pub(super) fn includes(&self, recorded: &Recorded) -> bool {
        let envelope = &recorded.envelope;
        let happened_at = envelope.occurred_at.unwrap_or(envelope.recorded_at);
        self.known.includes(recorded) && self.valid_at.is_none_or(|at| happened_at <= at)
    }
}

impl Ledger {
    /// Refuses a position or a moment that the ledger has not reached. Both say nothing of any case: how long the
    /// ledger is stands in its signed head, open to everyone.
    ///
    /// # Errors
    /// [`LedgerError::Rejected`] for the future.
    pub async fn check_reached(&self, tenant: &TenantId, as_of: AsOf) -> Result<(), LedgerError> {
        let future = match as_of {
            AsOf::Now => None,
            AsOf::Position(position) => {
                let size = self.parts.store.tip(tenant).await?.frontier.size();
                (position.0 >= size).then(|| {
                    format!(
                        "position {position} lies in the future: the ledger holds {size} events"
                    )
                })
            }
            AsOf::Time(at) => {
                let recorded_at = self.parts.store.tip(tenant).await?.recorded_at;
                // The database's clock, which dates events, may be a little ahead of this server's.
                (at > self.now().max(recorded_at)).then(|| {
                    format!("{at} lies in the future; what the ledger will know is not known")
                })
            }
        };
        match future {
            None => Ok(()),
            Some(message) => Err(Rejection::new(RejectionCode::Invalid, message).into()),
        }
    }

    /// When that was, by the ledger's own dates; nothing for now.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] for a position that the ledger has not reached.
    pub(super) async fn time_of(
        &self,
        tenant: &TenantId,
        as_of: AsOf,
    ) -> Result<Option<Timestamp>, LedgerError> {
        match as_of {
            AsOf::Now => Ok(None),
            AsOf::Time(at) => Ok(Some(at)),
            AsOf::Position(position) => {
                let event = self.decoded_at(tenant, &[position]).await?.pop();
                let event = event.ok_or(LedgerError::NotFound)?;
                Ok(Some(event.envelope.recorded_at))
            }
        }
    }
}

/// A case as it was at a moment. Events are taken in the order in which they were recorded, so that of two that
/// contradict each other the later word counts, as it does now. What was destroyed since is destroyed there too.
pub(super) fn case_as_of(now: &Versioned<Case>, moment: Moment) -> Versioned<Case> {
    let mut past: Versioned<Case> = Versioned::default();
    for recorded in now
        .events
        .iter()
        .filter(|recorded| moment.includes(recorded))
    {
        let family = match &recorded.event {
            Event::PartyAdded(facts) => now.state.parties.get(&facts.party),
            _ => None,
        };
        let family = family.and_then(|party| party.family);
        past.take(recorded, |case| case.evolve(recorded, family));
        past.events.push(Arc::clone(recorded));
    }
    past.state.redacted.clone_from(&now.state.redacted);
    for (id, document) in &mut past.state.documents {
        let known = now.state.documents.get(id);
        document.redacted = known.is_none_or(|document| document.redacted);
    }
    past
}
