//! Packages that carry a case out of the ledger, one format a module.

pub mod answer;
pub mod bundle;
