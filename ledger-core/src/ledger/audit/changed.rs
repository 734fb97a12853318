//! What changed in a case, or for a person, between two positions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::{
    Answered, Could, NamesOfPeople, answer::Question, concerning::Participant, could::everybody,
    history::History, in_order, saw::ACTS,
};
use crate::{
    access::{Action, Decision},
    command::LookupValue,
    event::Actor,
    events::Event,
    ids::{AccountId, CaseId, Code, PartyId, Position, ProfileId, StreamId, TenantId},
    ledger::{AsOf, Caller, Ledger, LedgerError, Occasion, states::Freshness},
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
    /// Of those who did it, and of those whom it names.
    pub names: NamesOfPeople,
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
        let (answer, history) = self
            .answer_from_history(caller, case_id, question, occasion)
            .await?;
        let through = through.unwrap_or(answer.through());
        let then = history.scene_as_of(AsOf::Position(through));
        if then.case.opened.is_none() {
            return Err(LedgerError::NotFound);
        }
        let at = |position| self.time_of(tenant, AsOf::Position(position));
        let (before_at, after_at) = (at(after).await?, at(through).await?);
        let now = answer.event.recorded_at;
        let people = |position, at: Option<_>| {
            let scene = history.scene_as_of(AsOf::Position(position));
            everybody(&history, &scene, at.unwrap_or(now))
        };
        let mut people = between(people(after, before_at), people(through, after_at));
        let mut events: Vec<Recorded> = history
            .of_the_case()
            .filter(|event| event.position > after && event.position <= through)
            .map(|event| Recorded::clone(event))
            .collect();
        let more = cut(&mut events);
        let names = self.names_told(tenant, &history, &events, &people).await?;
        for Gained { could, .. } in &mut people {
            could.name = names.of(could);
        }
        Ok(Changed {
            events,
            more,
            people,
            names,
            answer,
        })
    }

    /// The names of those who did something, whom it was done to, and who gained or lost by it; of nobody else.
    async fn names_told(
        &self,
        tenant: &TenantId,
        history: &History,
        events: &[Recorded],
        people: &[Gained],
    ) -> Result<NamesOfPeople, LedgerError> {
        let (mut accounts, mut parties) = history.participants();
        accounts.retain(|id| is_named(events, id));
        parties.retain(|id| is_named(events, id));
        let actors = || events.iter().map(|event| &event.envelope.actor);
        let people = || people.iter().map(|gained| &gained.could);
        accounts.extend(actors().filter_map(Actor::account));
        accounts.extend(people().filter_map(|could| could.account));
        parties.extend(actors().filter_map(Actor::party));
        parties.extend(people().filter_map(|could| could.party));
        self.names_or_accounts(tenant, history, accounts, &parties)
            .await
    }

    /// What happened to an account, what its owner did in a system, and what others did to them in its cases, after one
    /// position and up to another. Each case of which something is told notes it. Erased cases are not found any more; what
    /// a member of staff did there themselves is.
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
        let did = self
            .first_acts(tenant, profile, account, (after, through))
            .await?;
        let broke_the_glass = did
            .iter()
            .filter(|act| matches!(act.event, Event::GlassBroken(_)))
            .filter_map(|act| act.envelope.case);
        let broke_the_glass: Vec<CaseId> = broke_the_glass.collect();
        let (in_cases, parties) = self
            .in_cases(tenant, profile, account, through, broke_the_glass)
            .await?;
        for recorded in did.into_iter().chain(in_cases) {
            events.insert(recorded.position, recorded);
        }
        let mut events: Vec<Recorded> = events
            .into_values()
            .filter(|recorded| recorded.position > after && recorded.position <= through)
            .collect();
        let more = cut(&mut events);
        let cases = events.iter().filter_map(|event| event.envelope.case);
        let cases: BTreeSet<CaseId> = cases.collect();
        self.note_in_cases(caller, &permitted, cases, question, occasion)
            .await?;
        let actors = || events.iter().map(|event| &event.envelope.actor);
        let accounts = actors().filter_map(Actor::account);
        let accounts = accounts.chain([account]).collect();
        let mut names = NamesOfPeople {
            accounts: self.account_names(tenant, &accounts).await?,
            ..NamesOfPeople::default()
        };
        if let Some(name) = names.accounts.get(&account) {
            // Of a case of which nothing is told, nothing is said by the back door.
            let told = parties.into_iter().filter(|party| {
                is_named(&events, party) || actors().any(|actor| actor.party() == Some(*party))
            });
            names.parties = told.map(|party| (party, name.clone())).collect();
        }
        Ok(Changed {
            events,
            more,
            people: Vec::new(),
            names,
            answer,
        })
    }

    /// What a member of staff did in a system after one position and up to another, in order: one more than is told at a
    /// time, if there is as much.
    async fn first_acts(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        account: AccountId,
        (after, through): (Position, Position),
    ) -> Result<VecDeque<Recorded>, LedgerError> {
        let mut found = VecDeque::new();
        let mut before = Some(Position(through.0 + 1));
        // They are read from the end: the last ones are let go, and asked for again.
        while let Some(end) = before {
            let store = &self.parts.store;
            let page = store.read_account(tenant, account, Some(end), ACTS).await?;
            before = page.last().map(|last| last.position);
            before = before.filter(|last| page.len() == ACTS && *last > after);
            for stored in page.iter().filter(|stored| stored.position > after) {
                let recorded = stored.decode()?;
                let basis = recorded.envelope.basis.as_ref();
                if basis.is_some_and(|basis| basis.profile == *profile) {
                    found.push_front(recorded);
                    found.truncate(EVENTS_MAX + 1);
                }
            }
        }
        Ok(found)
    }

    /// What concerned somebody in the cases of a system up to a position, and what they did there as a member of the
    /// family; and as whom they took part. `also` names cases that they had no part in.
    async fn in_cases(
        &self,
        tenant: &TenantId,
        profile: &ProfileId,
        account: AccountId,
        through: Position,
        also: Vec<CaseId>,
    ) -> Result<(Vec<Recorded>, BTreeSet<PartyId>), LedgerError> {
        let of_family = LookupValue::FamilyAccount(account);
        let of_family = self.cases_by(tenant, &of_family).await?;
        let of_staff = LookupValue::StaffAccount(account);
        let of_staff = self.cases_by(tenant, &of_staff).await?;
        let read_as_family: BTreeSet<CaseId> = of_family.iter().map(|(case, _)| *case).collect();
        let mut let_in: BTreeMap<CaseId, BTreeSet<PartyId>> = BTreeMap::new();
        for (case, party) in of_family.into_iter().chain(of_staff) {
            let_in.entry(case).or_default().insert(party);
        }
        for case in also {
            let_in.entry(case).or_default();
        }
        let (mut found, mut took_part) = (Vec::new(), BTreeSet::new());
        for (id, parties) in let_in {
            let case = self.case(tenant, id, Freshness::ReadAgain);
            let case = self.in_passing(tenant, id, case).await?;
            let opened = case.state.opened.as_ref().map(|opened| &opened.profile);
            let cleared = case.state.clearance.as_ref();
            let cleared = cleared.map(|cleared| &cleared.profile);
            if opened.or(cleared) != Some(profile) {
                continue;
            }
            let mut participant = Participant::new(account, parties);
            let events = case.events.iter();
            let events = events.filter(|event| event.position <= through);
            found.extend(
                events
                    .filter(|event| participant.takes(event))
                    .map(|event| Recorded::clone(event)),
            );
            // What a member of staff read is found by their account.
            if read_as_family.contains(&id) {
                let views = self.read_after(tenant, &StreamId::Views(id), 0).await?;
                found.extend(views.into_iter().filter(|view| participant.did(view)));
            }
            took_part.extend(participant.parties());
        }
        Ok((found, took_part))
    }
}

/// Whether the facts of any of these name somebody.
fn is_named(events: &[Recorded], id: &impl ToString) -> bool {
    let id = id.to_string();
    let mut facts = events.iter().map(|event| event.envelope.facts.get());
    facts.any(|facts| facts.contains(&id))
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
