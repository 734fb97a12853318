//! What changed in a case, or for a person, between two positions.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Answered, Could, answer::Question, could::everybody, in_order};
use crate::{
    access::{Action, Decision},
    clock::Span,
    ids::{AccountId, CaseId, Code, Position, ProfileId, StreamId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    store::Recorded,
};

/// The most events that are told at a time.
const EVENTS_MAX: usize = 1_000;

/// Somebody who could see other sections afterwards than before.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gained {
    /// Who; what they could see afterwards, and why.
    #[serde(flatten)]
    pub could: Could,
    /// The sections that came.
    pub gained: Vec<Code>,
    /// The sections that went.
    pub lost: Vec<Code>,
    /// Why it was as it was before; nothing for somebody who had nothing to do with the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Decision>,
}

/// What changed.
pub struct Changed {
    /// What happened, in order.
    pub events: Vec<Recorded>,
    /// Where to go on, if there may be more.
    pub more: Option<Position>,
    /// Who could see more or less of the case than before.
    pub people: Vec<Gained>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Gained {
    pub(super) fn cited(&self) -> impl Iterator<Item = Position> {
        let before = self.before.iter().flat_map(|before| &before.citations);
        let after = &self.could.decision.citations;
        before.chain(after).copied()
    }
}

impl Changed {
    /// The events that the answer rests on.
    pub fn cited(&self) -> Vec<Position> {
        let events = self.events.iter().map(|event| event.position);
        in_order(events.chain(self.people.iter().flat_map(Gained::cited)))
    }
}

impl Ledger {
    /// What happened in a case after one position and up to another, and who could see more or less of it since.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NotFound`] also where
    /// the case was not open by the second.
    pub async fn changed(
        &self,
        caller: &Caller,
        case_id: CaseId,
        (after, through): (Position, Option<Position>),
        occasion: &Occasion,
    ) -> Result<Changed, LedgerError> {
        let tenant = &caller.tenant;
        self.check_reached(tenant, AsOf::Position(after)).await?;
        let question = Question {
            as_of: through.map_or(AsOf::Now, AsOf::Position),
            ..Question::of(Action::AuditChanged)
        };
        let answer = self.answer(caller, case_id, question, occasion).await?;
        let through = through.unwrap_or(answer.through());
        let history = self.history(tenant, case_id, through).await?;
        let at = |position| self.time_of(tenant, AsOf::Position(position));
        let (before_at, after_at) = (at(after).await?, at(through).await?);
        let now = answer.event.recorded_at;
        let people = |position, at: Option<_>| {
            let scene = history.scene_as_of(AsOf::Position(position));
            everybody(&history, &scene, at.unwrap_or(now))
        };
        let mut people = between(people(after, before_at), people(through, after_at));
        self.name_all(
            tenant,
            &history,
            people.iter_mut().map(|gained| &mut gained.could),
        )
        .await?;
        let mut events: Vec<Recorded> = history
            .of_the_case()
            .filter(|event| event.position > after)
            .map(|event| Recorded::clone(event))
            .collect();
        let more = cut(&mut events);
        Ok(Changed {
            events,
            more,
            people,
            answer,
        })
    }

    /// What happened to an account, and what its owner did in a system, after one position and up to another. The second
    /// half is for members of staff: what a member of the family did stands in their case.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NoProfile`] for a system without rules.
    pub async fn changed_for(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        account: AccountId,
        (after, through): (Position, Option<Position>),
        occasion: &Occasion,
    ) -> Result<Changed, LedgerError> {
        let tenant = &caller.tenant;
        self.check_reached(tenant, AsOf::Position(after)).await?;
        let question = Question {
            as_of: through.map_or(AsOf::Now, AsOf::Position),
            about: Some(account),
            ..Question::of(Action::AuditPerson)
        };
        self.check_reached(tenant, question.as_of).await?;
        let (answer, permitted) = self
            .answer_over_cases(caller, profile, question, occasion)
            .await?;
        let through = through.unwrap_or(answer.through());
        let mut events: BTreeMap<Position, Recorded> = BTreeMap::new();
        for recorded in self
            .read_after(tenant, &StreamId::Account(account), 0)
            .await?
        {
            events.insert(recorded.position, recorded);
        }
        let end = Position(through.0 + 1);
        // Newest first, so that what is left out is what lies furthest back.
        let did = self
            .acts_before(tenant, account, end, Span::ALWAYS, EVENTS_MAX, |recorded| {
                let basis = recorded.envelope.basis.as_ref();
                recorded.position > after && basis.is_some_and(|basis| basis.profile == *profile)
            })
            .await?;
        events.extend(
            did.into_iter()
                .map(|recorded| (recorded.position, recorded)),
        );
        let mut events: Vec<Recorded> = events
            .into_values()
            .filter(|recorded| recorded.position > after && recorded.position <= through)
            .collect();
        let more = cut(&mut events);
        let cases = events.iter().filter_map(|event| event.envelope.case);
        let cases: BTreeSet<CaseId> = cases.collect();
        self.note_in_cases(caller, &permitted, cases, question, occasion)
            .await?;
        Ok(Changed {
            events,
            more,
            people: Vec::new(),
            answer,
        })
    }
}

/// Keeps as many as are told at a time; where to go on.
fn cut(events: &mut Vec<Recorded>) -> Option<Position> {
    let more = (events.len() > EVENTS_MAX).then(|| events[EVENTS_MAX - 1].position);
    events.truncate(EVENTS_MAX);
    more
}

/// Those whose sections differ between two answers.
pub(super) fn between(
    before: Vec<(AccountId, Could)>,
    after: Vec<(AccountId, Could)>,
) -> Vec<Gained> {
    let mut before: BTreeMap<AccountId, Could> = before.into_iter().collect();
    let mut pairs: Vec<(Option<Could>, Option<Could>)> = Vec::new();
    for (id, could) in after {
        pairs.push((before.remove(&id), Some(could)));
    }
    pairs.extend(before.into_values().map(|could| (Some(could), None)));
    let pairs = pairs.into_iter();
    pairs
        .filter_map(|(before, after)| {
            let of = |could: &Option<Could>| -> Vec<Code> {
                let could = could.as_ref();
                could
                    .map(|could| could.sections.clone())
                    .unwrap_or_default()
            };
            let (had, has) = (of(&before), of(&after));
            let missing = |some: &[Code], others: &[Code]| -> Vec<Code> {
                let some = some.iter();
                some.filter(|section| !others.contains(section))
                    .cloned()
                    .collect()
            };
            let (gained, lost) = (missing(&has, &had), missing(&had, &has));
            if gained.is_empty() && lost.is_empty() {
                return None;
            }
            let was = before.as_ref().map(|before| before.decision.clone());
            let mut could = after.or(before)?;
            could.sections = has;
            Some(Gained {
                could,
                gained,
                lost,
                before: was,
            })
        })
        .collect()
}
