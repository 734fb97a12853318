//! For how long a case that had just come in could be looked at by those from whom it was then hidden, who they were,
//! and whether anyone did (K13). Answered from the events, by the rules of the time, as every question of an auditor.
//!
//! The time begins with the intake, in the status that the profile names, and ends when the case first leaves that
//! status. Who could look is asked as of its beginning and of its end; whoever did look is told of whatever else was so.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{AsOf, Caller, Could, Ledger, LedgerError, Occasion, Seen, audit::Past};
use crate::{
    access::Action,
    case::CurrentStatus,
    clock::Timestamp,
    events::Event,
    ids::{AccountId, CaseId, Position, StreamId},
    profile::Requirement,
    store::{Appended, Recorded},
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
    pub answer: Appended,
}

impl Exposure {
    /// Whether anyone looked who could not have afterwards.
    pub fn was_used(&self) -> bool {
        self.people.iter().any(|exposed| !exposed.saw.is_empty())
    }
}

impl Ledger {
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
        let answer = self
            .answer(caller, case, Action::AuditExposure, AsOf::Now, occasion)
            .await?;
        let events = self.read_after(tenant, &StreamId::Case(case), 0).await?;
        let opened = events.iter().find_map(|recorded| match &recorded.event {
            Event::CaseOpened(facts) => Some((recorded, facts)),
            _ => None,
        });
        let (intake, facts) = opened.ok_or(LedgerError::NotFound)?;
        let begun = self
            .past(tenant, case, AsOf::Position(intake.position))
            .await?;
        let rule = begun.rule_book.profile().exposure.clone();
        let mut exposure = Exposure {
            case,
            window: None,
            requirement: rule.as_ref().and_then(|rule| rule.requirement),
            people: Vec::new(),
            answer,
        };
        let Some(rule) = rule.filter(|rule| rule.status == facts.status) else {
            return Ok(exposure);
        };
        let hidden = events.iter().find(|recorded| {
            matches!(&recorded.event, Event::StatusChanged(facts) if facts.from == rule.status)
        });
        exposure.window = Some(self.window(intake, hidden));
        let (ended, after) = if let Some(hidden) = hidden {
            let before = Position(hidden.position.0.saturating_sub(1));
            let ended = self.past(tenant, case, AsOf::Position(before)).await?;
            let after = AsOf::Position(hidden.position);
            (ended, self.past(tenant, case, after).await?)
        } else {
            // As if it were hidden now.
            let mut after = self.past(tenant, case, AsOf::Now).await?;
            after.case.status = Some(CurrentStatus {
                code: rule.ended_by_status,
                since: intake.position,
                came_from: Some(rule.status),
            });
            (self.past(tenant, case, AsOf::Now).await?, after)
        };
        let exposed = self.exposed(caller, case, [begun, ended, after], intake, hidden);
        exposure.people = Box::pin(exposed).await?;
        Ok(exposure)
    }

    fn window(&self, intake: &Recorded, hidden: Option<&Recorded>) -> Window {
        let from_at = intake.envelope.recorded_at;
        let until_at = hidden.map(|hidden| hidden.envelope.recorded_at);
        let lasted = until_at.unwrap_or_else(|| self.now()) - from_at;
        Window {
            from: intake.position,
            from_at,
            until: hidden.map(|hidden| hidden.position),
            until_at,
            lasted_ms: lasted.num_milliseconds().max(0),
        }
    }

    /// Those who could look at the beginning or at the end and cannot after it, and those who did look.
    async fn exposed(
        &self,
        caller: &Caller,
        case: CaseId,
        [begun, ended, after]: [Past; 3],
        intake: &Recorded,
        hidden: Option<&Recorded>,
    ) -> Result<Vec<Exposed>, LedgerError> {
        let can = |past: &Past| -> BTreeMap<AccountId, Could> {
            let people = past.people(caller, case).into_iter();
            people
                .filter(|(_, could)| could.decision.is_allowed())
                .collect()
        };
        let afterwards: BTreeMap<AccountId, Could> =
            after.people(caller, case).into_iter().collect();
        let still = |account: &AccountId| {
            let could = afterwards.get(account);
            could.is_some_and(|could| could.decision.is_allowed())
        };
        let mut could = can(&begun);
        could.extend(can(&ended));
        let mut saw: BTreeMap<AccountId, Vec<Seen>> = BTreeMap::new();
        let stream = StreamId::Views(case);
        for recorded in self.read_after(&caller.tenant, &stream, 0).await? {
            let shown = !matches!(
                recorded.event,
                Event::AccessRefused(_) | Event::AuditAnswered(_)
            );
            let within = recorded.position > intake.position
                && hidden.is_none_or(|hidden| recorded.position < hidden.position);
            let Some(account) = recorded
                .envelope
                .actor
                .account()
                .filter(|_| shown && within)
            else {
                continue;
            };
            // Somebody who could look for a while in between: as of just before they did.
            if !could.contains_key(&account) {
                let before = AsOf::Position(Position(recorded.position.0.saturating_sub(1)));
                let then = self.past(&caller.tenant, case, before).await?;
                could.extend(can(&then).into_iter().filter(|(id, _)| *id == account));
            }
            saw.entry(account).or_default().push(ended.seen(recorded));
        }
        could.retain(|account, _| !still(account));
        let people = could.into_iter().map(|(account, could)| Exposed {
            could,
            afterwards: afterwards.get(&account).map(|after| after.decision.clone()),
            saw: saw.remove(&account).unwrap_or_default(),
        });
        Ok(people.collect())
    }
}
