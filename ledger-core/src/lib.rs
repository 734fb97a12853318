//! The case ledger and its domain. The modules stand in reading order.
//!
//! Without its features this crate has no database driver, no async runtime, no clock and no environment:
//! what it decides depends on its arguments alone.

pub mod clock;
pub mod ids;

pub mod event;
pub mod events;

pub mod case;
pub mod command;
pub mod directory;

pub mod access;
pub mod profile;
pub mod standing;

pub mod notices;

pub mod log;
pub mod sealing;
pub mod store;

pub mod ledger;
