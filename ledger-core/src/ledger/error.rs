//! Why the ledger did not do what was asked.

use crate::{
    access::{Action, Decision},
    command::Rejection,
    ids::{Position, ProfileId},
    log::{HeadError, TreeError},
    profile::{Requirement, RuleBookError},
    sealing::KeyringError,
    store::{AppendError, ReadError},
};

/// The rules said no to somebody who may know that the case is there.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// What was asked.
    pub action: Action,
    /// The decision.
    pub decision: Decision,
}

impl Refusal {
    /// Of a decision that said no: the audit trail cites it as the reason.
    pub(super) fn of(action: Action, decision: Decision) -> Self {
        debug_assert!(
            !decision.is_allowed(),
            "what was allowed is no reason to refuse {action}"
        );
        Self { action, decision }
    }

    /// The requirement that it rests on.
    pub fn requirement(&self) -> Option<&Requirement> {
        self.decision.requirement.as_ref()
    }
}

/// Why the ledger did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It is not there, or the asker may not know that it is.
    #[error("there is nothing here under this id")]
    NotFound,
    /// The rules say no.
    #[error("the rules of this system do not allow {} here", .0.action)]
    Refused(Box<Refusal>),
    /// What was asked cannot be so.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The case has moved on since the caller saw it.
    #[error("the case is at version {actual}, not {expected}; read it again")]
    VersionDiffers {
        /// What the caller had seen.
        expected: u64,
        /// What is there.
        actual: u64,
    },
    /// Others were faster, again and again.
    #[error("too many others are changing the same thing at this moment; try again")]
    TooBusy,
    /// The store did not append.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The store did not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The key store did not do its part.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// No rule book was adopted.
    #[error("no rule book {0} has been adopted; adopt it first")]
    NoProfile(ProfileId),
    /// A stored rule book can no longer be used.
    #[error("the rule book adopted at position {position} cannot be read")]
    Profile {
        /// Where it was adopted.
        position: Position,
        /// What is wrong with it.
        source: RuleBookError,
    },
    /// Content is there but cannot be opened or read.
    #[error(
        "the content of position {0} cannot be opened, though its key exists; run `caseledger verify`"
    )]
    ContentUnreadable(Position),
    /// A document's body is not as it was committed to.
    #[error("the document's body cannot be read: {0}")]
    Document(#[from] crate::sealing::ChunkError),
    /// The store lacks hashes that a proof needs.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// A signed head cannot be read or made.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// What is kept as origin or key cannot be read.
    #[error("{what} in the key store cannot be used")]
    KeyStoreContent {
        /// What cannot be used.
        what: &'static str,
    },
    /// The database was restored from a backup.
    #[error(
        "the database holds {found} events, but {published} were published: it was restored from an older backup; run `caseledger recover`"
    )]
    Restored {
        /// How many there are.
        found: u64,
        /// How many were published.
        published: u64,
    },
}
