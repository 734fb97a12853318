//! The case ledger as a service and a command line.

pub mod api;
pub mod auth;
pub mod config;
pub mod embedded_postgres;
pub mod instance;
pub mod logging;
pub mod metrics;
