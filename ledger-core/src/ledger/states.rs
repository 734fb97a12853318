//! States by stream, kept in memory with the version that they stand for.
//!
//! A state from memory may be old. That is safe, because every append names the versions that its decision consulted
//! and is refused if one has moved on; then, and before anyone is told no, the state is read again.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};

use super::{Ledger, LedgerError, audit::Roster};
use crate::{
    access::RuleBook,
    case::Case,
    directory::{Account, AdoptedProfile, Contact, Organisation, Webhooks},
    events::{Event, PartyAddedContent, ProfileAdoptedContent},
    ids::{AccountId, CaseId, OrganisationId, Position, ProfileId, StreamId, TenantId},
    profile::RuleBookText,
    store::{Recorded, StoredEvent},
};

/// How many events of a stream are read at a time.
const PAGE: usize = 1_000;
/// How many states of each kind are kept.
const STATES_MAX: usize = 20_000;
/// How many compiled rule books of the past are kept.
const RULE_BOOKS_MAX: usize = 100;
/// Of how many tenants everybody who signs in is kept.
const ROSTERS_MAX: usize = 1_000;
/// How many events of cases are kept with their states: some hundred megabytes at most.
const CASE_EVENTS_MAX: u64 = 200_000;

/// A state and the version of the stream that it stands for.
#[derive(Debug, Clone, Default)]
pub struct Versioned<T> {
    /// The last version taken in; 0 = the stream is empty.
    pub version: u64,
    /// The position of that event.
    pub position: Option<Position>,
    /// The state.
    pub state: T,
    /// The events taken in, where they are looked at again: those of cases, and the adoptions of a system's rules.
    pub events: Vec<Arc<Recorded>>,
}

/// An event of a case that this server has appended itself.
pub(super) struct OwnEvent {
    pub(super) stored: StoredEvent,
    /// The account behind a family member who is added.
    pub(super) family: Option<AccountId>,
}

/// Whether a state from memory will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It will: whatever rests on it is checked when it is appended.
    FromMemory,
    /// It will not.
    ReadAgain,
}

impl Freshness {
    /// From now on it will not. Whether it would have: nobody is told no from memory.
    pub(super) fn read_again(&mut self) -> bool {
        std::mem::replace(self, Self::ReadAgain) == Self::FromMemory
    }
}

type StateCache<K, T> = Cache<(TenantId, K), Arc<Versioned<T>>>;

pub(super) struct States {
    cases: Cache<(TenantId, CaseId), Arc<Versioned<Case>>, CaseWeight>,
    accounts: StateCache<AccountId, Account>,
    organisations: StateCache<OrganisationId, Arc<Organisation>>,
    profiles: StateCache<ProfileId, AdoptedProfile>,
    contacts: StateCache<AccountId, Contact>,
    /// Rule books by the event that adopted them: the past is asked about with the text of its time.
    adopted: Cache<(TenantId, Position), Arc<RuleBook>>,
    rosters: Cache<TenantId, Arc<Roster>>,
}

/// A case weighs as much as it has events.
#[derive(Clone)]
struct CaseWeight;

impl Weighter<(TenantId, CaseId), Arc<Versioned<Case>>> for CaseWeight {
    fn weight(&self, _: &(TenantId, CaseId), case: &Arc<Versioned<Case>>) -> u64 {
        case.events.len() as u64 + 1
    }
}

impl Default for States {
    fn default() -> Self {
        Self {
            cases: Cache::with_weighter(STATES_MAX, CASE_EVENTS_MAX, CaseWeight),
            accounts: Cache::new(STATES_MAX),
            organisations: Cache::new(STATES_MAX),
            profiles: Cache::new(1_000),
            contacts: Cache::new(STATES_MAX),
            adopted: Cache::new(RULE_BOOKS_MAX),
            rosters: Cache::new(ROSTERS_MAX),
        }
    }
}

impl States {
    pub(super) fn roster(&self, tenant: &TenantId) -> Option<Arc<Roster>> {
        self.rosters.get(tenant)
    }

