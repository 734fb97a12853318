//! Who gives the commands of the state × command table, each with the roles that best entitle them.

use crate::{
    case::{
        Case,
        testing::{
            arne, case_id, code, kolbein, leiv, marit, mother, recorded, school, teacher, torunn,
            yngve, young,
        },
    },
    directory::Account,
    events::{AccountActivated, Event, RoleAssigned},
    ids::{AccountId, OrganisationId, StreamId},
    ledger::Caller,
    profile::Assurance,
};

/// Somebody of the table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Person {
    /// The leader of the unit.
    Leader,
    /// The employee who may open the log, and holds its baton.
    BatonHolder,
    /// A colleague who takes part, and to whom the baton is offered.
    Colleague,
    /// A guardian.
    Guardian,
    /// The young person.
    Young,
    /// The archivist.
    Archivist,
}

impl Person {
    /// As the table names them.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Leader => "leader of the unit",
            Self::BatonHolder => "baton holder",
            Self::Colleague => "colleague who is offered the baton",
            Self::Guardian => "guardian",
            Self::Young => "young person",
            Self::Archivist => "archivist",
        }
    }

    fn id(self) -> AccountId {
        match self {
            Self::Leader => leiv(),
            Self::BatonHolder => torunn(),
            Self::Colleague => kolbein(),
            Self::Guardian => marit(),
            Self::Young => yngve(),
            Self::Archivist => arne(),
        }
    }

    pub(super) fn caller(self) -> Caller {
        Caller {
            tenant: "kvam".parse().expect("a tenant"),
            account: self.id(),
            issuer: code("idporten"),
            assurance: Assurance::High,
        }
    }

    pub(super) fn account(self) -> Account {
        let held: &[(&str, Option<OrganisationId>)] = match self {
            Self::Leader => &[("unit_leader", Some(school()))],
            Self::BatonHolder => &[("baton_holder", Some(school()))],
            Self::Colleague => &[("professional", Some(school()))],
            Self::Archivist => &[("archivist", None)],
            Self::Guardian | Self::Young => &[],
        };
        let activated = AccountActivated {
            account: self.id(),
            organisation: None,
        };
        let roles = held.iter().map(|(role, unit)| RoleAssigned {
            account: self.id(),
            profile: None,
            role: code(role),
            unit: *unit,
            until: None,
        });
        let events = std::iter::once(Event::from(activated)).chain(roles.map(Event::from));
        let mut account = Account::default();
        for (position, event) in (1..).zip(events) {
            account.evolve(&recorded(position, &StreamId::Account(self.id()), &event));
        }
        account
    }
}

/// The case after these events, with the accounts of the family, which are content.
pub(super) fn case_with_family(events: &[Event]) -> Case {
    let mut case = Case::default();
    for (position, event) in (1..).zip(events) {
        let family = match event {
            Event::PartyAdded(facts) if facts.party == mother() => Some(marit()),
            Event::PartyAdded(facts) if facts.party == young() => Some(yngve()),
            _ => None,
        };
        let recorded = recorded(position, &StreamId::Case(case_id()), event);
        case.evolve(&recorded, family);
    }
    debug_assert!(
        case.parties
            .get(&teacher())
            .is_none_or(|party| party.staff.is_some())
    );
    case
}
