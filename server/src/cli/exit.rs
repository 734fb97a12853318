//! What the exit code says to the script that called.

use std::{fmt::Write as _, process::ExitCode};

use serde::Serialize;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Something that nobody foresaw, or that passes by itself.
    Failed = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// The rules say no, the state of the case does, or there is nothing under that id.
    Refused = 3,
    /// A ledger or a bundle is not what was recorded.
    NotWhole = 4,
    /// The database, the key store, or a log that is watched.
    Unavailable = 5,
    /// The database is older than what was published.
    Restored = 6,
    /// Two rule books give somebody other access.
    Differs = 7,
    /// A log that is watched shows less than it did.
    WentBack = 8,
    /// A log that is watched has two histories.
    Forked = 9,
    /// A log that is watched shows a head that no trusted key has signed.
    NotSigned = 10,
    /// Something of an imported file could not be used.
    LeftOut = 11,
}

/// Every exit code with its meaning, as the help prints it.
pub const EXITS: [(Exit, &str); 12] = [
    (Exit::Done, "done"),
    (
        Exit::Failed,
        "an unexpected failure, or too many others at the same thing: try again",
    ),
    (
        Exit::Usage,
        "the command line, the configuration or a rule book is wrong",
    ),
    (
        Exit::Refused,
        "refused by the rules or by the state of the case, or not found",
    ),
    (
        Exit::NotWhole,
        "verification FAILED: ledger or bundle is not what was recorded",
    ),
    (
        Exit::Unavailable,
        "the database or the key store cannot be used, or a watched log not reached",
    ),
    (
        Exit::Restored,
        "the database was restored from an older backup: run `caseledger recover`",
    ),
    (
        Exit::Differs,
        "the two rule books that were compared give somebody other access",
    ),
    (
        Exit::WentBack,
        "the watched log shows LESS than it did: it was put back to an earlier state",
    ),
    (
        Exit::Forked,
        "the watched log has TWO HISTORIES: not everybody is shown the same events",
    ),
    (
        Exit::NotSigned,
        "the watched log's head is not signed by a trusted key, or is another log's",
    ),
    (
        Exit::LeftOut,
        "the file was imported, but something in it could not be used",
    ),
];

impl Exit {
    /// The code.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The list as it stands in the help.
pub(super) fn table() -> String {
    let mut text = String::from("Exit codes:\n");
    for (exit, meaning) in EXITS {
        writeln!(text, "  {:<2} {meaning}", exit.code()).expect("writing to a String cannot fail");
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_exit_code_stands_once_in_the_table_and_in_order() {
        let codes: Vec<u8> = EXITS.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        assert!(table().contains("  4  verification FAILED"));
    }
}