    pub(super) fn forget_roster(&self, tenant: &TenantId) {
        self.rosters.remove(tenant);
    }

    pub(super) fn keep_roster(&self, tenant: TenantId, roster: Arc<Roster>) {
        self.rosters.insert(tenant, roster);
    }
}

impl Ledger {
    pub(super) async fn case(
        &self,
        tenant: &TenantId,
        id: CaseId,
        freshness: Freshness,
    ) -> Result<Arc<Versioned<Case>>, LedgerError> {
        let known = self.states.cases.get(&(tenant.clone(), id));
        if let (Some(known), Freshness::FromMemory) = (&known, freshness) {
            return Ok(Arc::clone(known));
        }
        let mut state = known.as_deref().cloned().unwrap_or_default();
        let before = state.version;
        for recorded in self
            .read_after(tenant, &StreamId::Case(id), state.version)
            .await?
        {
            let family = self.family_account(tenant, &recorded).await?;
            state.take(&recorded, |case| case.evolve(&recorded, family));
            state.events.push(Arc::new(recorded));
        }
        Ok(keep(
            &self.states.cases,
            (tenant.clone(), id),
            before,
            known,
            state,
        ))
    }

    /// Does something with one case on the way through many. Neither its state nor its ciphertext is kept for that, so that
    /// going through all of them takes no more memory than the largest, and the cases that are worked on stay in memory.
    pub(super) async fn in_passing<T>(
        &self,
        tenant: &TenantId,
        id: CaseId,
        doing: impl Future<Output = T>,
    ) -> T {
        let key = (tenant.clone(), id);
        let was_known = self.states.cases.contains_key(&key);
        let done = doing.await;
        if !was_known && let Some((_, passed)) = self.states.cases.remove(&key) {
            let events = passed.events.iter();
            let positions: Vec<Position> = events.map(|event| event.position).collect();
            self.forget_sealed(tenant, &positions);
        }
        done
    }

    /// Takes in what this server has just appended to a case that it knew at version `before`, so that the next
    /// command need not read it back.
    pub(super) fn take_own(&self, tenant: &TenantId, id: CaseId, before: u64, own: Vec<OwnEvent>) {
        let key = (tenant.clone(), id);
        let Some((_, known)) = self.states.cases.remove(&key) else {
            return;
        };
        // Somebody else took it further meanwhile: the next one reads it again.
        if known.version != before {
            return;
        }
        let mut state = Arc::unwrap_or_clone(known);
        for OwnEvent { stored, family } in own {
            let Ok(recorded) = stored.decode() else {
                return;
            };
            state.take(&recorded, |case| case.evolve(&recorded, family));
            state.events.push(Arc::new(recorded));
        }
        self.states.cases.insert(key, Arc::new(state));
    }

    pub(super) async fn account(
        &self,
        tenant: &TenantId,
        id: AccountId,
        freshness: Freshness,
    ) -> Result<Arc<Versioned<Account>>, LedgerError> {
        let known = self.states.accounts.get(&(tenant.clone(), id));
        if let (Some(known), Freshness::FromMemory) = (&known, freshness) {
            return Ok(Arc::clone(known));
        }
        let mut state = known.as_deref().cloned().unwrap_or_default();
        let before = state.version;
        for recorded in self
            .read_after(tenant, &StreamId::Account(id), state.version)
            .await?
        {
            state.take(&recorded, |account| account.evolve(&recorded));
        }
        Ok(keep(
            &self.states.accounts,
            (tenant.clone(), id),
            before,
            known,
            state,
        ))
    }

    /// What a person has said about being told; nothing of it is opened.
    pub(super) async fn contact(
        &self,
        tenant: &TenantId,
        id: AccountId,
        freshness: Freshness,
    ) -> Result<Arc<Versioned<Contact>>, LedgerError> {
        let known = self.states.contacts.get(&(tenant.clone(), id));
        if let (Some(known), Freshness::FromMemory) = (&known, freshness) {
            return Ok(Arc::clone(known));
        }
        let mut state = known.as_deref().cloned().unwrap_or_default();
        let before = state.version;
        for recorded in self
            .read_after(tenant, &StreamId::Contacts(id), state.version)
            .await?
        {
            state.take(&recorded, |contact| contact.evolve(&recorded));
        }
        Ok(keep(
            &self.states.contacts,
            (tenant.clone(), id),
            before,
            known,
            state,
        ))
    }

