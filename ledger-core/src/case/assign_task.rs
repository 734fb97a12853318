//! Say what the task of somebody is who works with the case (V5).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{TaskAssigned, TaskAssignedContent},
    ids::PartyId,
};

/// Assigns a task, instead of the one before.
#[derive(Debug, Clone)]
pub struct AssignTask {
    /// Who.
    pub party: PartyId,
    /// The task.
    pub task: String,
}

impl AssignTask {
    /// `task_assigned`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let party = case
            .current_party(self.party)
            .ok_or_else(|| not_there("party that takes part now", self.party))?;
        if party.service.is_none() {
            let message = "a member of the family has no task for a service";
            return Err(Rejection::invalid(message));
        }
        let content = TaskAssignedContent {
            task: command::text("task", &self.task)?,
        };
        let facts = TaskAssigned { party: self.party };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        content, given, health, mother, nina, nurse, opened, takes_part, works,
    };
    use crate::command::RejectionCode;

    fn assign(party: PartyId) -> AssignTask {
        AssignTask {
            party,
            task: "Kontaktlærar".to_owned(),
        }
    }

    #[test]
    fn who_works_with_the_log_has_a_task() {
        let team = [opened(), works(nurse(), "professional", nina(), health())];
        let facts = TaskAssigned { party: nurse() };
        let [event] = given(team).when(assign(nurse())).then([facts.into()]);
        assert_eq!(content::<TaskAssignedContent>(&event).task, "Kontaktlærar");
    }

    #[test]
    fn the_family_has_none_and_neither_has_who_is_not_there() {
        given([opened(), takes_part(mother(), "guardian")])
            .when(assign(mother()))
            .rejected(RejectionCode::Invalid)
            .because("V5");
        given([opened()])
            .when(assign(nurse()))
            .rejected(RejectionCode::NotFound)
            .because("V5");
    }
}
