//! What stands beside the usual course of a case: legal holds, and the glass that was broken.

use crate::{
    clock::{Span, Timestamp},
    ids::{AccountId, Position},
};

/// A legal hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// The event that placed it.
    pub placed: Position,
    /// The event that lifted it.
    pub lifted: Option<Position>,
}

/// A time during which somebody may read without the usual right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenGlass {
    /// The event that broke it.
    pub broken: Position,
    /// Who.
    pub account: AccountId,
    /// When.
    pub from: Timestamp,
    /// First moment at which it no longer holds.
    pub until: Timestamp,
    /// The event that ended it before its time.
    pub mended: Option<Position>,
}

impl BrokenGlass {
    /// When it holds; nothing, once it was ended.
    pub fn span(&self) -> Option<Span> {
        self.mended.is_none().then_some(Span {
            from: Some(self.from),
            until: Some(self.until),
        })
    }

    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        [Some(self.broken), self.mended].into_iter().flatten()
    }
}
