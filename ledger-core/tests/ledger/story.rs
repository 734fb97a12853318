//! Kvam: a municipality with a school, a health service and a family, to tell stories about.
//!
//! [`Kvam::in_memory`] sets it up through the ledger's own commands; [`Kvam::on`] does the same over any other parts.

use std::{collections::BTreeSet, sync::Arc};

use chrono::NaiveDate;
use ledger_core::{
    access::RuleBook,
    case::{AddNote, AddParty, Beginning, ClearOpening, GiveConsent, OpenCase, WithdrawConsent},
    clock::{Clock as _, SystemEntropy, Timestamp},
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    event::CorrelationId,
    events::Event,
    ids::{
        AccountId, CaseId, Code, ConsentId, NoteId, OrganisationId, PartyId, ProfileId, TenantId,
    },
    ledger::{
        Caller, CaseCommand, DirectoryCommand, Executed, Ledger, LedgerError, LedgerSettings, Look,
        Occasion, Parts, Shown,
    },
    profile::{Assurance, RuleBookText},
    sealing::MemoryKeyring,
    store::memory::MemoryStore,
};

use crate::clock::MovableClock;

/// The municipality, its people and its ledger.
pub(crate) struct Kvam {
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) parts: Parts,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) school: OrganisationId,
    pub(crate) health: OrganisationId,
    pub(crate) administrator: Caller,
    pub(crate) leader: Caller,
    pub(crate) teacher: Caller,
    pub(crate) nurse: Caller,
    pub(crate) mother: Caller,
    pub(crate) father: Caller,
    pub(crate) auditor: Caller,
    pub(crate) archivist: Caller,
    /// A teacher of the same school who has nothing to do with any case.
    pub(crate) colleague: Caller,
}

/// A log with its participants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    pub(crate) id: CaseId,
    pub(crate) mother: PartyId,
    pub(crate) father: PartyId,
    pub(crate) nurse: PartyId,
}

pub(crate) fn tenant() -> TenantId {
    "kvam".parse().expect("a tenant")
}

