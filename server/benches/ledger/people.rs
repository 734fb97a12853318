//! Those who work with cases: a school with its leader, a teacher, a guardian, and an auditor of all.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context as _;
use caseledger::instance::{Instance, MachineClock};
use ledger_core::{
    access::RuleBook,
    case::{AddNote, AddParty, Beginning, ClearOpening, GiveConsent, OpenCase},
    clock::{Clock as _, SystemEntropy},
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    events::Event,
    ids::{AccountId, CaseId, OrganisationId, PartyId, ProfileId, TenantId},
    ledger::{
        Caller as Person, CaseCommand, DirectoryCommand, Executed, Ledger, LedgerError, Look,
    },
    profile::{Assurance, RuleBookText},
};

use crate::world::{code, occasion};

const PROFILE: &str = "stafettloggen-kvam";
/// Characters of a note: with its title and the JSON around them 300 bytes.
pub(crate) const NOTE_CHARS: usize = 270;

/// People, of whom the teacher opens cases.
#[derive(Clone)]
pub(crate) struct People {
    ledger: Arc<Ledger>,
    administrator: Person,
    leader: Person,
    pub(crate) teacher: Person,
    guardian: Person,
    pub(crate) auditor: Person,
    unit: OrganisationId,
}

/// The system of all cases.
pub(crate) fn profile() -> anyhow::Result<ProfileId> {
    Ok(PROFILE.parse()?)
}

impl People {
    pub(crate) async fn appoint(instance: &Instance) -> anyhow::Result<Self> {
        let text = RuleBookText::built_in(PROFILE).context("the rule book")?;
        let rule_book = AdoptProfile {
            rule_book: Arc::new(RuleBook::load(&text)?),
        };
        let nobody = person(instance.tenant());
        let mut people = Self {
            ledger: Arc::clone(&instance.ledger),
            administrator: person(instance.tenant()),
            leader: nobody.clone(),
            teacher: nobody.clone(),
            guardian: nobody.clone(),
            auditor: nobody,
            unit: OrganisationId::generate(MachineClock.now(), &SystemEntropy),
        };
        people
            .ledger
            .appoint_first_administrator(
                instance.tenant(),
                rule_book,
                people.administrator.account,
                "Administrator",
                code("administrator"),
            )
            .await?;
        people.auditor = people.sign_up(None).await?;
        let (administrator, auditor) = (&people.administrator, people.auditor.account);
        people
            .assign(administrator, auditor, "auditor", None)
            .await?;
        people.enter_school().await?;
        people.meet_guardian().await?;
        Ok(people)
    }

    /// From now on they use this server.
    pub(crate) fn work_with(&mut self, instance: &Instance) {
        self.ledger = Arc::clone(&instance.ledger);
    }

    /// Another school, with a leader and a teacher.
    pub(crate) async fn enter_school(&mut self) -> anyhow::Result<()> {
        self.unit = OrganisationId::generate(MachineClock.now(), &SystemEntropy);
        let register = RegisterOrganisation {
            organisation: self.unit,
            kind: code("school"),
            parent: None,
            name: "School".to_owned(),
        };
        let register = DirectoryCommand::RegisterOrganisation(register);
        self.administer(&self.administrator, register).await?;
        self.leader = self.sign_up(Some(self.unit)).await?;
        let (administrator, leader) = (&self.administrator, self.leader.account);
        self.assign(administrator, leader, "unit_leader", Some(self.unit))
            .await?;
        self.enter_teacher().await
    }

    /// Another teacher of the same school.
    pub(crate) async fn enter_teacher(&mut self) -> anyhow::Result<()> {
        self.teacher = self.sign_up(Some(self.unit)).await?;
        let teacher = self.teacher.account;
        self.assign(&self.leader, teacher, "baton_holder", Some(self.unit))
            .await
    }

    /// A guardian of another child.
    pub(crate) async fn meet_guardian(&mut self) -> anyhow::Result<()> {
        self.guardian = self.sign_up(None).await?;
        Ok(())
    }

