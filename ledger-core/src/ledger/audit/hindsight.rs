//! Who could see a case but should not have, as is known by now: on a consent that was found to be invalid, on an
//! agreement or a part in the case that had ended before the ledger was told, on any fact that was recorded later than
//! it happened. And the time in which a case was exposed before it was hidden (K13). With what was read meanwhile.
//!
//! Two answers are compared at every moment: what the ledger allowed by what it knew, and what it would have allowed, had
//! it known what it knows now.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{
    Answered, Could, Exposure, Seen,
    answer::Question,
    history::{History, Scene, happened_at, is_retroactive},
    in_order,
    of_system::OfCase as _,
    saw::{showed, shows_section},
    sight::{Onlooker, Remembered, Watching},
};
use crate::{
    access::{Action, Decision},
    clock::Timestamp,
    ids::{AccountId, CaseId, Code, Position, StreamId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    store::Recorded,
};

/// A fact that the ledger was told after it had come to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LaterFact {
    /// The event.
    pub position: Position,
    /// Its type.
    pub what: Code,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// From when on it counts; nothing for one that says that something never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub happened_at: Option<Timestamp>,
}

/// A stretch of time in which somebody could see what they should not have.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mistaken {
    /// Who; what they could see although they should not have; and why they could.
    #[serde(flatten)]
    pub could: Could,
    /// First moment.
    pub from: Timestamp,
    /// First moment no longer inside; nothing, while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the rules would have said, had the ledger known.
    pub should_have: Decision,
    /// What it did not know.
    pub because: Vec<LaterFact>,
    /// What they saw of it in that time.
    pub saw: Vec<Seen>,
}

/// Who could see a case but should not have.
pub struct Hindsight {
    /// Each stretch of time, in the order in which they began.
    pub mistaken: Vec<Mistaken>,
    /// The time in which the case could be looked at before it was hidden, where its rules know such a time.
    pub exposure: Exposure,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Hindsight {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        let mistaken = self.mistaken.iter().flat_map(|mistaken| {
            let decisions = [&mistaken.could.decision, &mistaken.should_have];
            let cited = decisions
                .into_iter()
                .flat_map(|decision| decision.citations.iter().copied());
            let because = mistaken.because.iter().map(|fact| fact.position);
            let saw = mistaken.saw.iter().map(|seen| seen.position);
            cited.chain(because).chain(saw)
        });
        in_order(mistaken.chain(self.exposure.cited()))
    }
}

impl Ledger {
    /// Who could see the case but should not have, as is known by now, and what they saw of it.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn hindsight(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Hindsight, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question::of(Action::AuditHindsight);
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let views = self
            .read_after(tenant, &StreamId::Views(case_id), 0)
            .await?;
        let views: Vec<Recorded> = views
            .into_iter()
            .filter(|view| view.position <= answer.through() && showed(&view.event))
            .collect();
        let mut mistaken = compared(&history, answer.event.recorded_at);
        let names = self.names_of(tenant, &history, &views).await?;
        let now = history.scene_as_of(AsOf::Now);
        for (account, mistaken) in &mut mistaken {
            let shown = views.iter().filter(|view| {
                is_by(view, *account, &mistaken.could)
                    && mistaken.contains(view.envelope.recorded_at)
                    && shows_any(view, &mistaken.could.sections, &now)
            });
            mistaken.saw = names.seen(shown.cloned().collect(), case_id);
        }
        let mut mistaken: Vec<Mistaken> =
            mistaken.into_iter().map(|(_, mistaken)| mistaken).collect();
        let people = mistaken.iter_mut().map(|mistaken| &mut mistaken.could);
        self.name_all(tenant, &history, people).await?;
        let exposure = self
            .exposure_after(tenant, &history, &views, answer.clone())
            .await?;
        Ok(Hindsight {
            mistaken,
            exposure,
            answer,
        })
    }
}

fn is_by(view: &Recorded, account: AccountId, could: &Could) -> bool {
    let actor = &view.envelope.actor;
    match actor.account() {
        Some(by) => by == account,
        None => could.party.is_some() && actor.party() == could.party,
    }
}

fn shows_any(view: &Recorded, sections: &[Code], scene: &Scene) -> bool {
    let Some(rule_book) = &scene.rule_book else {
        return false;
    };
    let profile = rule_book.profile();
    sections
        .iter()
        .any(|section| shows_section(&view.event, section, &scene.case, profile))
}

