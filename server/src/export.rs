//! What leaves the ledger: a case as a package that proves itself, the log of cases in the formats of the field.

pub mod answer;
pub mod bundle;
pub mod log;
