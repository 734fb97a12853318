//! For how long a case that had just come in could be looked at by those from whom it was then hidden, who they were,
//! and whether anyone did (K13). Answered from the events, by the rules of the time, as every question of an auditor.
//!
//! The time begins with the intake, in the status that the profile names, and ends when the case first leaves that
//! status. Who could look is asked as of its beginning and of its end; whoever did look is told of whatever else was so.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Answered, Could, Seen,
    answer::{Question, milliseconds},
    could::everybody,
    history::{History, Scene},
    in_order,
    of_system::{OfCase, OfSystem},
    saw::showed,
};
use crate::{
    access::Action,
    case::{Case, CurrentStatus},
    clock::Timestamp,
    events::{CaseOpened, Event},
    ids::{AccountId, CaseId, Position, ProfileId, StreamId, TenantId},
    ledger::{
        AsOf, Caller, Ledger, LedgerError, Occasion,
        states::{Freshness, Versioned},
    },
    profile::Requirement,
    store::Recorded,
};

/// The time in which a case could be looked at.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// The event that opened the case.
    pub from: Position,
    /// When.
    pub from_at: Timestamp,
    /// The event that hid it; nothing, while it can still be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Position>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_at: Option<Timestamp>,
    /// How long it lasted, or has lasted until now.
    pub lasted_ms: i64,
}

/// Somebody who could look in that time, and cannot after it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exposed {
    /// Who, what they could see, and why.
    #[serde(flatten)]
    pub could: Could,
    /// Why they can no more; nothing, where they have no role left by which they could be asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub afterwards: Option<crate::access::Decision>,
    /// What they saw in that time.
    pub saw: Vec<Seen>,
}

/// For how long a case was exposed, and to whom.
pub struct Exposure {
    /// The case.
    pub case: CaseId,
    /// The time; nothing for a case that was hidden from its beginning on, or whose rules know no such time.
    pub window: Option<Window>,
    /// The sentence that asks for the rule.
    pub requirement: Option<Requirement>,
    /// Those who could look.
    pub people: Vec<Exposed>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl Exposure {
    /// Whether anyone looked who could not have afterwards.
    pub fn was_used(&self) -> bool {
        self.people.iter().any(|exposed| !exposed.saw.is_empty())
    }
}

impl OfCase for Exposure {
    fn answer(&self) -> &Answered {
        &self.answer
    }

    fn cited(&self) -> Vec<Position> {
        let edges = self.window.iter();
        let edges = edges.flat_map(|window| [Some(window.from), window.until]);
        let people = self.people.iter().flat_map(|exposed| {
            let afterwards = exposed.afterwards.iter();
            let decisions = afterwards.chain([&exposed.could.decision]);
            let cited = decisions.flat_map(|decision| decision.citations.iter().copied());
            cited.chain(exposed.saw.iter().map(|seen| seen.position))
        });
        in_order(edges.flatten().chain(people))
    }
}

impl Ledger {
    /// For how long the cases of a system were exposed. Looks through so many cases, in the order of their ids, from one on;
    /// which cases there are is read from the events. Those that were hidden from their beginning on are left out, and
    /// nothing is noted in them.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NoProfile`] for a system without rules.
    pub async fn exposures_of_system(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        page: (Option<CaseId>, Option<usize>),
        occasion: &Occasion,
    ) -> Result<OfSystem<Exposure>, LedgerError> {
        let tenant = &caller.tenant;
        let adopted = self.profile(tenant, profile, Freshness::ReadAgain).await?;
        let adopted = self.rule_books(tenant, &adopted).await?;
        let may_be_exposed = |case: &Versioned<Case>| {
            let mut events = case.events.iter().map(AsRef::as_ref);
            let Some((intake, facts)) = events.find_map(intake) else {
                return false;
            };
            let mut before = adopted.iter().rev();
            let then = before.find(|(adoption, _)| adoption.position < intake.position);
            then.is_some_and(|(_, rule_book)| {
                let rule = rule_book.profile().exposure.as_ref();
                rule.is_some_and(|rule| rule.status == facts.status)
            })
        };
        let mut found = self
            .over_system(
                caller,
                (Action::AuditAllExposures, profile),
                page,
                occasion,
                may_be_exposed,
                |case| self.exposure(caller, case, occasion),
            )
            .await?;
        found.cases.retain(|exposure| exposure.window.is_some());
        Ok(found)
    }

