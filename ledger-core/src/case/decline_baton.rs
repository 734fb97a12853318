//! Say no to the baton, or take the offer back (X2).

use super::{Case, accept_baton::open_handover};
use crate::{
    command::{self, Decided, Rejection, Setting, requirement},
    events::{BatonDeclined, BatonDeclinedContent},
    ids::HandoverId,
};

/// Ends an offer; the baton stays where it is.
#[derive(Debug, Clone)]
pub struct DeclineBaton {
    /// Which offer.
    pub handover: HandoverId,
    /// Why, in words.
    pub reason: String,
}

impl DeclineBaton {
    /// `baton_declined`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let handover = open_handover(case, self.handover)?;
        let concerned = [handover.from, handover.to];
        let by = setting.party.filter(|party| concerned.contains(party));
        let by = by.ok_or_else(|| {
            let message = "only whoever offered the baton or was asked to take it ends the offer";
            Rejection::invalid(message).because(requirement("X2").as_ref())
        })?;
        let content = BatonDeclinedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = BatonDeclined {
            handover: self.handover,
            by,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
