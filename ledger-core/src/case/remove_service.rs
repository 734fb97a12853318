//! End a service's part. Its people are removed with it (V4).

use super::{Case, RemoveParty};
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{ServiceRemoved, ServiceRemovedContent},
    ids::OrganisationId,
    profile::KeptRule,
};

/// Removes a service.
#[derive(Debug, Clone)]
pub struct RemoveService {
    /// Which service.
    pub service: OrganisationId,
    /// Why, in words.
    pub reason: String,
}

impl RemoveService {
    /// `service_removed`, and `party_removed` for everybody who takes part for it.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let known = case.services.get(&self.service);
        if known.is_none_or(|service| service.removed.is_some()) {
            let missing = not_there("service that takes part now,", self.service);
            return Err(missing);
        }
        let unit = case.opened.as_ref().map(|opened| opened.unit);
        if unit == Some(self.service) {
            let message = "this unit is responsible for the case; hand the baton over first";
            return Err(Rejection::invalid(message).because(setting.asked_for(KeptRule::BatonKept)));
        }
        let content = ServiceRemovedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = ServiceRemoved {
            service: self.service,
        };
        let mut decided = vec![setting.sealed(facts, &content)];
        let people = case
            .current_parties()
            .filter(|(_, party)| party.service == Some(self.service));
        for (party, _) in people {
            let leaves = RemoveParty {
                party,
                reason: self.reason.clone(),
                occurred_at: None,
            };
            decided.extend(leaves.decide(case, setting)?);
        }
        Ok(decided)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        content, given, health, nina, nurse, opened, removed, school, works,
    };
    use crate::command::RejectionCode;
    use crate::events::{Event, ServiceAdded};

    fn working() -> [Event; 3] {
        [
            opened(),
            ServiceAdded { service: health() }.into(),
            works(nurse(), "professional", nina(), health()),
        ]
    }

    fn remove(service: OrganisationId) -> RemoveService {
        RemoveService {
            service,
            reason: "Ferdig".to_owned(),
        }
    }

    #[test]
    fn a_service_leaves_with_its_people() {
        let left = ServiceRemoved { service: health() };
        let [event, _] = given(working())
            .when(remove(health()))
            .then([left.into(), removed(nurse())]);
        assert_eq!(content::<ServiceRemovedContent>(&event).reason, "Ferdig");
    }

    #[test]
    fn only_who_takes_part_leaves_and_never_who_is_responsible() {
        given([opened()])
            .when(remove(health()))
            .rejected(RejectionCode::NotFound)
            .because("V4");
        given([opened(), ServiceAdded { service: school() }.into()])
            .when(remove(school()))
            .rejected(RejectionCode::Invalid)
            .because("X2");
    }
}
