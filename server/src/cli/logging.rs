//! The program's own log, on standard error. It names ids and codes, never content.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Begins to write the log as the configuration says.
pub(super) fn init(config: &Config) {
    start(config.log_level.as_str(), config.log_format);
}

/// For commands that end by themselves: what they have to say they print; the log only warns, unless the
/// configuration asks for something else than its default.
pub(super) fn init_quiet(config: &Config) {
    let level = match config.log_level.as_str() {
        "info" => "warn",
        level => level,
    };
    start(level, config.log_format);
}

/// For commands that need no configuration.
pub(super) fn init_warnings() {
    start("warn", LogFormat::Text);
}

fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // It fails only where a log was begun before, which then stays.
    let _ = match format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.try_init(),
    };
}
