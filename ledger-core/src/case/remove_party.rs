//! End someone's part. From the next read on they see nothing.

use super::Case;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{PartyRemoved, PartyRemovedContent},
    ids::PartyId,
};

/// Removes a party.
#[derive(Debug, Clone)]
pub struct RemoveParty {
    /// Which party.
    pub party: PartyId,
    /// Why, in words.
    pub reason: String,
    /// When it happened, if earlier than it is recorded: they left last week.
    pub occurred_at: Option<Timestamp>,
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
                Ok(vec![Decided {
                    occurred_at: self.occurred_at,
                    ..setting.sealed(facts, &content)
                }])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        case_after, content, given, health, nina, nurse, opened, removed, works,
    };

    fn remove() -> RemoveParty {
        RemoveParty {
            party: nurse(),
            reason: "Har slutta".to_owned(),
            occurred_at: None,
        }
    }

    fn nina_works() -> crate::events::Event {
        works(nurse(), "professional", nina(), health())
    }

    #[test]
    fn who_is_removed_no_longer_takes_part_and_the_reason_is_sealed() {
        let [event] = given([opened(), nina_works()])
            .when(remove())
            .then([removed(nurse())]);
        assert_eq!(content::<PartyRemovedContent>(&event).reason, "Har slutta");
        let case = case_after([opened(), nina_works(), removed(nurse())]);
        assert_eq!(case.party_of(nina()), None);
    }

    #[test]
    fn only_who_takes_part_can_be_removed_and_once() {
        given([opened()])
            .when(remove())
            .rejected(RejectionCode::NotFound)
            .naming(&nurse().to_string());
        given([opened(), nina_works(), removed(nurse())])
            .when(remove())
            .rejected(RejectionCode::AlreadyThere);
    }
}
