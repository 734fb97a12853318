//! The case ledger as a service and a command line.

pub mod api;
pub mod auth;
pub mod cli;
pub mod config;
pub mod demo;
pub mod embedded_postgres;
pub mod export;
pub mod import;
pub mod instance;
pub mod logging;
pub mod mail;
pub mod metrics;
mod monitor;
mod notify;
pub mod transmission;
pub mod whole_file;
pub mod words;
