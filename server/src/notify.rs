//! Messages that something new is waiting (X6): read from the ledger once, kept in an outbox, delivered at least once.
//!
//! | file | |
//! |---|---|
//! | `subscriber` | the background task: one of several servers does it at a time |
//! | `plan` | from events and days to deliveries |
//! | `outbox` | the tables: how far was read, what is to be delivered |
//! | `email`, `webhook` | the two ways |
//! | `target` | which addresses a webhook may have |
//! | `backoff` | when it is tried again |
//!
//! **Invariant: a message says that something waits, and nothing of what or about whom.**
//! **Invariant: nobody is told of a case that they may not see when the message leaves.**

mod backoff;
mod email;
pub(crate) mod outbox;
mod plan;
mod subscriber;
pub(crate) mod target;
pub(crate) mod webhook;

pub(crate) use subscriber::{Subscriber, holder};

/// Why messages could not be planned or delivered now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotifyError {
    /// The outbox.
    #[error("the outbox cannot be reached")]
    Outbox(#[from] sqlx::Error),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ledger_core::ledger::LedgerError),
    /// Reading the events.
    #[error(transparent)]
    Events(#[from] ledger_core::store::ReadError),
    /// The read model of what is due.
    #[error(transparent)]
    Due(#[from] projections::ProjectionError),
    /// A row that this program did not write.
    #[error("a row of the outbox cannot be read: {0}")]
    Row(#[from] ledger_core::ids::InvalidId),
}
