//! All that ever bore on who may see a case, read once, and what was so at any moment of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::future;
use serde::Serialize;

use super::{
    super::{
        AsOf, Ledger, LedgerError, around, as_of::Moment, situation::Situation, states::Versioned,
    },
    roster::Roster,
};
use crate::{
    access::RuleBook,
    case::Case,
    clock::Timestamp,
    directory::{Account, AdoptedProfile, Organisation, Organisations},
    event::Actor,
    events::{AccountActivatedContent, Event, PartyAddedContent},
    ids::{AccountId, CaseId, OrganisationId, PartyId, Position, ProfileId, StreamId, TenantId},
    standing::STEPS_UP_MAX,
    store::Recorded,
};

/// The events of a case, of the organisations around it, of everybody whose role may ever have mattered, and of the rule
/// book's adoptions: together, in the order in which they were recorded.
pub(super) struct History {
    pub(super) case_id: CaseId,
    pub(super) profile: ProfileId,
    pub(super) events: Vec<Arc<Recorded>>,
    rule_books: BTreeMap<Position, Arc<RuleBook>>,
    family: BTreeMap<PartyId, AccountId>,
    /// Where the names of accounts stand.
    activated: BTreeMap<AccountId, Arc<Recorded>>,
    /// Where the names of parties stand.
    added: BTreeMap<PartyId, Arc<Recorded>>,
}

/// What is so after some of the events.
#[derive(Clone, Default)]
pub(super) struct Scene {
    pub(super) case: Case,
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) rule_book: Option<Arc<RuleBook>>,
    organisations: Organisations,
}

/// The names of people, as far as they can still be read.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NamesOfPeople {
    /// Of those who sign in.
    pub accounts: BTreeMap<AccountId, String>,
    /// Of those who take part in a case.
    pub parties: BTreeMap<PartyId, String>,
}

impl NamesOfPeople {
    /// The name of whoever did something.
    pub fn of_actor(&self, actor: &Actor) -> Option<&str> {
        let name = match actor {
            Actor::Staff { account, .. } => self.accounts.get(account),
            Actor::Party { party, .. } => self.parties.get(party),
            Actor::Operator => None,
        };
        name.map(String::as_str)
    }
}

impl Ledger {
    /// The history of a case up to the event of an answer. That event was appended on the condition that the case and the
    /// rules were as the situation has them, so neither is read again.
    ///
    /// # Errors
    /// [`LedgerError::NotFound`] where the case was not open by then.
    pub(super) async fn history(
        &self,
        situation: &Situation<'_>,
        through: Position,
    ) -> Result<History, LedgerError> {
        let (tenant, case_id) = (situation.tenant(), situation.case_id);
        let case = &situation.case;
        let opened = case.state.opened.as_ref();
        let profile = opened.ok_or(LedgerError::NotFound)?.profile.clone();
        let family = case.state.parties.iter();
        let family = family.filter_map(|(id, party)| Some((*id, party.family?)));
        let mut history = History {
            case_id,
            profile,
            events: case.events.clone(),
            rule_books: BTreeMap::new(),
            family: family.collect(),
            activated: BTreeMap::new(),
            added: BTreeMap::new(),
        };
        let adopted = self.rule_books(tenant, situation.adopted()).await?;
        for (adoption, rule_book) in adopted {
            history.rule_books.insert(adoption.position, rule_book);
            history.events.push(adoption);
        }
        let units = history.units();
        let around = self.add_organisations(tenant, &units, through, &mut history);
        let (around, roster) = future::try_join(around, self.roster(tenant)).await?;
        history.add_accounts(&roster, &around, through);
        history.events.sort_unstable_by_key(|event| event.position);
        Ok(history)
    }

    /// Every adoption of a system's rule book, with the book.
    pub(super) async fn rule_books(
        &self,
        tenant: &TenantId,
        adopted: &Versioned<AdoptedProfile>,
    ) -> Result<Vec<(Arc<Recorded>, Arc<RuleBook>)>, LedgerError> {
        let mut found = Vec::new();
        for adoption in &adopted.events {
            if let Some(rule_book) = self.adopted_book(tenant, adoption).await? {
                found.push((Arc::clone(adoption), rule_book));
            }
        }
        Ok(found)
    }

