//! The ledger in memory, from its one door: small stories of one municipality. One subject a file.
#![allow(clippy::unused_self, reason = "the story reads as what its people do")]

mod audit;
mod changed_for;
mod consent;
mod directory;
mod documents;
mod emergencies;
mod ending;
mod hindsight;
mod log_export;
mod past;
mod proofs;
mod refusals;
mod repetition;
mod sections;
mod story;
mod tenants;
mod two_servers;
mod unusual;
mod watching;
mod who_saw;

#[path = "../support/clock.rs"]
mod clock;