    /// For how long a case was exposed, who could look, and who did.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn exposure(
        &self,
        caller: &Caller,
        case: CaseId,
        occasion: &Occasion,
    ) -> Result<Exposure, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question::of(Action::AuditExposure);
        let (answer, history) = self
            .answer_from_history(caller, case, question, occasion)
            .await?;
        let mut views = self.read_after(tenant, &StreamId::Views(case), 0).await?;
        views.retain(|view| view.position <= answer.through() && showed(&view.event));
        self.exposure_after(tenant, &history, &views, answer).await
    }

    /// The same, once the question is noted; `views` is everything that was shown of the case.
    pub(super) async fn exposure_after(
        &self,
        tenant: &TenantId,
        history: &History,
        views: &[Recorded],
        answer: Answered,
    ) -> Result<Exposure, LedgerError> {
        let mut of_the_case = history.of_the_case().map(AsRef::as_ref);
        let opened = of_the_case.find_map(intake);
        let (intake, facts) = opened.ok_or(LedgerError::NotFound)?;
        let begun = history.scene_as_of(AsOf::Position(intake.position));
        let rule = begun.rule_book.as_ref();
        let rule = rule.and_then(|book| book.profile().exposure.clone());
        let mut exposure = Exposure {
            case: history.case_id,
            window: None,
            requirement: rule.as_ref().and_then(|rule| rule.requirement),
            people: Vec::new(),
            answer,
        };
        let Some(rule) = rule.filter(|rule| rule.status == facts.status) else {
            return Ok(exposure);
        };
        let hidden = history.of_the_case().find(|recorded| {
            matches!(&recorded.event, Event::StatusChanged(facts) if facts.from == rule.status)
        });
        let now = exposure.answer.event.recorded_at;
        let window = Window::of(intake, hidden.map(AsRef::as_ref), now);
        exposure.window = Some(window);
        let (ended, after) = if let Some(hidden) = hidden {
            let before = AsOf::Position(Position(hidden.position.0.saturating_sub(1)));
            let after = AsOf::Position(hidden.position);
            (history.scene_as_of(before), history.scene_as_of(after))
        } else {
            // As if it were hidden now.
            let mut after = history.scene_as_of(AsOf::Now);
            after.case.status = Some(CurrentStatus {
                code: rule.ended_by_status,
                since: intake.position,
                came_from: Some(rule.status),
            });
            (history.scene_as_of(AsOf::Now), after)
        };
        let ended_at = window.until_at.unwrap_or(now);
        let scenes = [
            (begun, window.from_at),
            (ended, ended_at),
            (after, ended_at),
        ];
        let mut people = exposed(history, scenes, views, &window);
        let seen = people.iter().flat_map(|(_, saw)| saw.iter().cloned());
        let names = self
            .names_of(tenant, history, &seen.collect::<Vec<_>>())
            .await?;
        exposure.people = people
            .drain(..)
            .map(|(mut exposed, saw)| {
                exposed.saw = names.seen(saw, history.case_id);
                exposed
            })
            .collect();
        let people = exposure.people.iter_mut();
        self.name_all(tenant, history, people.map(|exposed| &mut exposed.could))
            .await?;
        Ok(exposure)
    }
}

/// The event as the one that opened its case, if it is that.
fn intake(recorded: &Recorded) -> Option<(&Recorded, &CaseOpened)> {
    match &recorded.event {
        Event::CaseOpened(facts) => Some((recorded, facts)),
        _ => None,
    }
}

impl Window {
    fn of(intake: &Recorded, hidden: Option<&Recorded>, now: Timestamp) -> Self {
        let from_at = intake.envelope.recorded_at;
        let until_at = hidden.map(|hidden| hidden.envelope.recorded_at);
        Self {
            from: intake.position,
            from_at,
            until: hidden.map(|hidden| hidden.position),
            until_at,
            lasted_ms: milliseconds(until_at.unwrap_or(now) - from_at),
        }
    }

    fn contains(&self, position: Position) -> bool {
        position > self.from && self.until.is_none_or(|until| position < until)
    }
}

/// Those who could look at the beginning or at the end and cannot after it, and those who did look.
fn exposed(
    history: &History,
    [begun, ended, after]: [(Scene, Timestamp); 3],
    views: &[Recorded],
    window: &Window,
) -> Vec<(Exposed, Vec<Recorded>)> {
    let can = |scene: &Scene, at| -> BTreeMap<AccountId, Could> {
        let people = everybody(history, scene, at).into_iter();
        people
            .filter(|(_, could)| could.decision.is_allowed())
            .collect()
    };
    let afterwards: BTreeMap<AccountId, Could> =
        everybody(history, &after.0, after.1).into_iter().collect();
    let still = |account: &AccountId| {
        let could = afterwards.get(account);
        could.is_some_and(|could| could.decision.is_allowed())
    };
    let mut could = can(&begun.0, begun.1);
    could.extend(can(&ended.0, ended.1));
    let mut saw: BTreeMap<AccountId, Vec<Recorded>> = BTreeMap::new();
    for view in views.iter().filter(|view| window.contains(view.position)) {
        let Some(account) = view.envelope.actor.account() else {
            continue;
        };
        // Somebody who could look for a while in between: as of just before they did.
        if !could.contains_key(&account) {
            let before = AsOf::Position(Position(view.position.0.saturating_sub(1)));
            let then = can(&history.scene_as_of(before), view.envelope.recorded_at);
            could.extend(then.into_iter().filter(|(id, _)| *id == account));
        }
        saw.entry(account).or_default().push(view.clone());
    }
    could.retain(|account, _| !still(account));
    let people = could.into_iter().map(|(account, could)| {
        let exposed = Exposed {
            could,
            afterwards: afterwards.get(&account).map(|after| after.decision.clone()),
            saw: Vec::new(),
        };
        (exposed, saw.remove(&account).unwrap_or_default())
    });
    people.collect()
}