impl Mistaken {
    fn contains(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A stretch of time that has not ended yet, while time is walked through.
struct Begun {
    onlooker: Onlooker,
    sections: Vec<Code>,
    should_have: Decision,
    from: Timestamp,
    because: Vec<LaterFact>,
}

/// Compares what was allowed with what should have been, from the opening until `now`.
fn compared(history: &History, now: Timestamp) -> Vec<(AccountId, Mistaken)> {
    let later: Vec<&Recorded> = history
        .events
        .iter()
        .map(AsRef::as_ref)
        .filter(|event| is_retroactive(event))
        .collect();
    if later.is_empty() {
        return Vec::new();
    }
    let recorded = history
        .events
        .iter()
        .map(|event| event.envelope.recorded_at);
    let happened = later.iter().filter_map(|event| happened_at(event));
    let mut moments: BTreeSet<Timestamp> = recorded.chain(happened).collect();
    let mut begun: BTreeMap<AccountId, Begun> = BTreeMap::new();
    let mut remembered: BTreeMap<AccountId, [Remembered; 2]> = BTreeMap::new();
    let mut known = Scene::default();
    let mut ahead = history.events.iter().peekable();
    let mut mistaken = Vec::new();
    while let Some(at) = moments.pop_first().filter(|at| *at <= now) {
        while let Some(event) = ahead.next_if(|event| event.envelope.recorded_at <= at) {
            known.take(event, history);
        }
        let hindsight = history.scene_in_hindsight(at);
        let Some(watching) = Watching::new(history.case_id, &known, at) else {
            continue;
        };
        let better = Watching::new(history.case_id, &hindsight, at);
        let accounts: Vec<AccountId> = known.accounts.keys().copied().collect();
        for id in accounts {
            let [then, since] = remembered.entry(id).or_default();
            let then = watching.onlooker(id, then);
            let since = better
                .as_ref()
                .and_then(|better| better.onlooker(id, since));
            let turns = [&then, &since].into_iter().flatten();
            moments.extend(
                turns
                    .filter_map(|onlooker| onlooker.sight.until)
                    .filter(|turns| *turns > at),
            );
            let found = then.and_then(|then| Begun::of(then, since, &later, history, at));
            let same = match (begun.get(&id), &found) {
                (None, None) => true,
                (Some(begun), Some(found)) => {
                    begun.sections == found.sections && begun.because == found.because
                }
                _ => false,
            };
            if same {
                continue;
            }
            if let Some(ended) = begun.remove(&id) {
                mistaken.push((id, ended.into_mistaken(id, Some(at))));
            }
            if let Some(found) = found {
                begun.insert(id, found);
            }
        }
    }
    mistaken.extend(
        begun
            .into_iter()
            .map(|(id, lasting)| (id, lasting.into_mistaken(id, None))),
    );
    mistaken.sort_by_key(|(id, mistaken)| (mistaken.from, *id));
    mistaken
}

impl Begun {
    /// Nothing, if they should have seen all that they could see.
    fn of(
        then: Onlooker,
        since: Option<Onlooker>,
        later: &[&Recorded],
        history: &History,
        at: Timestamp,
    ) -> Option<Self> {
        let allowed = since.as_ref().map(|since| since.sight.sections.as_slice());
        let allowed = allowed.unwrap_or_default();
        let sections = then.sight.sections.iter();
        let sections: Vec<Code> = sections
            .filter(|section| !allowed.contains(section))
            .cloned()
            .collect();
        if sections.is_empty() {
            return None;
        }
        let should_have = since.map_or_else(
            // Nothing that they were in the case has, in hindsight, been so.
            || then.sight.decision.clone(),
            |since| since.sight.decision,
        );
        // What the ledger had not been told by then, and the better decision rests on.
        let unknown = || later.iter().filter(|event| event.envelope.recorded_at > at);
        let cited: Vec<LaterFact> = unknown()
            .filter(|event| should_have.citations.contains(&event.position))
            .map(|event| LaterFact::of(event))
            .collect();
        let because = if cited.is_empty() {
            let counted = unknown().filter(|event| {
                happened_at(event).is_none_or(|happened| happened <= at)
                    && history.event(event.position).is_some()
            });
            counted.map(|event| LaterFact::of(event)).collect()
        } else {
            cited
        };
        Some(Self {
            onlooker: then,
            sections,
            should_have,
            from: at,
            because,
        })
    }

    fn into_mistaken(self, id: AccountId, until: Option<Timestamp>) -> Mistaken {
        let mut could = self.onlooker.into_could(id);
        could.sections = self.sections;
        could.earlier_sections = None;
        Mistaken {
            could,
            from: self.from,
            until,
            should_have: self.should_have,
            because: self.because,
            saw: Vec::new(),
        }
    }
}

impl LaterFact {
    pub(super) fn of(event: &Recorded) -> Self {
        Self {
            position: event.position,
            what: event.envelope.event_type.clone(),
            recorded_at: event.envelope.recorded_at,
            happened_at: happened_at(event),
        }
    }
}
