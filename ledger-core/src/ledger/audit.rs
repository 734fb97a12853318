//! An auditor's questions: who saw it, who could have seen it and why, who should not have, what was known and what was
//! true, what changed, when somebody broke the glass. They are answered from the events alone, through the indexes on
//! case and actor and never from a read model, and each answer leaves an event of its own.

mod answer;
mod changed;
mod concerning;
mod could;
mod emergencies;
mod exposure;
mod hindsight;
mod history;
mod intervals;
mod knew;
mod of_system;
mod own;
mod roster;
mod saw;
mod sight;
mod unusual;
mod why;

use serde::Serialize;

pub(super) use self::roster::Roster;
pub use self::{
    answer::{Answered, ComputedAt},
    changed::{Changed, Gained},
    could::CouldHave,
    emergencies::{Emergencies, Emergency},
    exposure::{Exposed, Exposure, Window},
    hindsight::{Hindsight, LaterFact, Mistaken},
    history::NamesOfPeople,
    intervals::{Access, Edge, Intervals},
    knew::{Difference, Knew, Reason},
    of_system::{OfCase, OfSystem},
    own::{OwnSaw, SeenOfOwn},
    saw::{Saw, SawFilter, SawOf, Watcher},
    unusual::{Unusual, UnusualFilter, UnusualFound, UnusualRule},
    why::Explanation,
};
use crate::{
    access::Decision,
    clock::Timestamp,
    event::{Actor, Basis},
    ids::{AccountId, CaseId, Code, PartyId, Position},
};

/// One time that somebody saw something, or was refused.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Where it stands in the ledger.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Of which case.
    pub case: CaseId,
    /// Who, as the event says it.
    pub actor: Actor,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What happened: `case_viewed`, `document_downloaded`, `access_refused`, …
    pub what: Code,
    /// Its facts.
    pub facts: serde_json::Value,
    /// On what it rested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
}

/// Somebody who could, or could not, have seen a case.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Could {
    /// The account of a member of staff; members of the family are named by their party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The party as which they take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<PartyId>,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their roles: in the case, in the unit, in the tenant.
    pub roles: Vec<Code>,
    /// The sections that they could have read.
    pub sections: Vec<Code>,
    /// Of a case that was reopened: those of these of which they could have read what was recorded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_sections: Option<Vec<Code>>,
    /// The decision: of the first section that is allowed, or why none is.
    pub decision: Decision,
}

/// The positions in the order of the ledger, each once.
fn in_order(positions: impl IntoIterator<Item = Position>) -> Vec<Position> {
    let mut positions: Vec<Position> = positions.into_iter().collect();
    positions.sort_unstable();
    positions.dedup();
    positions
}
