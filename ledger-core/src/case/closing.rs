//! Who must have agreed before a case is closed, and who has not yet (S15).

use std::{collections::BTreeSet, fmt};

use super::{Case, Party};
use crate::{
    ids::{Code, OrganisationId, PartyId, Position},
    profile::ClosingReason,
};

/// Whose agreement to a closing is still missing. Nobody is named by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MissingAgreement {
    /// Of somebody who takes part in this role.
    Party(Code, PartyId),
    /// Of everybody in this role: nobody takes part in it, nor in another one that is asked.
    Role(Code),
    /// Of anybody who takes part for this service.
    Service(OrganisationId),
}

impl fmt::Display for MissingAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Party(role, party) => write!(f, "{role} {party}"),
            Self::Role(role) => write!(f, "{role} (nobody takes part as one)"),
            Self::Service(service) => write!(f, "somebody of service {service}"),
        }
    }
}

impl Case {
    /// The event by which a party agreed to be done with the case for a reason, if that still counts.
    pub fn agreed_to_closing(&self, party: PartyId, reason: &Code) -> Option<Position> {
        self.closing.get(&(party, reason.clone())).copied()
    }

    /// The services that take part: the unit that is responsible, those that were added, and those of the people.
    pub fn services_taking_part(&self) -> BTreeSet<OrganisationId> {
        let services = self.services.iter();
        let added = services.filter(|(_, service)| service.removed.is_none());
        let people = self
            .current_parties()
            .filter_map(|(_, party)| party.service);
        let unit = self.opened.iter().map(|opened| opened.unit);
        added
            .map(|(service, _)| *service)
            .chain(people)
            .chain(unit)
            .collect()
    }

    /// Whose agreement is missing before the case can be closed for a reason.
    pub fn missing_agreements(&self, code: &Code, reason: &ClosingReason) -> Vec<MissingAgreement> {
        let has_agreed = |party| self.agreed_to_closing(party, code).is_some();
        let asked: Vec<(PartyId, &Party)> = self
            .current_parties()
            .filter(|(_, party)| reason.agreed_by.contains(&party.role))
            .collect();
        let nobody = reason.agreed_by.iter().filter(|_| asked.is_empty());
        let mut missing: Vec<MissingAgreement> =
            nobody.cloned().map(MissingAgreement::Role).collect();
        let parties = asked.into_iter().filter(|(id, _)| !has_agreed(*id));
        missing.extend(parties.map(|(id, party)| MissingAgreement::Party(party.role.clone(), id)));
        if reason.agreed_by_services {
            let agreed: BTreeSet<OrganisationId> = self
                .current_parties()
                .filter(|(id, _)| has_agreed(*id))
                .filter_map(|(_, party)| party.service)
                .collect();
            let services = self.services_taking_part();
            missing.extend(
                services
                    .difference(&agreed)
                    .copied()
                    .map(MissingAgreement::Service),
            );
        }
        missing
    }
}

impl ClosingReason {
    /// Whether this party is one of those whose agreement is asked for.
    pub(super) fn asks(&self, party: &Party) -> bool {
        self.agreed_by.contains(&party.role) || (self.agreed_by_services && party.service.is_some())
    }
}