    /// Adds the organisations that a case was ever in, and all that these are part of. Gives the ids.
    async fn add_organisations(
        &self,
        tenant: &TenantId,
        units: &BTreeSet<OrganisationId>,
        through: Position,
        history: &mut History,
    ) -> Result<BTreeSet<OrganisationId>, LedgerError> {
        let mut found = units.clone();
        if !history.rule_books.values().any(around::is_asked_about) {
            return Ok(found);
        }
        let mut read = BTreeSet::new();
        for unit in units {
            let mut next = Some(*unit);
            for _ in 0..=STEPS_UP_MAX {
                let Some(id) = next.filter(|id| read.insert(*id)) else {
                    break;
                };
                found.insert(id);
                let mut state = Organisation::default();
                let stream = StreamId::Organisation(id);
                for recorded in self.read_after(tenant, &stream, 0).await? {
                    state.evolve(&recorded);
                    if recorded.position <= through {
                        history.events.push(Arc::new(recorded));
                    }
                }
                next = state.parent;
            }
        }
        Ok(found)
    }

    /// The names of accounts and parties of a case. Only those that are asked for are opened.
    pub(super) async fn names(
        &self,
        tenant: &TenantId,
        history: &History,
        accounts: &BTreeSet<AccountId>,
        parties: &BTreeSet<PartyId>,
    ) -> Result<NamesOfPeople, LedgerError> {
        let accounts = accounts.iter();
        let accounts: Vec<(AccountId, &Recorded)> = accounts
            .filter_map(|id| Some((*id, history.activated.get(id)?.as_ref())))
            .collect();
        let parties = parties.iter();
        let parties: Vec<(PartyId, &Recorded)> = parties
            .filter_map(|id| Some((*id, history.added.get(id)?.as_ref())))
            .collect();
        let events = accounts.iter().map(|(_, event)| *event);
        let events: Vec<&Recorded> = events
            .chain(parties.iter().map(|(_, event)| *event))
            .collect();
        let contents = self.open_contents(tenant, &events).await?;
        let accounts = accounts.into_iter().filter_map(|(id, event)| {
            let content = contents.read::<AccountActivatedContent>(event.position)?;
            Some((id, content.name))
        });
        let parties = parties.into_iter().filter_map(|(id, event)| {
            let content = contents.read::<PartyAddedContent>(event.position)?;
            Some((id, content.name))
        });
        Ok(NamesOfPeople {
            accounts: accounts.collect(),
            parties: parties.collect(),
        })
    }
}

impl History {
    /// Adds everybody who ever took part, or held a role in the whole tenant or in one of these organisations.
    fn add_accounts(
        &mut self,
        roster: &Roster,
        around: &BTreeSet<OrganisationId>,
        through: Position,
    ) {
        let mut took_part: BTreeSet<AccountId> = self.family.values().copied().collect();
        for event in &self.events {
            if let Event::PartyAdded(facts) = &event.event {
                took_part.extend(facts.staff);
                self.added.insert(facts.party, Arc::clone(event));
            }
        }
        let mut looked_at = roster.had_roles_around(around);
        looked_at.extend(&took_part);
        for id in &looked_at {
            let Some(events) = roster.accounts.get(id) else {
                continue;
            };
            let matters = took_part.contains(id)
                || events.iter().any(|event| match &event.event {
                    Event::RoleAssigned(facts) => {
                        let counts = facts.profile.as_ref();
                        counts.is_none_or(|profile| *profile == self.profile)
                            && facts.unit.is_none_or(|unit| around.contains(&unit))
                    }
                    _ => false,
                });
            if !matters {
                continue;
            }
            for event in events.iter().filter(|event| event.position <= through) {
                if matches!(event.event, Event::AccountActivated(_)) {
                    self.activated.insert(*id, Arc::clone(event));
                }
                self.events.push(Arc::clone(event));
            }
        }
    }

    /// Every unit that was ever responsible, and every organisation that the case was submitted to.
    fn units(&self) -> BTreeSet<OrganisationId> {
        let mut case = Case::default();
        let mut units = BTreeSet::new();
        for event in &self.events {
            if matches!(event.envelope.stream, StreamId::Case(_)) {
                case.evolve(event, None);
                let opened = case.opened.iter();
                units.extend(
                    opened
                        .flat_map(|opened| [Some(opened.unit), opened.submitted_to])
                        .flatten(),
                );
            }
        }
        units
    }

