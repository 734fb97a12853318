//! The ledger in memory, from its one door: small stories of one municipality. One subject a file.

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
