//! How our Postgres is set. Given on the command line, so that a file edited by hand cannot weaken it.

use super::Durability;

/// Nothing that a statement carries may reach the server's log: bound parameters, statement text, or the rows and
/// keys that error details quote. Only the service's own log may speak, and that never holds content.
const SILENCE: &[(&str, &str)] = &[
    ("log_statement", "none"),
    ("log_duration", "off"),
    ("log_min_duration_statement", "-1"),
    ("log_min_duration_sample", "-1"),
    ("log_transaction_sample_rate", "0"),
    ("log_parameter_max_length", "0"),
    ("log_parameter_max_length_on_error", "0"),
    // "invalid input syntax: …" quotes its input, so errors stay out; start-up, crashes and shutdown are kept.
    ("log_min_messages", "log"),
    ("log_min_error_statement", "panic"),
    // No DETAIL, HINT, QUERY or CONTEXT: they quote rows, and after a crash the statement that ran.
    ("log_error_verbosity", "terse"),
    ("log_lock_waits", "off"),
    ("log_temp_files", "-1"),
    ("log_checkpoints", "off"),
    ("log_autovacuum_min_duration", "-1"),
    ("log_replication_commands", "off"),
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
    // The least that is allowed; statement text is also shown to other sessions of the same role.
    ("track_activity_query_size", "100"),
];

/// No network, one socket in a private folder, and enough in the WAL for a physical backup.
const COMMON: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("max_connections", "100"),
    ("wal_level", "replica"),
    ("max_wal_senders", "4"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
];

/// For data that nobody misses.
const THROWAWAY: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("shared_buffers", "64MB"),
];

const DURABLE: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
];

/// Every setting as `name=value`, for `postgres -c`.
pub(super) fn arguments(durability: Durability) -> impl Iterator<Item = String> {
    let last = match durability {
        Durability::Durable => DURABLE,
        Durability::Throwaway => THROWAWAY,
    };
    [COMMON, SILENCE, last]
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={value}"))
}
