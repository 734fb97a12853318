//! A municipality over some ledger: it settles steps, carries acts out, and checks after each that nothing is so that
//! must not be.

use std::{collections::BTreeMap, sync::Arc};

use ledger_core::{
    case::Case,
    clock::Clock as _,
    event::CorrelationId,
    events::Event,
    ids::{AccountId, CaseId, Code, PartyId, Position, StreamId, TenantId},
    ledger::{
        CaseCommand, Executed, Ledger, LedgerError, LedgerSettings, Look, Occasion, Parts, Shown,
    },
    profile::Assurance,
    sealing::MemoryKeyring,
    store::{EventStore, Recorded},
};

use super::{
    acts::{Act, Who},
    answers::{Answer, Tally},
    chance::SameChance,
    clock::MovableClock,
    consents::{Consents, Offices},
    people::{LOGS, Person, adopted, beginning, code, log_id, profile},
    steps::Step,
};

/// A log as the store tells it, replayed here event by event.
#[derive(Default)]
struct Told {
    version: u64,
    case: Case,
    consents: Consents,
}

/// What must not be, and is.
pub(crate) type Wrong = String;

pub(crate) struct Town {
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) ledger: Arc<Ledger>,
    parts: Parts,
    chance: Arc<SameChance>,
    tenant: TenantId,
    logs: [Told; LOGS],
    offices: Offices,
    /// Who is behind the members of the family: content, so that no event's facts tell it.
    family: BTreeMap<PartyId, AccountId>,
    size: u64,
}

impl Town {
    /// A new municipality over a store that holds nothing of it yet, and tells the time by the same clock.
    pub(crate) async fn founded(
        tenant: &str,
        store: Arc<dyn EventStore>,
        clock: Arc<MovableClock>,
    ) -> Self {
        let chance = Arc::new(SameChance::new());
        let parts = Parts {
            store,
            keyring: Arc::new(MemoryKeyring::new(chance.clone())),
            clock: clock.clone(),
            entropy: chance.clone(),
            observer: Arc::new(()),
            settings: LedgerSettings::default(),
        };
        let mut town = Self {
            clock,
            ledger: Arc::new(Ledger::new(parts.clone())),
            parts,
            chance,
            tenant: tenant.parse().expect("a tenant"),
            logs: Default::default(),
            offices: Offices::default(),
            family: BTreeMap::new(),
            size: 0,
        };
        let origin = format!("ledger.example/{tenant}")
            .parse()
            .expect("an origin");
        let ledger = Arc::clone(&town.ledger);
        ledger
            .open_ledger(&town.tenant, &origin)
            .await
            .expect("opens");
        let (first, role) = (Person::Administrator.account(), code("administrator"));
        ledger
            .appoint_first_administrator(&town.tenant, adopted(), first, "Astrid", role)
            .await
            .expect("appoints");
        for (by, command) in beginning() {
            let caller = by.caller(&town.tenant, Assurance::High);
            let done = ledger
                .administer(&caller, &profile(), command, &town.occasion())
                .await;
            for event in done.expect("is done").decided {
                town.offices.take(&event);
            }
        }
        town.size = town.tip().await;
        town
    }

    fn occasion(&self) -> Occasion {
        Occasion::new(CorrelationId::generate(&*self.chance))
    }

    async fn tip(&self) -> u64 {
        let tip = self.parts.store.tip(&self.tenant).await;
        tip.expect("reads").frontier.size()
    }

    /// Every envelope as it is stored, after the one that names the ledger's signing key, which is no seeded chance.
    pub(crate) async fn envelopes(&self) -> Vec<String> {
        let events = self
            .parts
            .store
            .read_from(&self.tenant, Position(1), 5_000)
            .await;
        let events = events.expect("reads");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        events.iter().map(|event| text(&event.envelope)).collect()
    }

    /// What a step comes to with things as they are.
    pub(crate) fn settle(&self, step: &Step) -> Act {
        let log = step.log().unwrap_or(0);
        step.settled(&self.logs[log].case, self.clock.now(), self.size)
    }

