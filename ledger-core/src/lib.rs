//! The case ledger and its domain. The modules stand in reading order.
//!
//! Without its features this crate has no database driver, no async runtime, no clock and no environment:
//! what it decides depends on its arguments alone.

pub mod clock;
pub mod ids;
pub mod sealing;