    /// What was so at a moment.
    pub(super) fn scene(&self, moment: Moment) -> Scene {
        let mut scene = Scene::default();
        for event in &self.events {
            if moment.includes(event) {
                scene.take(event, self);
            }
        }
        scene
    }

    /// What was so when this was the last event, or at that time, as the ledger knew it.
    pub(super) fn scene_as_of(&self, known: AsOf) -> Scene {
        self.scene(Moment {
            known,
            valid_at: None,
        })
    }

    /// What was so at a moment, by all that is known today: facts that were recorded later count from when they happened,
    /// and a consent that was found to be invalid never counted.
    pub(super) fn scene_in_hindsight(&self, at: Timestamp) -> Scene {
        let mut scene = Scene::default();
        for event in &self.events {
            if happened_at(event).is_none_or(|happened| happened <= at) {
                scene.take(event, self);
            }
        }
        scene
    }

    /// The event at a position, if it bears on who may see the case.
    pub(super) fn event(&self, position: Position) -> Option<&Arc<Recorded>> {
        let found = self
            .events
            .binary_search_by_key(&position, |event| event.position);
        found.ok().and_then(|index| self.events.get(index))
    }

    /// Everybody who ever took part, and the accounts of the members of staff among them.
    pub(super) fn participants(&self) -> (BTreeSet<AccountId>, BTreeSet<PartyId>) {
        let added = self.added.values();
        let staff = added.filter_map(|event| match &event.event {
            Event::PartyAdded(facts) => facts.staff,
            _ => None,
        });
        (staff.collect(), self.added.keys().copied().collect())
    }

    /// Every rule book that was ever in force for the case.
    pub(super) fn rule_books(&self) -> impl Iterator<Item = &Arc<RuleBook>> {
        self.rule_books.values()
    }

    /// The events of the case itself.
    pub(super) fn of_the_case(&self) -> impl DoubleEndedIterator<Item = &Arc<Recorded>> {
        let events = self.events.iter();
        events.filter(|event| matches!(event.envelope.stream, StreamId::Case(_)))
    }
}

/// From when on an event counts, in hindsight; nothing for one that says that something never was.
pub(super) fn happened_at(event: &Recorded) -> Option<Timestamp> {
    match &event.event {
        Event::ConsentInvalidated(_) => None,
        _ => Some(event.envelope.occurred_at()),
    }
}

/// Whether an event says something of a time before it was recorded.
pub(super) fn is_retroactive(event: &Recorded) -> bool {
    happened_at(event).is_none_or(|happened| happened < event.envelope.recorded_at)
}

impl Scene {
    /// Takes in one more event.
    pub(super) fn take(&mut self, event: &Recorded, history: &History) {
        match &event.envelope.stream {
            StreamId::Case(_) => {
                let family = match &event.event {
                    Event::PartyAdded(facts) => history.family.get(&facts.party).copied(),
                    _ => None,
                };
                self.case.evolve(event, family);
            }
            StreamId::Organisation(id) => {
                let organisation = self.organisations.entry(*id).or_default();
                Arc::make_mut(organisation).evolve(event);
            }
            StreamId::Account(id) => self.accounts.entry(*id).or_default().evolve(event),
            StreamId::Profile(_) => {
                self.rule_book = history.rule_books.get(&event.position).cloned();
            }
            _ => {}
        }
    }

    /// The organisations around the case now: where it is, where it was submitted to, and all that these are part of.
    pub(super) fn around(&self) -> Organisations {
        let mut around = Organisations::default();
        let opened = self.case.opened.iter();
        for first in opened
            .flat_map(|opened| [Some(opened.unit), opened.submitted_to])
            .flatten()
        {
            let mut next = Some(first);
            for _ in 0..=STEPS_UP_MAX {
                let Some(id) = next.filter(|id| !around.contains_key(id)) else {
                    break;
                };
                let Some(organisation) = self.organisations.get(&id) else {
                    break;
                };
                next = organisation.parent;
                around.insert(id, Arc::clone(organisation));
            }
        }
        around
    }
}
