//! What a ledger answers, in a form in which two ledgers can be compared, and a tally of what was met.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use ledger_core::ledger::{Executed, LedgerError, Shown};

use super::deeds::Deed;

/// An answer of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was done: where and when, and the events with their facts.
    Done {
        at: String,
        events: Vec<(&'static str, String)>,
    },
    /// It was shown: where and when the view stands, the sections, and the events and contents that were opened.
    Shown {
        at: String,
        sections: Vec<String>,
        events: Vec<String>,
    },
    /// The rules said no.
    Refused {
        action: String,
        policies: Vec<String>,
        requirement: Option<String>,
        fault: bool,
    },
    /// The state said no.
    Rejected {
        code: String,
        requirement: Option<String>,
        message: String,
    },
    /// There is nothing, or nothing that they may know of.
    NotFound,
    /// Time went by.
    Waited,
    /// Anything else is a defect.
    Failed(String),
}

impl Answer {
    pub(crate) fn done(done: Result<Executed, LedgerError>) -> Self {
        match done {
            Ok(done) => Self::Done {
                at: format!("{} {:?} v{:?}", done.first, done.recorded_at, done.version),
                events: done
                    .decided
                    .iter()
                    .map(|event| (event.event_type(), event.to_facts().get().to_owned()))
                    .collect(),
            },
            Err(error) => Self::failed(&error),
        }
    }

    pub(crate) fn shown(shown: &Result<Shown, LedgerError>) -> Self {
        let shown = match shown {
            Ok(shown) => shown,
            Err(error) => return Self::failed(error),
        };
        let opened = |event: &ledger_core::store::Recorded| {
            let content = shown.contents.get(event.position);
            let content =
                content.map(|content| String::from_utf8_lossy(&content.json).into_owned());
            format!(
                "{} {} {}",
                event.position,
                event.event.event_type(),
                content.unwrap_or_default()
            )
        };
        Self::Shown {
            at: format!("{} {}", shown.view.first, shown.view.recorded_at),
            sections: shown.sections.iter().map(ToString::to_string).collect(),
            events: shown.events.iter().map(|event| opened(event)).collect(),
        }
    }

    pub(crate) fn failed(error: &LedgerError) -> Self {
        match error {
            LedgerError::NotFound => Self::NotFound,
            LedgerError::Refused(refusal) => Self::Refused {
                action: refusal.action.to_string(),
                policies: refusal
                    .decision
                    .policies
                    .iter()
                    .map(|policy| policy.id.to_string())
                    .collect(),
                requirement: refusal.requirement().map(ToString::to_string),
                fault: refusal.decision.fault.is_some(),
            },
            LedgerError::Rejected(rejection) => Self::Rejected {
                code: format!("{:?}", rejection.code),
                requirement: rejection.requirement.map(|named| named.to_string()),
                message: rejection.message.clone(),
            },
            other => Self::Failed(format!("{other:?}")),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Shown { .. })
    }

    /// Whether it is done, shown, or said no to by a rule that names its requirement.
    pub(crate) fn is_defined(&self) -> bool {
        match self {
            Self::Done { events, .. } => !events.is_empty(),
            Self::Refused {
                requirement, fault, ..
            } => requirement.is_some() && !fault,
            Self::Rejected { requirement, .. } => requirement.is_some(),
            Self::Shown { .. } | Self::NotFound | Self::Waited => true,
            Self::Failed(_) => false,
        }
    }

    /// Whether another answer comes to the same, wherever it stands.
    pub(crate) fn is_same_outcome(&self, other: &Self) -> bool {
        self.outcome() == other.outcome()
    }

    /// What it comes to, without ids and times.
    fn outcome(&self) -> String {
        match self {
            Self::Done { events, .. } => {
                let types: Vec<&str> = events.iter().map(|(name, _)| *name).collect();
                types.join(" ")
            }
            Self::Shown { sections, .. } => format!("shown {}", sections.join(" ")),
            Self::Refused {
                policies,
                requirement,
                ..
            } => format!(
                "refused {} {}",
                requirement.as_deref().unwrap_or("?"),
                policies.join(" ")
            ),
            Self::Rejected {
                code, requirement, ..
            } => format!("rejected {} {code}", requirement.as_deref().unwrap_or("?")),
            other => format!("{other:?}"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done { at, events } => {
                write!(f, "done at {at}:")?;
                events
                    .iter()
                    .try_for_each(|(name, facts)| write!(f, " {name} {facts}"))
            }
            Self::Shown {
                at,
                sections,
                events,
            } => {
                let (sections, count) = (sections.join(", "), events.len());
                write!(f, "shown at {at}: {sections} ({count} events)")
            }
            Self::Rejected { message, .. } => write!(f, "{}: {message}", self.outcome()),
            Self::Failed(what) => write!(f, "FAILED: {what}"),
            other => f.write_str(&other.outcome()),
        }
    }
}

/// What was met over many sequences.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    commands: u64,
    commands_done: u64,
    looks: u64,
    looks_shown: u64,
    /// Looks of the services at notes and plan.
    pub(crate) content_shown: u64,
    pub(crate) content_withheld: u64,
    outcomes: BTreeMap<String, BTreeSet<String>>,
}

impl Tally {
    pub(crate) fn count(&mut self, name: &str, is_look: bool, answer: &Answer) {
        let (all, good) = if is_look {
            (&mut self.looks, &mut self.looks_shown)
        } else {
            (&mut self.commands, &mut self.commands_done)
        };
        // What the rules let nobody do says nothing of how far the generator reaches.
        let mut never_permitted = Deed::ALL.iter().filter(|deed| !deed.is_permitted());
        if is_look || never_permitted.all(|deed| deed.name() != name) {
            *all += 1;
            *good += u64::from(answer.is_success());
        }
        let outcomes = self.outcomes.entry(name.to_owned()).or_default();
        outcomes.insert(answer.outcome());
    }

    /// How many pairs of what was tried and what came of it there were.
    pub(crate) fn pairs(&self) -> usize {
        self.outcomes.values().map(BTreeSet::len).sum()
    }

    /// The commands of which none was ever done.
    pub(crate) fn never_done(
        &self,
        names: impl IntoIterator<Item = &'static str>,
    ) -> Vec<&'static str> {
        let is_never = |name: &&str| {
            self.outcomes.get(*name).is_none_or(|outcomes| {
                outcomes.iter().all(|outcome| {
                    ["refused", "rejected", "NotFound"]
                        .iter()
                        .any(|no| outcome.starts_with(no))
                })
            })
        };
        names.into_iter().filter(is_never).collect()
    }

    /// Of a hundred commands that somebody may carry out, how many were done.
    pub(crate) fn percent_done(&self) -> u64 {
        self.commands_done * 100 / self.commands.max(1)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} commands were done ({} %), {} of {} looks shown; {} pairs of what was tried and what came of it; \
             the services were shown notes or plan {} times and not {} times",
            self.commands_done,
            self.commands,
            self.percent_done(),
            self.looks_shown,
            self.looks,
            self.pairs(),
            self.content_shown,
            self.content_withheld
        )
    }
}
