//! The municipality and its people, as the first commands of the ledger make them.

use std::sync::{Arc, LazyLock};

use ledger_core::{
    access::RuleBook,
    directory::{ActivateAccount, AdoptProfile, AssignRole, RegisterOrganisation},
    ids::{AccountId, CaseId, Code, OrganisationId, ProfileId, TenantId},
    ledger::{Caller, DirectoryCommand},
    profile::{Assurance, RuleBookText},
};

/// How many logs there are at the most.
pub(crate) const LOGS: usize = 2;

/// The rules by which everything goes, compiled once.
pub(crate) static RULES: LazyLock<Arc<RuleBook>> = LazyLock::new(|| {
    let text = RuleBookText::built_in("stafettloggen-kvam").expect("it comes with the program");
    Arc::new(RuleBook::load(&text).expect("it is right"))
});

/// Somebody of the municipality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Person {
    Administrator,
    Leader,
    Teacher,
    Nurse,
    Mother,
    Father,
    Young,
    Colleague,
    Auditor,
    Archivist,
}

impl Person {
    pub(crate) const ALL: [Self; 10] = [
        Self::Teacher,
        Self::Mother,
        Self::Father,
        Self::Nurse,
        Self::Young,
        Self::Leader,
        Self::Colleague,
        Self::Administrator,
        Self::Auditor,
        Self::Archivist,
    ];

    pub(crate) fn account(self) -> AccountId {
        AccountId::from_ulid((self as u128 + 1).into())
    }

    pub(crate) fn caller(self, tenant: &TenantId, assurance: Assurance) -> Caller {
        Caller {
            tenant: tenant.clone(),
            account: self.account(),
            issuer: code("idporten"),
            assurance,
        }
    }

    /// Who of the family or of the services somebody is in a log, if they are let in.
    pub(crate) fn part(self) -> Option<(&'static str, Option<OrganisationId>)> {
        match self {
            Self::Mother | Self::Father => Some(("guardian", None)),
            Self::Young => Some(("young_person", None)),
            Self::Nurse => Some(("professional", Some(health()))),
            Self::Teacher | Self::Colleague => Some(("professional", Some(school()))),
            Self::Administrator | Self::Leader | Self::Auditor | Self::Archivist => None,
        }
    }

    /// The roles outside of any log with which somebody begins.
    pub(crate) fn roles(self) -> Vec<(Code, Option<OrganisationId>)> {
        let (school, health) = (Some(school()), Some(health()));
        let held: &[(&str, Option<OrganisationId>)] = match self {
            Self::Administrator => &[("administrator", None)],
            Self::Leader => &[("unit_leader", school)],
            Self::Teacher | Self::Colleague => &[("baton_holder", school)],
            Self::Nurse => &[("professional", health)],
            Self::Auditor => &[("auditor", None)],
            Self::Archivist => &[("archivist", None)],
            Self::Mother | Self::Father | Self::Young => &[],
        };
        held.iter()
            .map(|(role, unit)| (code(role), *unit))
            .collect()
    }
}

pub(crate) fn code(text: &str) -> Code {
    text.parse().expect("a code")
}

pub(crate) fn profile() -> ProfileId {
    RULES.profile().id.clone()
}

pub(crate) fn school() -> OrganisationId {
    OrganisationId::from_ulid(1_u128.into())
}

pub(crate) fn health() -> OrganisationId {
    OrganisationId::from_ulid(2_u128.into())
}

pub(crate) fn log_id(log: usize) -> CaseId {
    CaseId::from_ulid((log as u128 + 1).into())
}

pub(crate) fn adopted() -> AdoptProfile {
    AdoptProfile {
        rule_book: Arc::clone(&RULES),
    }
}

/// How the municipality begins, after its first administrator: who does what.
pub(crate) fn beginning() -> Vec<(Person, DirectoryCommand)> {
    let by = Person::Administrator;
    let mut done = Vec::new();
    for (organisation, kind) in [(school(), "school"), (health(), "health_service")] {
        let command = RegisterOrganisation {
            organisation,
            kind: code(kind),
            parent: None,
            name: kind.to_owned(),
        };
        done.push((by, DirectoryCommand::RegisterOrganisation(command)));
    }
    let others = || Person::ALL.into_iter().filter(move |other| *other != by);
    for person in others() {
        let command = ActivateAccount {
            account: person.account(),
            organisation: None,
            name: format!("{person:?}"),
        };
        done.push((by, DirectoryCommand::ActivateAccount(command)));
    }
    let leads = (Person::Leader, code("unit_leader"), Some(health()));
    let held = others().flat_map(|person| {
        let roles = person.roles().into_iter();
        roles.map(move |(role, unit)| (person, role, unit))
    });
    // The health service has a leader of its own; here the school's stands in until the roles are given.
    let mut held: Vec<_> = held.chain([leads]).collect();
    held.sort_by_key(|(_, role, _)| role.as_str() != "unit_leader");
    for (person, role, unit) in held {
        let by = match (person, unit) {
            (Person::Leader, _) | (_, None) => Person::Administrator,
            _ => Person::Leader,
        };
        let command = AssignRole {
            account: person.account(),
            role,
            unit,
            until: None,
        };
        done.push((by, DirectoryCommand::AssignRole(command)));
    }
    // The leader leads the school alone: another service's unit would make the rules of the unit too easy.
    let command = ledger_core::directory::EndRole {
        account: Person::Leader.account(),
        role: code("unit_leader"),
        unit: Some(health()),
        occurred_at: None,
    };
    done.push((by, DirectoryCommand::EndRole(command)));
    done
}
