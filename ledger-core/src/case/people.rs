//! Who takes part in a case: people, services, and the baton on its way from one to another.

use crate::{
    clock::Timestamp,
    ids::{AccountId, Code, OrganisationId, PartyId, Position},
};

/// Someone who takes part, or took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The event that added it.
    pub added: Position,
    /// Its role.
    pub role: Code,
    /// The event that gave it this role: that added it, or handed it the baton or took it away.
    pub role_since: Position,
    /// The account of a member of staff.
    pub staff: Option<AccountId>,
    /// The account of a member of the family; known only while the content can be opened.
    pub family: Option<AccountId>,
    /// The service for which a member of staff takes part.
    pub service: Option<OrganisationId>,
    /// The event by which a young person came of age (X3).
    pub of_age: Option<Position>,
    /// The newest event that says what its task is (V5).
    pub task: Position,
    /// The event that removed it.
    pub removed: Option<Position>,
    /// When that was recorded.
    pub removed_at: Option<Timestamp>,
}

impl Party {
    /// Whose account it is, as far as that is known.
    pub fn account(&self) -> Option<AccountId> {
        self.staff.or(self.family)
    }
}

/// A service that takes part, or took part (V4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTakingPart {
    /// The event that added it; its content is the task.
    pub added: Position,
    /// The event that removed it.
    pub removed: Option<Position>,
}

/// An offer to take the baton (X2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The event that made the offer.
    pub offered: Position,
    /// Who held the baton then.
    pub from: PartyId,
    /// Who is asked.
    pub to: PartyId,
    /// The event by which it was taken, declined or taken back.
    pub ended: Option<Position>,
}
