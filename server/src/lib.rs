//! The service.

pub mod config;
pub mod embedded_postgres;
