//! Change the status by itself, along one of the profile's transitions (K13, K16).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::StatusChangedContent,
    ids::Code,
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
        let wanted = |to: &Code| *to == self.to;
        let facts = command::step(setting, Action::ChangeStatus, case, case, wanted);
        let facts = facts.ok_or_else(|| {
            let message = format!("the status {from} is not changed to {}", self.to);
            Rejection::new(RejectionCode::WrongStatus, message).because(because)
        })?;
        Ok(vec![match self.reason {
            None => setting.bare(facts),
            Some(reason) => {
                let reason = command::text("reason", &reason)?;
                setting.sealed(facts, &StatusChangedContent { reason })
            }
        }])
    }
}
