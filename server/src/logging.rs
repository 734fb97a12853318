//! The service's own log: lines for people or JSON for machines, on standard error.
//!
//! **Invariant: nothing that a case holds is logged.** Requests are named by their matched route, never by path, query
//! or body; people by nothing at all.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Begins to log. Does nothing if something in this process logs already, as in tests.
pub fn init(config: &Config) {
    let filter = EnvFilter::new(config.log_level.as_str());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let begun = match config.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    drop(begun);
}
