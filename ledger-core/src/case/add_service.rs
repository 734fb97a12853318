//! Let a service take part (V4). What its people may see depends on a consent that names it (V12).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, requirement},
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
            return Err(Rejection::already(message).because(requirement("V4").as_ref()));
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
