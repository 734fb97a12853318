//! The ledger in memory, from its one door: small stories of one municipality. One subject a file.
#![allow(clippy::unused_self, reason = "the story reads as what its people do")]

mod audit;
mod consent;
mod directory;
mod documents;
mod ending;
mod proofs;
mod refusals;
mod repetition;
mod story;

#[path = "../support/clock.rs"]
mod clock;