    /// Carries an act out, and checks what must hold after each.
    pub(crate) async fn take(
        &mut self,
        act: &Act,
        tally: &mut Tally,
    ) -> Result<Answer, (Answer, Wrong)> {
        // Draws no chance: only one of two towns that share a clock may be told.
        if let Act::Waits(by) = act {
            self.clock.advance(*by);
            return Ok(Answer::Waited);
        }
        let before = self.size;
        let (profile, occasion) = (profile(), self.occasion());
        let answer = match act {
            Act::Waits(_) => return Ok(Answer::Waited),
            Act::Does(who, log, command) => {
                let done = self.execute(*who, *log, command, &occasion).await;
                let taken = self.take_in(*log, command, &done).await;
                self.settled_with(Answer::done(done), before, taken).await?
            }
            Act::Administers(who, command) => {
                let caller = who.person.caller(&self.tenant, who.assurance);
                let done = self
                    .ledger
                    .administer(&caller, &profile, command.clone(), &occasion);
                let done = done.await;
                let decided = done.iter().flat_map(|done| &done.decided);
                decided.for_each(|event| self.offices.take(event));
                self.settled_with(Answer::done(done), before, Ok(()))
                    .await?
            }
            Act::Looks(who, log, look, moment) => {
                let caller = who.person.caller(&self.tenant, who.assurance);
                let shown = self
                    .ledger
                    .look_back(&caller, log_id(*log), look, *moment, &occasion);
                let shown = shown.await;
                let answer = Answer::shown(&shown);
                let right = self.check_look(*who, *log, look, moment.is_now(), &shown, tally);
                self.settled_with(answer, before, right).await?
            }
        };
        tally.count(&act.name(), matches!(act, Act::Looks(..)), &answer);
        Ok(answer)
    }

    async fn execute(
        &self,
        who: Who,
        log: usize,
        command: &CaseCommand,
        occasion: &Occasion,
    ) -> Result<Executed, LedgerError> {
        let caller = who.person.caller(&self.tenant, who.assurance);
        let id = log_id(log);
        match command.clone() {
            // What is destroyed is destroyed by these, after the event that says so.
            CaseCommand::RedactContent(command) => {
                self.ledger.redact(&caller, id, command, occasion).await
            }
            CaseCommand::FinishErasure(_) => {
                let erased = self.ledger.erase(&caller, id, occasion).await;
                erased.map(|erased| erased.certificate)
            }
            command => self.ledger.execute(&caller, id, command, occasion).await,
        }
    }

    /// Reads on in the store what has happened to a log.
    async fn take_in(
        &mut self,
        log: usize,
        command: &CaseCommand,
        done: &Result<Executed, LedgerError>,
    ) -> Result<(), Wrong> {
        if let (Ok(done), CaseCommand::AddParty(added)) = (done, command) {
            let account = added.account;
            let family = done.decided.iter().filter_map(|event| match event {
                Event::PartyAdded(facts) if facts.staff.is_none() => Some((facts.party, account?)),
                _ => None,
            });
            self.family.extend(family);
        }
        let events = self.events_of(log, self.logs[log].version).await;
        let told = &mut self.logs[log];
        for recorded in &events {
            let family = family_of(&self.family, recorded);
            told.case.evolve(recorded, family);
            told.version = recorded.envelope.version;
            let today = recorded.envelope.recorded_at;
            let today = super::people::RULES.profile().date_of(today);
            told.consents.take(&recorded.event, family, today);
        }
        Ok(())
    }

    async fn events_of(&self, log: usize, after: u64) -> Vec<Recorded> {
        let stream = StreamId::Case(log_id(log));
        let events = self
            .parts
            .store
            .read_stream(&self.tenant, &stream, after, 1_000)
            .await;
        let events = events.expect("reads");
        events
            .iter()
            .map(|event| event.decode().expect("decodes"))
            .collect()
    }

    /// Every answer is defined, and nothing was appended but what the answer tells: positions have no gap.
    async fn settled_with(
        &mut self,
        answer: Answer,
        before: u64,
        right: Result<(), Wrong>,
    ) -> Result<Answer, (Answer, Wrong)> {
        self.size = self.tip().await;
        let appended = self.size - before;
        let wrong = match &answer {
            _ if right.is_err() => right.err(),
            answer if !answer.is_defined() => Some("the answer names no requirement".to_owned()),
            Answer::Done { at, events } => {
                let last = events.len() as u64;
                // An erasure that was not begun before begins and ends in one act.
                let first = self.size - last;
                let in_place = at.starts_with(&format!("{} ", Position(first)));
                (!in_place || appended < last || appended > last + 1)
                    .then(|| format!("{appended} events were appended after position {before}"))
            }
            Answer::Shown { .. } => {
                (appended != 1).then(|| format!("{appended} events were appended for one look"))
            }
            _ => (appended > 1).then(|| format!("{appended} events were appended for a refusal")),
        };
        match wrong {
            Some(wrong) => Err((answer, wrong)),
            None => Ok(answer),
        }
    }

