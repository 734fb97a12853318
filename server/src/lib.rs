//! The case ledger as a service and a command line.

pub mod config;
pub mod embedded_postgres;
pub mod export;
pub mod instance;
pub mod metrics;
