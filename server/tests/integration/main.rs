//! Tests over a real Postgres: one binary, because each one more costs a link of the whole program. One subject a file.
#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    reason = "the help that tests share is test code too"
)]

mod api;
mod bundle;
mod canary;
mod cli;
mod crash;
mod embedded_postgres;
mod importing;
mod notify;
mod projections;
mod restore;
mod same_answers;
mod scenario;
mod sign_in;
mod store;
mod support;
mod watching;
mod withdrawal;
