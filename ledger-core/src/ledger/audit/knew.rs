//! What the ledger knew at a moment, and what was true then, as is known by now: the difference, listed.

use serde::Serialize;

use super::{
    Answered, Gained, LaterFact,
    answer::Question,
    changed::between,
    could::everybody,
    history::{History, happened_at},
    in_order,
};
use crate::{
    access::Action,
    clock::Timestamp,
    events::Event,
    ids::{CaseId, Position},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    store::Recorded,
};

/// In what way the ledger did not know what was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It had happened, and was recorded later.
    LearnedLater,
    /// It was taken for true, and was later found to be invalid.
    InvalidatedLater,
    /// It was taken for true, and was later corrected.
    CorrectedLater,
    /// It could be read then, and was later destroyed.
    RedactedLater,
}

/// Something that the ledger knew otherwise than it was.
#[derive(Debug, Clone)]
pub struct Difference {
    /// In what way.
    pub reason: Reason,
    /// What it is about.
    pub event: Recorded,
    /// The later event by which it became known; the same one, where something was learned later.
    pub by: LaterFact,
}

/// What the ledger knew at a moment, and what was true.
pub struct Knew {
    /// The moment.
    pub at: Timestamp,
    /// In the order in which it became known.
    pub differences: Vec<Difference>,
    /// Those who could see by what was known, and should have seen something else by what was true.
    pub people: Vec<Gained>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Knew {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        let differences = self.differences.iter();
        let facts =
            differences.flat_map(|difference| [difference.event.position, difference.by.position]);
        in_order(facts.chain(self.people.iter().flat_map(Gained::cited)))
    }
}

impl Ledger {
    /// What the ledger knew of a case at a moment, and how that differs from what was true then, as is known by now.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NotFound`] also where
    /// the case was not open yet.
    pub async fn knew(
        &self,
        caller: &Caller,
        case_id: CaseId,
        as_of: AsOf,
        occasion: &Occasion,
    ) -> Result<Knew, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question {
            as_of,
            ..Question::of(Action::AuditKnew)
        };
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let at = self.moment_of(tenant, as_of, &answer).await?;
        let known = everybody(&history, &history.scene_as_of(as_of), at);
        if known.is_empty() {
            return Err(LedgerError::NotFound);
        }
        let truth = everybody(&history, &history.scene_in_hindsight(at), at);
        let mut people = between(known, truth);
        self.name_all(
            tenant,
            &history,
            people.iter_mut().map(|gained| &mut gained.could),
        )
        .await?;
        Ok(Knew {
            at,
            differences: differences(&history, as_of, at),
            people,
            answer,
        })
    }
}

fn differences(history: &History, as_of: AsOf, at: Timestamp) -> Vec<Difference> {
    let mut found = Vec::new();
    let later = history.events.iter();
    for event in later.filter(|event| !as_of.includes(event)) {
        let mut tell = |reason, about: &Recorded| {
            found.push(Difference {
                reason,
                event: about.clone(),
                by: LaterFact::of(event),
            });
        };
        let earlier = |position: Position| {
            let about = history.event(position);
            about.filter(|about| as_of.includes(about))
        };
        match &event.event {
            Event::ConsentInvalidated(facts) => {
                let given = history.of_the_case().rev().find(|given| {
                    matches!(&given.event, Event::ConsentGiven(given) if given.consent == facts.consent)
                });
                if let Some(given) = given.filter(|given| as_of.includes(given)) {
                    tell(Reason::InvalidatedLater, given);
                }
            }
            Event::EntryCorrected(facts) => {
                if let Some(target) = earlier(facts.target) {
                    tell(Reason::CorrectedLater, target);
                }
            }
            Event::ContentRedacted(facts) => {
                for target in facts.targets.iter().filter_map(|target| earlier(*target)) {
                    tell(Reason::RedactedLater, target);
                }
            }
            _ if happened_at(event).is_some_and(|happened| happened <= at) => {
                tell(Reason::LearnedLater, event);
            }
            _ => {}
        }
    }
    found
}
