//! Let a service take part (V4). What its people may see depends on a consent that names it (V12).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{ServiceAdded, ServiceAddedContent},
    ids::OrganisationId,
};

/// Adds a service.
#[derive(Debug, Clone)]
pub struct AddService {
    /// Which service.
    pub service: OrganisationId,
    /// Its task in this case.
    pub task: String,
}

impl AddService {
    /// `service_added`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let known = case.services.get(&self.service);
        if known.is_some_and(|service| service.removed.is_none()) {
            let message = "this service takes part already";
            return Err(Rejection::already(message));
        }
        let content = ServiceAddedContent {
            task: command::text("task", &self.task)?,
        };
        let facts = ServiceAdded {
            service: self.service,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{content, given, health, opened};
    use crate::command::RejectionCode;
    use crate::events::{Event, ServiceRemoved};

    fn added() -> Event {
        ServiceAdded { service: health() }.into()
    }

    fn add() -> AddService {
        AddService {
            service: health(),
            task: "Samtalar".to_owned(),
        }
    }

    #[test]
    fn a_service_joins_with_a_task() {
        let [event] = given([opened()]).when(add()).then([added()]);
        assert_eq!(content::<ServiceAddedContent>(&event).task, "Samtalar");
    }

    #[test]
    fn a_service_joins_once_and_may_come_back() {
        given([opened(), added()])
            .when(add())
            .rejected(RejectionCode::AlreadyThere)
            .because("V4");
        let left = ServiceRemoved { service: health() };
        given([opened(), added(), left.into()])
            .when(add())
            .then([added()]);
    }
}
