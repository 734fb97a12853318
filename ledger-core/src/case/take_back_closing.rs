//! Take back that one agrees to a closing, for as long as the case is not closed (S15).

use super::{Case, agree_to_closing::reason_and_party};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting},
    events::ClosingAgreementTakenBack,
    ids::{Code, PartyId},
};

/// Agrees no more. Its tests stand beside [`super::AgreeToClosing`].
#[derive(Debug, Clone)]
pub struct TakeBackClosing {
    /// Which of the profile's reasons.
    pub reason: Code,
    /// Who agrees no more.
    pub by: PartyId,
}

impl TakeBackClosing {
    /// `closing_agreement_taken_back`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let (reason, _) = reason_and_party(&self.reason, self.by, case, setting)?;
        let because = reason.requirement.as_ref();
        if case.closed.is_some() {
            let message = "the case is closed already; whoever may do so reopens it";
            return Err(Rejection::already(message).because(because));
        }
        if case.agreed_to_closing(self.by, &self.reason).is_none() {
            let message = format!(
                "party {} has not agreed to close it for the reason {}",
                self.by, self.reason
            );
            return Err(Rejection::new(RejectionCode::NotFound, message).because(because));
        }
        Ok(vec![setting.bare(ClosingAgreementTakenBack {
            party: self.by,
            reason: self.reason,
        })])
    }
}