    fn check_look(
        &self,
        who: Who,
        log: usize,
        look: &Look,
        is_now: bool,
        shown: &Result<Shown, LedgerError>,
        tally: &mut Tally,
    ) -> Result<(), Wrong> {
        let told = &self.logs[log];
        let (account, now) = (who.person.account(), self.clock.now());
        let surely = who.assurance == Assurance::High;
        let may = surely && told.consents.may_be_shown(account, &self.offices, now);
        let all: Vec<&Code> = super::people::RULES.profile().sections.keys().collect();
        let guarded = [code("notes"), code("plan"), code("documents")];
        let content = |shown: &Shown| {
            guarded
                .iter()
                .any(|section| shown.sections.contains(section))
        };
        let is_family = matches!(who.person, Person::Mother | Person::Father | Person::Young);
        let is_guardian =
            told.consents.is_guardian(account) && surely && !self.offices.is_closed(account);
        match shown {
            Ok(shown) => {
                if content(shown) && !may {
                    return Err(
                        "notes or plan were shown, though the consents forbid it".to_owned()
                    );
                }
                if content(shown) && !is_family {
                    tally.content_shown += 1;
                }
                // Who is shown no section, as of a document that is not there, is shown nothing of the state.
                let of_state = is_now && !shown.sections.is_empty();
                if of_state && shown.case.state != told.case {
                    return Err(
                        "the state in memory is not the one that the store tells".to_owned()
                    );
                }
                let whole = matches!(look, Look::Case | Look::Print);
                if is_guardian && whole && shown.sections.len() != all.len() {
                    return Err("a guardian was not shown every section".to_owned());
                }
            }
            Err(LedgerError::Rejected(_)) => {}
            Err(_) if is_guardian && is_now => {
                return Err("a guardian who takes part was shown nothing".to_owned());
            }
            Err(_) => {}
        }
        let withheld = shown.as_ref().map_or(true, |shown| !content(shown));
        if withheld && !may && !is_family && told.case.party_of(account).is_some() {
            tally.content_withheld += 1;
        }
        Ok(())
    }

    /// What must hold when everything is over: the log is whole, and a service that has just begun tells the same.
    /// What costs more, only if `thoroughly`.
    pub(crate) async fn check_end(&mut self, thoroughly: bool) -> Result<(), Wrong> {
        let found = self.ledger.verify(&self.tenant, true, &|_, _| {}).await;
        let found = found.expect("reads");
        if !found.errors.is_empty() || found.events != self.size {
            return Err(format!("the log is not whole: {found:?}"));
        }
        if !thoroughly {
            return Ok(());
        }
        let begun = Ledger::new(self.parts.clone());
        for log in 0..LOGS {
            let mut replayed = Case::default();
            for recorded in self.events_of(log, 0).await {
                replayed.evolve(&recorded, family_of(&self.family, &recorded));
            }
            if replayed != self.logs[log].case {
                return Err(format!("log {log} replays to another state"));
            }
            for person in Person::ALL {
                self.asks_both(&begun, person, log_id(log)).await?;
            }
        }
        self.size = self.tip().await;
        Ok(())
    }

    async fn asks_both(&self, begun: &Ledger, person: Person, log: CaseId) -> Result<(), Wrong> {
        let caller = person.caller(&self.tenant, Assurance::High);
        let occasion = self.occasion();
        let long = self.ledger.look(&caller, log, &Look::Case, &occasion).await;
        let new = begun.look(&caller, log, &Look::Case, &occasion).await;
        let same_state = match (&long, &new) {
            (Ok(long), Ok(new)) => {
                long.case.state == new.case.state && long.sections == new.sections
            }
            _ => true,
        };
        let (long, new) = (Answer::shown(&long), Answer::shown(&new));
        if same_state && long.is_same_outcome(&new) {
            return Ok(());
        }
        Err(format!(
            "{person:?} is told {long}, by a service that has just begun {new}"
        ))
    }
}

fn family_of(family: &BTreeMap<PartyId, AccountId>, recorded: &Recorded) -> Option<AccountId> {
    match &recorded.event {
        Event::PartyAdded(facts) => family.get(&facts.party).copied(),
        _ => None,
    }
}
