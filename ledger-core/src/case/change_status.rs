//! Change the status by itself, along one of the profile's transitions (K13, K16).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{StatusChanged, StatusChangedContent},
    ids::Code,
    standing,
};

/// Changes the status.
#[derive(Debug, Clone)]
pub struct ChangeStatus {
    /// The status that it shall have.
    pub to: Code,
    /// Why; nobody has to give a reason.
    pub reason: Option<String>,
}

impl ChangeStatus {
    /// `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let profile = setting.profile;
        let Some(wanted) = profile.statuses.get(&self.to) else {
            return Err(not_in_profile("status", &self.to, profile.statuses.keys()));
        };
        let because = wanted.requirement.as_ref();
        let from = case.status.as_ref().map(|status| &status.code);
        let from =
            from.ok_or_else(|| Rejection::new(RejectionCode::NotFound, "the case is not open"))?;
        if *from == self.to {
            let message = format!("the case is in the status {from} already");
            return Err(Rejection::already(message).because(because));
        }
        let consents = standing::consents_in_force(case, profile, setting.now).value;
        let under_way = case.plan.has_measure_under_way();
        let mut steps = profile
            .transitions_of(Action::ChangeStatus, from)
            .filter(|step| step.to == self.to);
        if !steps.any(|step| step.when.is_met(&consents, &consents, under_way)) {
            let message = format!("the status {from} is not changed to {}", self.to);
            let wrong = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(wrong.because(because));
        }
        let facts = StatusChanged {
            from: from.clone(),
            to: self.to,
        };
        Ok(vec![match self.reason {
            None => setting.bare(facts),
            Some(reason) => {
                let reason = command::text("reason", &reason)?;
                setting.sealed(facts, &StatusChangedContent { reason })
            }
        }])
    }
}
