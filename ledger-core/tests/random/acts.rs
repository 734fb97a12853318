//! What somebody does, down to the last id; and a sequence of it as it is read after a failure.

use std::fmt;

use chrono::TimeDelta;
use ledger_core::{
    ledger::{CaseCommand, DirectoryCommand, Look, Moment},
    profile::Assurance,
};

use super::{deeds::Deed, offices::Office, people::Person};

/// Who acts, and how surely it is them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    pub(crate) person: Person,
    pub(crate) assurance: Assurance,
}

/// What somebody does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Does(Who, usize, CaseCommand),
    Looks(Who, usize, Look, Moment),
    Administers(Who, DirectoryCommand),
    Waits(TimeDelta),
}

impl Act {
    /// What is tried.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Does(_, _, command) => Deed::of(command).name().to_owned(),
            Self::Looks(_, _, look, _) => format!("look {}", look.action()),
            Self::Administers(_, command) => Office::of(command).name().to_owned(),
            Self::Waits(_) => "wait".to_owned(),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.person)?;
        if self.assurance == Assurance::High {
            return Ok(());
        }
        write!(f, " (signed in poorly)")
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Does(who, log, command) => write!(f, "{who}, log {log}: {command:?}"),
            Self::Looks(who, log, look, moment) if moment.is_now() => {
                write!(f, "{who}, log {log}: looks at {look:?}")
            }
            Self::Looks(who, log, look, moment) => {
                write!(
                    f,
                    "{who}, log {log}: looks at {look:?} as of {:?}",
                    moment.known
                )
            }
            // A rule book is long.
            Self::Administers(who, DirectoryCommand::AdoptProfile(_)) => {
                write!(f, "{who}: AdoptProfile")
            }
            Self::Administers(who, command) => write!(f, "{who}: {command:?}"),
            Self::Waits(by) => write!(f, "{} hours go by", by.num_hours()),
        }
    }
}