pub(crate) fn profile() -> ProfileId {
    "stafettloggen-kvam".parse().expect("a profile")
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(crate) fn occasion() -> Occasion {
    Occasion::new(CorrelationId::generate(&SystemEntropy))
}

pub(crate) fn rule_book() -> AdoptProfile {
    let text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    let rule_book = Arc::new(RuleBook::load(&text).expect("it is right"));
    AdoptProfile { rule_book }
}

fn caller(number: u128) -> Caller {
    Caller {
        tenant: tenant(),
        account: AccountId::from_ulid(number.into()),
        issuer: code("idporten"),
        assurance: Assurance::High,
    }
}

impl Kvam {
    /// On a Monday morning in March, with a clock that stands still.
    pub(crate) async fn in_memory() -> Self {
        let clock = MovableClock::stopped_at("2026-03-02T09:00:00Z");
        let entropy = Arc::new(SystemEntropy);
        let parts = Parts {
            store: Arc::new(MemoryStore::new(clock.clone())),
            keyring: Arc::new(MemoryKeyring::new(entropy.clone())),
            clock: clock.clone(),
            entropy,
            observer: Arc::new(()),
            settings: LedgerSettings::default(),
        };
        Self::on(parts, clock).await
    }

    /// On these parts; `clock` is the one among them.
    pub(crate) async fn on(parts: Parts, clock: Arc<MovableClock>) -> Self {
        let kvam = Self {
            clock,
            ledger: Arc::new(Ledger::new(parts.clone())),
            parts,
            school: OrganisationId::from_ulid(1_u128.into()),
            health: OrganisationId::from_ulid(2_u128.into()),
            administrator: caller(1),
            leader: caller(2),
            teacher: caller(3),
            nurse: caller(4),
            mother: caller(5),
            father: caller(6),
            auditor: caller(7),
            archivist: caller(8),
            colleague: caller(9),
        };
        kvam.begin().await;
        kvam.fill().await;
        kvam
    }

    async fn begin(&self) {
        let origin = "ledger.example/kvam".parse().expect("an origin");
        self.ledger
            .open_ledger(&tenant(), &origin)
            .await
            .expect("opens");
        let (account, role) = (self.administrator.account, code("administrator"));
        self.ledger
            .appoint_first_administrator(&tenant(), rule_book(), account, "Astrid", role)
            .await
            .expect("appoints");
    }

    async fn fill(&self) {
        for (organisation, kind, name) in [
            (self.school, "school", "Strandebarm skule"),
            (self.health, "health_service", "Helsestasjonen"),
        ] {
            let command = RegisterOrganisation {
                organisation,
                kind: code(kind),
                parent: None,
                name: name.to_owned(),
            };
            let command = DirectoryCommand::RegisterOrganisation(command);
            self.administers(&self.administrator, command).await;
        }
        for (person, organisation, name) in [
            (&self.leader, Some(self.school), "Leiv"),
            (&self.teacher, Some(self.school), "Torunn"),
            (&self.nurse, Some(self.health), "Nina"),
            (&self.mother, None, "Marit"),
            (&self.father, None, "Per"),
            (&self.auditor, None, "Audun"),
            (&self.archivist, None, "Arne"),
            (&self.colleague, Some(self.school), "Kolbein"),
        ] {
            let command = DirectoryCommand::ActivateAccount(ActivateAccount {
                account: person.account,
                organisation,
                name: name.to_owned(),
            });
            self.administers(&self.administrator, command).await;
        }
        let (school, health) = (Some(self.school), Some(self.health));
        for (by, to, role, unit) in [
            (&self.administrator, &self.leader, "unit_leader", school),
            (&self.administrator, &self.auditor, "auditor", None),
            (&self.administrator, &self.archivist, "archivist", None),
            (&self.leader, &self.teacher, "baton_holder", school),
            (&self.leader, &self.colleague, "baton_holder", school),
        ] {
            self.administers(by, self.assign(to, role, unit)).await;
        }
        // The health service has a leader of its own; here the school's stands in for it.
        let stands_in = self.assign(&self.leader, "unit_leader", health);
        self.administers(&self.administrator, stands_in).await;
    }

    pub(crate) fn assign(
        &self,
        to: &Caller,
        role: &str,
        unit: Option<OrganisationId>,
    ) -> DirectoryCommand {
        DirectoryCommand::AssignRole(AssignRole {
            account: to.account,
            role: code(role),
            unit,
            until: None,
        })
    }

    pub(crate) async fn administers(&self, by: &Caller, command: DirectoryCommand) -> Executed {
        let done = self
            .ledger
            .administer(by, &profile(), command, &occasion())
            .await;
        done.expect("is done")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Somebody does something, and it is done.
    pub(crate) async fn does(&self, who: &Caller, log: CaseId, command: CaseCommand) -> Executed {
        let done = self.ledger.execute(who, log, command, &occasion()).await;
        done.expect("is done")
    }

    /// Somebody tries to do something, and it is not done.
    pub(crate) async fn cannot(
        &self,
        who: &Caller,
        log: CaseId,
        command: CaseCommand,
    ) -> LedgerError {
        let done = self.ledger.execute(who, log, command, &occasion()).await;
        done.expect_err("is not done")
    }

    pub(crate) async fn tries_to_see(
        &self,
        who: &Caller,
        log: CaseId,
    ) -> Result<Shown, LedgerError> {
        self.ledger.look(who, log, &Look::Case, &occasion()).await
    }

    /// Somebody looks at a log, and sees it.
    pub(crate) async fn sees(&self, who: &Caller, log: CaseId) -> Shown {
        self.tries_to_see(who, log).await.expect("is shown")
    }

    /// Somebody looks at a log, and it is not shown.
    pub(crate) async fn does_not_see(&self, who: &Caller, log: CaseId) -> LedgerError {
        let shown = self.tries_to_see(who, log).await;
        shown.err().expect("is not shown")
    }

    /// A log in which mother, father and nurse take part; nobody has consented to anything yet.
    pub(crate) async fn log_without_consent(&self) -> Log {
        let id = self.cleared_for(&self.teacher).await;
        self.does(&self.teacher, id, self.opening()).await;
        let add = async |role, person: &Caller, service, name| {
            let command = AddParty {
                role: code(role),
                account: Some(person.account),
                service,
                name: String::from(name),
                task: None,
            };
            party_of(
                &self
                    .does(&self.teacher, id, CaseCommand::AddParty(command))
                    .await,
            )
        };
        Log {
            id,
            mother: add("guardian", &self.mother, None, "Marit Mor").await,
            father: add("guardian", &self.father, None, "Per Far").await,
            nurse: add(
                "professional",
                &self.nurse,
                Some(self.health),
                "Nina Sjukepleiar",
            )
            .await,
        }
    }

    /// The leader clears that somebody opens a log.
    pub(crate) async fn cleared_for(&self, who: &Caller) -> CaseId {
        let id = CaseId::generate(self.now(), &SystemEntropy);
        let clear = ClearOpening {
            unit: self.school,
            account: who.account,
        };
        let clear = CaseCommand::ClearOpening(profile(), clear);
        self.does(&self.leader, id, clear).await;
        id
    }

    pub(crate) fn opening(&self) -> CaseCommand {
        let command = OpenCase {
            unit: self.school,
            child_name: "Ola Nordmann".to_owned(),
            national_id: Some("010112 12345".to_owned()),
            birth_date: None,
            concern: "Trivst ikkje på skulen".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Torunn Lærar".to_owned(),
            begins: Beginning::default(),
        };
        CaseCommand::Open(profile(), command)
    }

    /// The same log, to which both guardians have consented, and to cooperation with the health service.
    pub(crate) async fn log(&self) -> Log {
        let log = self.log_without_consent().await;
        for (guardian, party) in [(&self.mother, log.mother), (&self.father, log.father)] {
            self.consents(guardian, log.id, establish(party, None))
                .await;
            self.consents(guardian, log.id, cooperate(party, [self.health]))
                .await;
        }
        log
    }

    pub(crate) async fn consents(
        &self,
        who: &Caller,
        log: CaseId,
        consent: GiveConsent,
    ) -> ConsentId {
        let done = self.does(who, log, CaseCommand::GiveConsent(consent)).await;
        let given = done.decided.iter().find_map(|event| match event {
            Event::ConsentGiven(facts) => Some(facts.consent),
            _ => None,
        });
        given.expect("a consent")
    }

    pub(crate) async fn notes(&self, who: &Caller, log: CaseId, text: &str) -> NoteId {
        let done = self.does(who, log, note(text)).await;
        let added = done.decided.iter().find_map(|event| match event {
            Event::NoteAdded(facts) => Some(facts.note),
            _ => None,
        });
        added.expect("a note")
    }
}

pub(crate) fn party_of(done: &Executed) -> PartyId {
    let added = done.decided.iter().find_map(|event| match event {
        Event::PartyAdded(facts) => Some(facts.party),
        _ => None,
    });
    added.expect("a party")
}

/// Consent to the log.
pub(crate) fn establish(by: PartyId, valid_through: Option<NaiveDate>) -> GiveConsent {
    GiveConsent {
        kind: code("establish_log"),
        by,
        form: code("digital"),
        scan: None,
        renews: None,
        services: BTreeSet::new(),
        valid_from: None,
        valid_through,
        occurred_at: None,
        remark: String::new(),
    }
}

/// Consent to cooperation with these services.
pub(crate) fn cooperate(by: PartyId, services: impl Into<BTreeSet<OrganisationId>>) -> GiveConsent {
    GiveConsent {
        kind: code("cooperation"),
        services: services.into(),
        ..establish(by, None)
    }
}

pub(crate) fn withdraw(consent: ConsentId, by: PartyId) -> CaseCommand {
    CaseCommand::WithdrawConsent(WithdrawConsent {
        consent,
        by,
        reason: String::new(),
        occurred_at: None,
    })
}

pub(crate) fn note(text: &str) -> CaseCommand {
    CaseCommand::AddNote(AddNote {
        section: code("notes"),
        title: "Samtale".to_owned(),
        text: text.to_owned(),
    })
}

/// The texts of the notes that are shown.
pub(crate) fn texts(shown: &Shown) -> Vec<String> {
    let notes = shown.case.state.notes.values();
    notes
        .filter_map(|note| {
            let content: ledger_core::events::NoteAddedContent = shown.contents.read(note.added)?;
            Some(content.text)
        })
        .collect()
}

/// Refused, by a rule that rests on this requirement.
pub(crate) fn assert_refused_by(error: &LedgerError, requirement: &str) {
    match error {
        LedgerError::Refused(refusal) => {
            let named = refusal.requirement().map(ToString::to_string);
            assert_eq!(named.as_deref(), Some(requirement), "{error}");
        }
        other => panic!("{requirement} should have refused: {other:?}"),
    }
}

/// The mother's consent to the log.
pub(crate) async fn consent_of(kvam: &Kvam, log: Log) -> ConsentId {
    let shown = kvam.sees(&kvam.mother, log.id).await;
    let mut consents = shown.case.state.consents.iter();
    let found = consents
        .find(|(_, consent)| consent.kind == code("establish_log") && consent.by == log.mother);
    *found.expect("the mother's consent").0
}
