//! Event logs in XES (IEEE 1849-2023), read piece by piece.
//!
//! What a stranger's file may do is limited: it has no document type declaration and so no entities of its own, and how
//! deep, how long and how many things in it may be is bounded. What exceeds that ends the reading, with its line. What
//! is only wrong is left out and told.

mod error;
mod input;
mod reader;
mod tags;
mod values;

pub use self::{
    error::{Limit, XesError, XesProblem},
    reader::{LogReader, Piece, ReadCase, ReadEntry},
    values::{moment, moment_in},
};
