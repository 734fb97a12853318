//! Tests over a real Postgres: one binary, because each one more costs a link of the whole program. One subject a file.

mod api;
mod bundle;
mod cli;
mod embedded_postgres;
mod projections;
mod restore;
mod support;
mod withdrawal;