    /// Opens a case with so many notes, to which the guardian agrees.
    pub(crate) async fn open_case(&self, notes: usize) -> anyhow::Result<CaseId> {
        let case = CaseId::generate(MachineClock.now(), &SystemEntropy);
        let clear = ClearOpening {
            unit: self.unit,
            account: self.teacher.account,
        };
        let clear = CaseCommand::ClearOpening(profile()?, clear);
        self.run(&self.leader, case, clear).await?;
        let open = OpenCase {
            unit: self.unit,
            child_name: "Child".to_owned(),
            national_id: None,
            birth_date: None,
            concern: "A concern.".to_owned(),
            opener_role: code("baton_holder"),
            opener_name: "Teacher".to_owned(),
            begins: Beginning::default(),
        };
        self.run(&self.teacher, case, CaseCommand::Open(profile()?, open))
            .await?;
        let guardian = AddParty {
            role: code("guardian"),
            account: Some(self.guardian.account),
            service: None,
            name: "Guardian".to_owned(),
            task: None,
        };
        let added = self
            .run(&self.teacher, case, CaseCommand::AddParty(guardian))
            .await?;
        let by = added.decided.iter().find_map(|event| match event {
            Event::PartyAdded(facts) => Some(facts.party),
            _ => None,
        });
        let consent = GiveConsent {
            kind: code("establish_log"),
            by: by.unwrap_or_else(|| PartyId::generate(MachineClock.now(), &SystemEntropy)),
            form: code("digital"),
            scan: None,
            renews: None,
            services: BTreeSet::new(),
            valid_from: None,
            valid_through: None,
            occurred_at: None,
            remark: String::new(),
        };
        self.run(&self.guardian, case, CaseCommand::GiveConsent(consent))
            .await?;
        for _ in 0..notes {
            let note = AddNote {
                section: code("notes"),
                title: "Note".to_owned(),
                text: "n".repeat(NOTE_CHARS),
            };
            self.run(&self.teacher, case, CaseCommand::AddNote(note))
                .await?;
        }
        Ok(case)
    }

    /// The teacher looks at a case.
    pub(crate) async fn look_at(&self, case: CaseId) -> anyhow::Result<()> {
        let shown = self
            .ledger
            .look(&self.teacher, case, &Look::Case, &occasion())
            .await?;
        anyhow::ensure!(shown.sections.len() > 1, "the case was not shown");
        Ok(())
    }

    async fn sign_up(&self, organisation: Option<OrganisationId>) -> anyhow::Result<Person> {
        let person = person(&self.administrator.tenant);
        let activate = ActivateAccount {
            account: person.account,
            organisation,
            name: "Person".to_owned(),
        };
        let activate = DirectoryCommand::ActivateAccount(activate);
        self.administer(&self.administrator, activate).await?;
        Ok(person)
    }

    async fn assign(
        &self,
        by: &Person,
        to: AccountId,
        role: &str,
        unit: Option<OrganisationId>,
    ) -> anyhow::Result<()> {
        let assign = AssignRole {
            account: to,
            role: code(role),
            unit,
            until: None,
        };
        self.administer(by, DirectoryCommand::AssignRole(assign))
            .await
    }

    async fn administer(&self, by: &Person, command: DirectoryCommand) -> anyhow::Result<()> {
        self.ledger
            .administer(by, &profile()?, command, &occasion())
            .await?;
        Ok(())
    }

    async fn run(
        &self,
        who: &Person,
        case: CaseId,
        command: CaseCommand,
    ) -> Result<Executed, LedgerError> {
        self.ledger.execute(who, case, command, &occasion()).await
    }
}

fn person(tenant: &TenantId) -> Person {
    Person {
        tenant: tenant.clone(),
        account: AccountId::generate(MachineClock.now(), &SystemEntropy),
        issuer: code("bench"),
        assurance: Assurance::High,
    }
}
