//! Who could see a case, over its whole life: since when, until when, and what began and ended it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Answered, Could,
    answer::Question,
    history::{History, Scene},
    in_order,
    sight::{Onlooker, Remembered, Watching},
};
use crate::{
    access::Action,
    clock::Timestamp,
    ids::{AccountId, CaseId, Code, Position, StreamId},
    ledger::{Caller, Ledger, LedgerError, Occasion},
    store::Recorded,
};

/// What begins or ends an interval: an event, or a date that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// When.
    pub at: Timestamp,
    /// The event; nothing where only a date passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<Code>,
}

/// A stretch of time in which somebody could read the same sections of a case.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Who, what, and why as of its beginning.
    #[serde(flatten)]
    pub could: Could,
    /// What began it.
    pub since: Edge,
    /// What ended it; nothing, while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Edge>,
}

/// Everybody's access to a case, over its whole life.
pub struct Intervals {
    /// In the order in which they began.
    pub access: Vec<Access>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Intervals {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        in_order(self.access.iter().flat_map(|access| {
            let edges = [Some(&access.since), access.until.as_ref()];
            let edges = edges.into_iter().flatten().filter_map(|edge| edge.position);
            edges.chain(access.could.decision.citations.iter().copied())
        }))
    }
}

impl Ledger {
    /// From when until when each could see the case, or what of it, and what began and ended that.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn intervals(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Intervals, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question::of(Action::AuditIntervals);
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let mut access = over_life(&history, answer.event.recorded_at);
        let people = access.iter_mut().map(|access| &mut access.could);
        self.name_all(tenant, &history, people).await?;
        Ok(Intervals { access, answer })
    }
}

/// What is so of one person while the history is walked through.
#[derive(Default)]
struct Open {
    remembered: Remembered,
    now: Option<(Onlooker, Edge)>,
    /// When a date may change it.
    turns: Option<Timestamp>,
}

struct Walk<'a> {
    history: &'a History,
    scene: Scene,
    people: BTreeMap<AccountId, Open>,
    done: Vec<(AccountId, Onlooker, Edge, Option<Edge>)>,
}

/// All intervals from the opening until `now`.
pub(super) fn over_life(history: &History, now: Timestamp) -> Vec<Access> {
    let mut walk = Walk {
        history,
        scene: Scene::default(),
        people: BTreeMap::new(),
        done: Vec::new(),
    };
    for event in &history.events {
        walk.dates_until(event.envelope.recorded_at);
        walk.take(event);
    }
    walk.dates_until(now);
    walk.finished()
}

impl Walk<'_> {
    fn take(&mut self, event: &Recorded) {
        self.scene.take(event, self.history);
        let edge = Edge {
            at: event.envelope.recorded_at,
            position: Some(event.position),
            what: Some(event.envelope.event_type.clone()),
        };
        if let StreamId::Account(id) = event.envelope.stream {
            // What happens to one account concerns nobody else.
            self.look_again([id], &edge);
        } else {
            let everybody: Vec<AccountId> = self.scene.accounts.keys().copied().collect();
            self.look_again(everybody, &edge);
        }
    }

    /// Lets the dates pass that lie before a moment, the earliest first.
    fn dates_until(&mut self, moment: Timestamp) {
        loop {
            let turns = self.people.values().filter_map(|open| open.turns);
            let Some(at) = turns.filter(|turns| *turns <= moment).min() else {
                return;
            };
            let people = self.people.iter();
            let concerned: Vec<AccountId> = people
                .filter(|(_, open)| open.turns == Some(at))
                .map(|(id, _)| *id)
                .collect();
            let edge = Edge {
                at,
                position: None,
                what: None,
            };
            self.look_again(concerned, &edge);
        }
    }

    fn look_again(&mut self, people: impl IntoIterator<Item = AccountId>, edge: &Edge) {
        let Some(watching) = Watching::new(self.history.case_id, &self.scene, edge.at) else {
            return;
        };
        for id in people {
            let open = self.people.entry(id).or_default();
            let then = watching.onlooker(id, &mut open.remembered);
            open.turns = then
                .as_ref()
                .and_then(|onlooker| onlooker.sight.until)
                .filter(|turns| *turns > edge.at);
            let sees = then.filter(|onlooker| !onlooker.sight.sections.is_empty());
            let same = match (&open.now, &sees) {
                (None, None) => true,
                (Some((before, _)), Some(now)) => {
                    before.sight.sections == now.sight.sections
                        && before.sight.earlier == now.sight.earlier
                        && before.roles == now.roles
                }
                _ => false,
            };
            if same {
                continue;
            }
            let began = sees.map(|onlooker| (onlooker, edge.clone()));
            if let Some((onlooker, since)) = std::mem::replace(&mut open.now, began)
                && since.at < edge.at
            {
                self.done.push((id, onlooker, since, Some(edge.clone())));
            }
        }
    }

    fn finished(mut self) -> Vec<Access> {
        for (id, open) in self.people {
            if let Some((onlooker, since)) = open.now {
                self.done.push((id, onlooker, since, None));
            }
        }
        self.done
            .sort_by_key(|(id, _, since, _)| (since.at, since.position, *id));
        let done = self.done.into_iter();
        done.map(|(id, onlooker, since, until)| Access {
            could: onlooker.into_could(id),
            since,
            until,
        })
        .collect()
    }
}
