//! End someone's part. From the next read on they see nothing.

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{PartyRemoved, PartyRemovedContent},
    ids::{KeyId, PartyId, StreamId},
};

/// Removes a party.
#[derive(Debug, Clone)]
pub struct RemoveParty {
    /// Which party.
    pub party: PartyId,
    /// Why, in words.
    pub reason: String,
}

impl RemoveParty {
    /// `party_removed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        match case.parties.get(&self.party) {
            None => Err(Rejection::new(
                RejectionCode::NotFound,
                format!("the case has no party {}", self.party),
            )),
            Some(party) if party.removed.is_some() => Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the party was removed before",
            )),
            Some(_) => {
                let content = PartyRemovedContent {
                    reason: command::text("reason", &self.reason)?,
                };
                let facts = PartyRemoved { party: self.party };
                Ok(vec![Decided::sealed(
                    StreamId::Case(setting.case),
                    facts,
                    KeyId::Case(setting.case),
                    &content,
                )])
            }
        }
    }
}