    /// The programs that are told; there are few, and they are read anew each time.
    pub(super) async fn webhooks(
        &self,
        tenant: &TenantId,
    ) -> Result<Versioned<Webhooks>, LedgerError> {
        let mut state = Versioned::default();
        for recorded in self.read_after(tenant, &StreamId::Webhooks, 0).await? {
            state.take(&recorded, |webhooks: &mut Webhooks| {
                webhooks.evolve(&recorded);
            });
        }
        Ok(state)
    }

    pub(super) async fn organisation(
        &self,
        tenant: &TenantId,
        id: OrganisationId,
        freshness: Freshness,
    ) -> Result<Arc<Versioned<Arc<Organisation>>>, LedgerError> {
        let known = self.states.organisations.get(&(tenant.clone(), id));
        if let (Some(known), Freshness::FromMemory) = (&known, freshness) {
            return Ok(Arc::clone(known));
        }
        let mut state = known.as_deref().cloned().unwrap_or_default();
        let before = state.version;
        for recorded in self
            .read_after(tenant, &StreamId::Organisation(id), state.version)
            .await?
        {
            state.take(&recorded, |organisation| {
                Arc::make_mut(organisation).evolve(&recorded);
            });
        }
        Ok(keep(
            &self.states.organisations,
            (tenant.clone(), id),
            before,
            known,
            state,
        ))
    }

    pub(super) async fn profile(
        &self,
        tenant: &TenantId,
        id: &ProfileId,
        freshness: Freshness,
    ) -> Result<Arc<Versioned<AdoptedProfile>>, LedgerError> {
        let known = self.states.profiles.get(&(tenant.clone(), id.clone()));
        if let (Some(known), Freshness::FromMemory) = (&known, freshness) {
            return Ok(Arc::clone(known));
        }
        let mut state = known.as_deref().cloned().unwrap_or_default();
        let before = state.version;
        let events = self
            .read_after(tenant, &StreamId::Profile(id.clone()), state.version)
            .await?;
        // Only the text adopted last is compiled; earlier ones are, when the past is asked about.
        if let Some(last) = events.last() {
            let rule_book = self.adopted_book(tenant, last).await?;
            state.take(last, |adopted| {
                adopted.current = rule_book.map(|book| (last.position, book));
            });
        }
        state.events.extend(events.into_iter().map(Arc::new));
        Ok(keep(
            &self.states.profiles,
            (tenant.clone(), id.clone()),
            before,
            known,
            state,
        ))
    }

    /// The rule book that is in force for a system. It holds nothing of any person.
    pub async fn rule_book(
        &self,
        tenant: &TenantId,
        id: &ProfileId,
    ) -> Result<Option<Arc<RuleBook>>, LedgerError> {
        let adopted = self.profile(tenant, id, Freshness::ReadAgain).await?;
        let current = adopted.state.current.as_ref();
        Ok(current.map(|(_, rule_book)| Arc::clone(rule_book)))
    }

    /// The rule book that an adoption event stored; nothing for an event of another type.
    pub(super) async fn adopted_text(
        &self,
        tenant: &TenantId,
        recorded: &Recorded,
    ) -> Result<Option<RuleBook>, LedgerError> {
        if !matches!(recorded.event, Event::ProfileAdopted(_)) {
            return Ok(None);
        }
        let position = recorded.position;
        let opened = self.open_contents(tenant, &[recorded]).await?;
        let text: ProfileAdoptedContent = opened
            .read(position)
            .ok_or(LedgerError::ContentUnreadable(position))?;
        let text = RuleBookText {
            profile_toml: text.profile_toml,
            access_cedar: text.access_cedar,
        };
        RuleBook::load(&text)
            .map(Some)
            .map_err(|source| LedgerError::Profile { position, source })
    }

