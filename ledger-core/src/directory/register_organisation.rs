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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Outcome, code, content, health, recorded, school};

    fn register() -> RegisterOrganisation {
        RegisterOrganisation {
            organisation: school(),
            kind: code("school"),
            parent: Some(health()),
            name: "Strandebarm skule".to_owned(),
        }
    }

    fn registered() -> crate::events::Event {
        OrganisationRegistered {
            organisation: school(),
            kind: code("school"),
            parent: Some(health()),
        }
        .into()
    }

    #[test]
    fn an_organisation_is_registered_and_its_name_is_sealed() {
        let decided = register().decide(&Organisation::default());
        let [event] = Outcome(decided).then([registered()]);
        assert_eq!(event.stream, StreamId::Organisation(school()));
        let sealed: OrganisationRegisteredContent = content(&event);
        assert_eq!(sealed.name, "Strandebarm skule");
    }

    #[test]
    fn an_organisation_is_registered_once() {
        let mut organisation = Organisation::default();
        organisation.evolve(&recorded(
            1,
            &StreamId::Organisation(school()),
            &registered(),
        ));
        Outcome(register().decide(&organisation)).rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn it_has_a_name() {
        let name = String::new();
        let command = RegisterOrganisation { name, ..register() };
        Outcome(command.decide(&Organisation::default()))
            .rejected(RejectionCode::Invalid)
            .naming("name");
    }
}
