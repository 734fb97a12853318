//! Register an organisation or a unit of one.

use super::Organisation;
use crate::{
    command::{self, Decided, Rejection, RejectionCode},
    events::{OrganisationRegistered, OrganisationRegisteredContent},
    ids::{Code, KeyId, OrganisationId, StreamId},
};

/// Registers an organisation.
#[derive(Debug, Clone)]
pub struct RegisterOrganisation {
    /// Its id.
    pub organisation: OrganisationId,
    /// What kind.
    pub kind: Code,
    /// The organisation that it is a unit of.
    pub parent: Option<OrganisationId>,
    /// Its name.
    pub name: String,
}

impl RegisterOrganisation {
    /// `organisation_registered`.
    pub fn decide(self, organisation: &Organisation) -> Result<Vec<Decided>, Rejection> {
        if organisation.registered.is_some() {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the organisation was registered before",
            ));
        }
        let content = OrganisationRegisteredContent {
            name: command::line("name", &self.name)?,
        };
        let facts = OrganisationRegistered {
            organisation: self.organisation,
            kind: self.kind,
            parent: self.parent,
        };
        Ok(vec![Decided::sealed(
            StreamId::Organisation(self.organisation),
            facts,
            KeyId::Tenant,
            &content,
        )])
    }
}