    /// The same, compiled once for all who ask about its time.
    pub(super) async fn adopted_book(
        &self,
        tenant: &TenantId,
        recorded: &Recorded,
    ) -> Result<Option<Arc<RuleBook>>, LedgerError> {
        let key = (tenant.clone(), recorded.position);
        if let Some(known) = self.states.adopted.get(&key) {
            return Ok(Some(known));
        }
        let Some(rule_book) = self.adopted_text(tenant, recorded).await? else {
            return Ok(None);
        };
        let rule_book = Arc::new(rule_book);
        self.states.adopted.insert(key, Arc::clone(&rule_book));
        Ok(Some(rule_book))
    }

    /// The account behind a member of the family who is added, if that can still be read.
    pub(super) async fn family_account(
        &self,
        tenant: &TenantId,
        recorded: &Recorded,
    ) -> Result<Option<AccountId>, LedgerError> {
        match &recorded.event {
            Event::PartyAdded(facts) if facts.staff.is_none() => {
                let opened = self.open_contents(tenant, &[recorded]).await?;
                Ok(opened
                    .read::<PartyAddedContent>(recorded.position)
                    .and_then(|content| content.account))
            }
            _ => Ok(None),
        }
    }

    /// Every event of a stream after a version.
    pub(super) async fn read_after(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        after: u64,
    ) -> Result<Vec<Recorded>, LedgerError> {
        let (mut events, mut after) = (Vec::new(), after);
        loop {
            let page = self
                .parts
                .store
                .read_stream(tenant, stream, after, PAGE)
                .await?;
            let full = page.len() == PAGE;
            for stored in &page {
                let recorded = StoredEvent::decode(stored)?;
                after = recorded.envelope.version;
                events.push(recorded);
            }
            if !full {
                return Ok(events);
            }
        }
    }
}

impl<T> Versioned<T> {
    pub(super) fn take(&mut self, recorded: &Recorded, evolve: impl FnOnce(&mut T)) {
        evolve(&mut self.state);
        self.version = recorded.envelope.version;
        self.position = Some(recorded.position);
    }
}

fn keep<K, T, W>(
    cache: &Cache<(TenantId, K), Arc<Versioned<T>>, W>,
    key: (TenantId, K),
    before: u64,
    known: Option<Arc<Versioned<T>>>,
    state: Versioned<T>,
) -> Arc<Versioned<T>>
where
    K: std::hash::Hash + Eq + Clone,
    W: Weighter<(TenantId, K), Arc<Versioned<T>>> + Clone,
{
    match known {
        Some(known) if state.version == before => known,
        _ => {
            let state = Arc::new(state);
            // An empty stream is not kept: anyone can name ids that do not exist.
            if state.version > 0 {
                cache.insert(key, Arc::clone(&state));
            }
            state
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{Noughts, now},
        clock::{Clock, SystemEntropy, Timestamp},
        ledger::{LedgerSettings, Parts},
        sealing::MemoryKeyring,
        store::memory::MemoryStore,
    };

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            now()
        }
    }

    #[tokio::test]
    async fn a_case_seen_in_passing_is_kept_only_if_it_was_known() {
        let ledger = Ledger::new(Parts {
            store: Arc::new(MemoryStore::new(Arc::new(Stopped))),
            keyring: Arc::new(MemoryKeyring::new(Arc::new(Noughts))),
            clock: Arc::new(Stopped),
            entropy: Arc::new(Noughts),
            observer: Arc::new(()),
            settings: LedgerSettings::default(),
        });
        let tenant: TenantId = "kvam".parse().unwrap();
        let [known, other] = [(); 2].map(|()| CaseId::generate(now(), &SystemEntropy));
        let cases = &ledger.states.cases;
        let keep = |id: CaseId| cases.insert((tenant.clone(), id), Arc::default());
        keep(known);
        for id in [known, other] {
            ledger.in_passing(&tenant, id, async { keep(id) }).await;
        }
        let is_kept = |id: CaseId| cases.contains_key(&(tenant.clone(), id));
        assert!(is_kept(known));
        assert!(!is_kept(other));
    }
}
