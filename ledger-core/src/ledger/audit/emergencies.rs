//! Breaking the glass: every time, by whom, why, for how long, and what was read under it.

use serde::Serialize;

use super::{
    Answered, Edge, Seen,
    answer::{Question, milliseconds},
    history::NamesOfPeople,
    in_order,
    of_system::{OfCase, OfSystem},
    saw::showed,
};
use crate::{
    access::Action,
    case::BrokenGlass,
    clock::Timestamp,
    events::{Event, GlassBrokenContent},
    ids::{AccountId, CaseId, EmergencyId, Position, ProfileId, StreamId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion},
    store::Recorded,
};

/// One time that somebody read without the usual right.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Emergency {
    /// Its id.
    pub emergency: EmergencyId,
    /// Who.
    pub account: AccountId,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The reason that was written down, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The event that began it.
    pub since: Edge,
    /// When it ended, or will: by an event, or by its time.
    pub until: Edge,
    /// How long it lasted, or has lasted until now.
    pub lasted_ms: i64,
    /// What was read under it: what its own events rest on the broken glass.
    pub saw: Vec<Seen>,
}

/// Every time that the glass was broken over a case.
pub struct Emergencies {
    /// The case.
    pub case: CaseId,
    /// In the order in which they began.
    pub emergencies: Vec<Emergency>,
    /// The event that this answer left.
    pub answer: Answered,
}

impl OfCase for Emergencies {
    fn answer(&self) -> &Answered {
        &self.answer
    }

    fn cited(&self) -> Vec<Position> {
        in_order(self.emergencies.iter().flat_map(|emergency| {
            let edges = [emergency.since.position, emergency.until.position];
            let saw = emergency.saw.iter().map(|seen| seen.position);
            edges.into_iter().flatten().chain(saw)
        }))
    }
}

impl Ledger {
    /// Every time that somebody broke the glass over a case, with the reason and with what they read.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] or [`LedgerError::Refused`] for whoever may not ask.
    pub async fn emergencies(
        &self,
        caller: &Caller,
        case_id: CaseId,
        occasion: &Occasion,
    ) -> Result<Emergencies, LedgerError> {
        let tenant = &caller.tenant;
        let question = Question::of(Action::AuditEmergencies);
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let case = history.scene_as_of(AsOf::Now).case;
        let events: Vec<&Recorded> = history
            .of_the_case()
            .map(AsRef::as_ref)
            .filter(|event| matches!(event.event, Event::GlassBroken(_)))
            .filter(|event| !case.redacted.contains(&event.position))
            .collect();
        let contents = self.open_contents(tenant, &events).await?;
        let mut views = Vec::new();
        if !case.emergencies.is_empty() {
            views = self
                .read_after(tenant, &StreamId::Views(case_id), 0)
                .await?;
            views.retain(|view| view.position <= answer.through() && showed(&view.event));
        }
        let accounts = case.emergencies.values().map(|broken| broken.account);
        // Everything under it was read by whoever broke it.
        let names = NamesOfPeople {
            accounts: self.account_names(tenant, &accounts.collect()).await?,
            ..NamesOfPeople::default()
        };
        let now = answer.event.recorded_at;
        let mut found: Vec<Emergency> = Vec::new();
        for (id, broken) in &case.emergencies {
            let mended = broken.mended.and_then(|position| history.event(position));
            let until = ended(broken, mended.map(AsRef::as_ref));
            let under: Vec<Recorded> = views
                .iter()
                .filter(|view| {
                    let basis = view.envelope.basis.as_ref();
                    view.envelope.actor.account() == Some(broken.account)
                        && basis.is_some_and(|basis| basis.cited.contains(&broken.broken))
                        && view.envelope.recorded_at < until.at
                })
                .cloned()
                .collect();
            let saw = names.seen(under, case_id);
            found.push(Emergency {
                emergency: *id,
                account: broken.account,
                name: names.accounts.get(&broken.account).cloned(),
                reason: contents
                    .read::<GlassBrokenContent>(broken.broken)
                    .map(|content| content.reason),
                since: Edge {
                    at: broken.from,
                    position: Some(broken.broken),
                    what: history
                        .event(broken.broken)
                        .map(|event| event.envelope.event_type.clone()),
                },
                lasted_ms: milliseconds(until.at.min(now) - broken.from),
                until,
                saw,
            });
        }
        found.sort_by_key(|emergency| emergency.since.position);
        Ok(Emergencies {
            case: case_id,
            emergencies: found,
            answer,
        })
    }

    /// Every time that somebody broke the glass over a case of a system. Looks through so many cases, in the order of their
    /// ids, from one on.
    ///
    /// # Errors
    /// [`LedgerError::Refused`] for whoever may not ask, [`LedgerError::NoProfile`] for a system without rules.
    pub async fn emergencies_of_system(
        &self,
        caller: &Caller,
        profile: &ProfileId,
        page: (Option<CaseId>, Option<usize>),
        occasion: &Occasion,
    ) -> Result<OfSystem<Emergencies>, LedgerError> {
        self.over_system(
            caller,
            (Action::AuditAllEmergencies, profile),
            page,
            occasion,
            |case| !case.state.emergencies.is_empty(),
            |case| self.emergencies(caller, case, occasion),
        )
        .await
    }
}

/// By the event that ended it, or by its time, whichever came first.
fn ended(broken: &BrokenGlass, mended: Option<&Recorded>) -> Edge {
    let by_event = mended.filter(|mended| mended.envelope.recorded_at < broken.until);
    let by_time: Timestamp = broken.until;
    Edge {
        at: by_event.map_or(by_time, |mended| mended.envelope.recorded_at),
        position: by_event.map(|mended| mended.position),
        what: by_event.map(|mended| mended.envelope.event_type.clone()),
    }
}
