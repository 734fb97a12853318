//! Why a read model could not be brought up to date, or could not answer.

use ledger_core::{
    events::DecodeError,
    ids::{InvalidId, Position},
    store::ReadError,
};

/// A read model could not be brought up to date, or could not answer.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database refused or was not there. What was begun is rolled back.
    #[error("the read models' database did not do what it was asked; nothing was changed")]
    Database(#[from] sqlx::Error),
    /// The events could not be read.
    #[error(transparent)]
    Events(#[from] ReadError),
    /// An event was written by a later version of this program. No event is ever skipped, so the read model stops.
    #[error(
        "read model {projection} stops at position {position}, because this program is older than the ledger; update it"
    )]
    NewerEvent {
        /// Which read model.
        projection: &'static str,
        /// Where it stopped.
        position: Position,
        /// What is not known.
        source: DecodeError,
    },
    /// The ledger gave events that do not follow one another.
    #[error(
        "read model {projection} expected position {expected} and was given {found}; run `caseledger verify`"
    )]
    Gap {
        /// Which read model.
        projection: &'static str,
        /// What should have come.
        expected: Position,
        /// What came.
        found: Position,
    },
    /// The rows were made by a later version of this program.
    #[error(
        "read model {projection} was made by version {stored} of its code, this program has {known}; update the program, or run `caseledger rebuild {projection}` to stay with this one"
    )]
    NewerReadModel {
        /// Which read model.
        projection: &'static str,
        /// The version that made the rows.
        stored: i32,
        /// The version of this program.
        known: i32,
    },
    /// Another rebuild has begun, and this one was given up.
    #[error("the rebuild of read model {projection} was given up, because another one has begun")]
    Superseded {
        /// Which read model.
        projection: &'static str,
    },
    /// There is no read model of that name.
    #[error("there is no read model {given}; there are {known}")]
    UnknownProjection {
        /// What was asked for.
        given: String,
        /// All names, separated by commas.
        known: String,
    },
    /// A row holds what this program would never write.
    #[error(
        "a row of read model {projection} cannot be read; run `caseledger rebuild {projection}`"
    )]
    Row {
        /// Which read model.
        projection: &'static str,
        /// What the parser found.
        source: InvalidId,
    },
}

impl ProjectionError {
    /// Whether it would end the same way however often it is tried.
    pub const fn needs_newer_program(&self) -> bool {
        matches!(self, Self::NewerEvent { .. })
    }
}
