//! What somebody is not shown of a case that was reopened: what was recorded before, where the rules say so (S18).
//!
//! **Invariant: what is not shown is not there.** Neither its content nor that it exists: it is taken out of the events,
//! of the state that is shown, and of every reference to it, before anything is shaped into an answer. So every way of
//! looking at a case is served alike, and a command decides as if it had never been made.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use super::{OpenedContents, look::section_in, situation::Situation, states::Versioned};
use crate::{
    access::{Action, Decision},
    case::{Case, Earlier},
    clock::Timestamp,
    events::Event,
    ids::{Code, ConsentId, DocumentId, MeetingId, Position},
    profile::Profile,
    standing::Asked,
    store::Recorded,
};

/// What a look does not show of what is earlier.
pub(super) struct Hiding {
    /// Events that are not shown at all.
    hidden: BTreeSet<Position>,
    /// Events that are carried over, of which it is not shown what was said about them.
    bare: BTreeSet<Position>,
    /// Events that are shown, but not their content.
    sealed: BTreeSet<Position>,
}

impl Hiding {
    /// `shown` are the sections of which what is earlier is shown too; `facts` is whether what happened is shown whatever
    /// section it belongs to, as in the timeline.
    pub(super) fn of(
        earlier: &Earlier,
        events: &[Arc<Recorded>],
        profile: &Profile,
        shown: &BTreeSet<Code>,
        facts: bool,
    ) -> Self {
        let mut hiding = Self {
            hidden: BTreeSet::new(),
            bare: BTreeSet::new(),
            sealed: BTreeSet::new(),
        };
        for recorded in events {
            let position = recorded.position;
            let is_carried = earlier.carried.contains(&position);
            if !is_carried && !earlier.events.contains(&position) {
                continue;
            }
            let section = section_in(recorded, events, profile);
            if section.is_some_and(|section| shown.contains(&section)) {
                continue;
            }
            let not_shown = if is_carried {
                &mut hiding.bare
            } else if facts {
                &mut hiding.sealed
            } else {
                &mut hiding.hidden
            };
            not_shown.insert(position);
        }
        hiding
    }

    /// The case without what is hidden. Its version is that of the whole: it says how much happened, not what.
    pub(super) fn applied(&self, case: &Versioned<Case>) -> Versioned<Case> {
        let events: Vec<Arc<Recorded>> = case
            .events
            .iter()
            .filter(|recorded| !self.hidden.contains(&recorded.position))
            .map(|recorded| self.without_references(recorded, &case.state))
            .collect();
        Versioned {
            version: case.version,
            position: events.last().map(|last| last.position),
            state: case.state.without(&self.hidden),
            events,
        }
    }

    /// The same event, naming nothing that is hidden.
    fn without_references(&self, recorded: &Arc<Recorded>, case: &Case) -> Arc<Recorded> {
        let hides = |position: Option<Position>| {
            position.is_some_and(|position| self.hidden.contains(&position))
        };
        let mut shown = Recorded::clone(recorded);
        match &mut shown.event {
            Event::ConsentGiven(facts) => {
                let given = |id: &ConsentId| case.consents.get(id).map(|consent| consent.given);
                let added = |id: &DocumentId| case.documents.get(id).map(|scan| scan.added);
                facts.renews = facts.renews.filter(|id| !hides(given(id)));
                facts.scan = facts.scan.filter(|id| !hides(added(id)));
            }
            Event::ConsentDeclined(facts) => {
                let given = |id: &ConsentId| case.consents.get(id).map(|consent| consent.given);
                facts.lapsed.retain(|id| !hides(given(id)));
            }
            Event::AgreementMade(facts) => {
                let planned =
                    |id: &MeetingId| case.plan.meetings.get(id).map(|meeting| meeting.planned);
                facts.meeting = facts.meeting.filter(|id| !hides(planned(id)));
            }
            Event::ContentRedacted(facts) => {
                let added = |id: &DocumentId| case.documents.get(id).map(|document| document.added);
                facts.targets.retain(|target| !hides(Some(*target)));
                facts.documents.retain(|id| !hides(added(id)));
            }
            _ => {}
        }
        if let Some(basis) = &mut shown.envelope.basis {
            basis.cited.retain(|cited| !hides(Some(*cited)));
        }
        Arc::new(shown)
    }

    /// Whether the content of an event may be opened at all.
    pub(super) fn opens(&self, position: Position) -> bool {
        !self.hidden.contains(&position) && !self.sealed.contains(&position)
    }

    /// Takes out of the opened contents what was said about what is carried over.
    pub(super) fn bare(&self, events: &[Arc<Recorded>], contents: &mut OpenedContents) {
        for recorded in events {
            if self.bare.contains(&recorded.position) {
                contents.change(recorded.position, |json| {
                    Earlier::bare(&recorded.event, json)
                });
            }
        }
    }
}

impl Situation<'_> {
    /// What is earlier in the case; nothing, if it was never reopened.
    pub(super) fn earlier(&self) -> Option<Earlier> {
        let case = &self.case;
        Earlier::of(
            &case.state,
            case.events.iter().map(Arc::as_ref),
            self.profile(),
        )
    }

    /// The case that a command is decided upon. Whoever may not have what is earlier acts as if it were not there, and
    /// learns nothing of it from a rejection. The second is the decision about what is earlier, if there is any.
    pub(super) fn case_to_act_on(
        &self,
        action: Action,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> (Cow<'_, Case>, Option<Decision>) {
        let whole = Cow::Borrowed(&self.case.state);
        let Some(earlier) = self.earlier() else {
            return (whole, None);
        };
        let asked = Asked {
            earlier: true,
            ..asked.clone()
        };
        let decision = self.decide(action, &asked, now);
        if decision.is_allowed() {
            return (whole, Some(decision));
        }
        let case = self.case.state.without(&earlier.events);
        (Cow::Owned(case), None)
    }
}
