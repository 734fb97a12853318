//! From an error to the words that a person reads and the exit code that a script reads.

use ledger_core::{
    ledger::LedgerError,
    sealing::KeyringError,
    store::{AppendError, ReadError},
};
use serde_json::json;

use super::Exit;
use crate::{config::ConfigError, embedded_postgres::EmbeddedPostgresError, monitor::MonitorError};

/// A failure whose exit code the command itself knows.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    /// It may not be done here.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Refused,
            message: message.into(),
        }
    }

    /// Something is not what was recorded.
    pub(crate) fn not_whole(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::NotWhole,
            message: message.into(),
        }
    }
}

/// Tells the error on standard error and gives the exit code.
pub(super) fn report(error: &anyhow::Error, json: bool) -> Exit {
    if is_broken_pipe(error) {
        // Whoever read our output has read enough.
        return Exit::Done;
    }
    let exit = exit_of(error);
    let message = message_of(error);
    if json {
        let requirement = refusal_of(error).and_then(|refusal| refusal.requirement());
        let shape = json!({
            "error": { "kind": exit, "exitCode": exit.code(), "message": message, "requirement": requirement }
        });
        eprintln!("{shape}");
    } else {
        eprintln!("caseledger: {message}");
    }
    exit
}

/// The exit code: of the first cause that has one.
pub(crate) fn exit_of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(known).unwrap_or(Exit::Failed)
}

fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.exit);
    }
    if cause.is::<ConfigError>() {
        return Some(Exit::Usage);
    }
    if let Some(error) = cause.downcast_ref::<LedgerError>() {
        return Some(of_ledger(error));
    }
    if let Some(error) = cause.downcast_ref::<KeyringError>() {
        return Some(of_keyring(error));
    }
    if let Some(error) = cause.downcast_ref::<AppendError>() {
        return Some(of_append(error));
    }
    if let Some(error) = cause.downcast_ref::<ReadError>() {
        return Some(of_read(error));
    }
    if let Some(error) = cause.downcast_ref::<MonitorError>() {
        return Some(of_monitor(error));
    }
    let of_database = cause.is::<EmbeddedPostgresError>()
        || cause.is::<sqlx::Error>()
        || cause.is::<sqlx::migrate::MigrateError>();
    of_database.then_some(Exit::Unavailable)
}

fn of_ledger(error: &LedgerError) -> Exit {
    match error {
        LedgerError::NotFound
        | LedgerError::Refused(_)
        | LedgerError::Rejected(_)
        | LedgerError::VersionDiffers { .. }
        | LedgerError::NoProfile(_) => Exit::Refused,
        LedgerError::TooBusy | LedgerError::Profile { .. } => Exit::Failed,
        LedgerError::Append(error) => of_append(error),
        LedgerError::Read(error) => of_read(error),
        LedgerError::Keyring(error) => of_keyring(error),
        LedgerError::ContentUnreadable(_)
        | LedgerError::Document(_)
        | LedgerError::Tree(_)
        | LedgerError::Head(_) => Exit::NotWhole,
        LedgerError::KeyStoreContent { .. } => Exit::Unavailable,
        LedgerError::Restored { .. } => Exit::Restored,
    }
}

fn of_append(error: &AppendError) -> Exit {
    match error {
        AppendError::WentBack { .. } => Exit::Restored,
        AppendError::Unavailable
        | AppendError::OutcomeUnknown
        | AppendError::ClockJumped { .. }
        | AppendError::UnknownTenant(_) => Exit::Unavailable,
        AppendError::OccursInFuture { .. } | AppendError::TooLarge { .. } => Exit::Refused,
        AppendError::Conflict { .. }
        | AppendError::NoLongerHolds { .. }
        | AppendError::Repeated { .. }
        | AppendError::KeyReused => Exit::Failed,
    }
}

fn of_read(error: &ReadError) -> Exit {
    match error {
        ReadError::Unavailable(_) | ReadError::UnknownTenant(_) => Exit::Unavailable,
        ReadError::Envelope { .. } | ReadError::Facts { .. } => Exit::NotWhole,
    }
}

fn of_keyring(error: &KeyringError) -> Exit {
    match error {
        KeyringError::BelowPublished { .. } => Exit::Restored,
        KeyringError::OriginDiffers { .. } | KeyringError::OriginUsedBefore { .. } => Exit::Usage,
        KeyringError::Destroyed(_) => Exit::Refused,
        _ => Exit::Unavailable,
    }
}

fn of_monitor(error: &MonitorError) -> Exit {
    match error {
        MonitorError::Unreachable { .. } | MonitorError::NoLog { .. } => Exit::Unavailable,
        MonitorError::NoHead { .. } | MonitorError::NotWhole { .. } => Exit::NotWhole,
        MonitorError::BadSignature { .. }
        | MonitorError::UnknownKey { .. }
        | MonitorError::OtherLog { .. } => Exit::NotSigned,
        MonitorError::Memory { .. } => Exit::Usage,
    }
}

fn refusal_of(error: &anyhow::Error) -> Option<&ledger_core::ledger::Refusal> {
    error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(LedgerError::Refused(refusal)) => Some(&**refusal),
        _ => None,
    })
}

/// The error and its causes in one line; a cause that its effect repeats already is left out.
pub(crate) fn message_of(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    if let Some(refusal) = refusal_of(error) {
        let rules: Vec<String> = refusal
            .decision
            .policies
            .iter()
            .map(|policy| format!("{} ({})", policy.id, policy.requirement))
            .collect();
        let rules = match (rules.is_empty(), refusal.requirement()) {
            (false, _) => format!("; the rule is {}", rules.join(", ")),
            (true, Some(requirement)) => format!("; no rule permits it ({requirement})"),
            (true, None) => String::new(),
        };
        message.push_str(&rules);
    }
    message
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn the_exit_code_is_found_below_any_context() {
        let restored = LedgerError::Restored {
            found: 3,
            published: 5,
        };
        let error = Err::<(), _>(restored).context("the ledger did not open");
        let error = error.unwrap_err();
        assert_eq!(exit_of(&error), Exit::Restored);
        assert!(message_of(&error).starts_with("the ledger did not open: the database holds 3"));
    }

    #[test]
    fn what_nobody_foresaw_is_a_failure() {
        assert_eq!(exit_of(&anyhow::anyhow!("?")), Exit::Failed);
    }

    #[test]
    fn a_cause_that_is_told_already_is_not_told_again() {
        let cause = anyhow::anyhow!("the disk is full").context("not written: the disk is full");
        assert_eq!(message_of(&cause), "not written: the disk is full");
    }
}
