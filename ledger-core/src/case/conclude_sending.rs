//! Record what became of a sending: that the receiver's mail server has taken it, or why not.

use super::{Case, Sending, handing_over::transmission_rules, prepare_transmission::in_days};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting},
    events::{TransmissionFailed, TransmissionSent},
    ids::{Code, Position, TransmissionId},
};

/// What became of a sending.
#[derive(Debug, Clone)]
pub enum SendingOutcome {
    /// The mail server has taken it.
    Sent,
    /// Somebody has found out that it was sent although the program could not say, for example by asking the receiver.
    FoundSent,
    /// It has not been sent.
    Failed {
        /// Why.
        code: Code,
        /// The reply code of the mail server.
        reply: Option<u16>,
    },
}

/// Records what became of a sending.
#[derive(Debug, Clone)]
pub struct ConcludeSending {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// The sending that it is about; none for the newest.
    pub sending: Option<Position>,
    /// What became of it.
    pub outcome: SendingOutcome,
}

impl ConcludeSending {
    /// `transmission_sent` or `transmission_failed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = transmission_rules(setting)?;
        let because = |rejection: Rejection| rejection.because(rules.requirement.as_ref());
        let transmission = case.transmission(self.transmission).map_err(because)?;
        let is_open = match (transmission.sending, &self.outcome) {
            (Sending::UnderWay(begun), _) => self.sending.is_none_or(|sending| sending == begun),
            // A mail that seemed to have failed may have arrived all the same.
            (Sending::Failed(_), SendingOutcome::FoundSent) => true,
            _ => false,
        };
        if !is_open {
            let message = "no sending waits to be concluded";
            return Err(because(Rejection::new(
                RejectionCode::AlreadyThere,
                message,
            )));
        }
        let found_out = matches!(self.outcome, SendingOutcome::FoundSent);
        let decided = match self.outcome {
            SendingOutcome::Failed { code, reply } => setting.bare(TransmissionFailed {
                transmission: self.transmission,
                code,
                reply,
            }),
            SendingOutcome::Sent | SendingOutcome::FoundSent => setting.bare(TransmissionSent {
                transmission: self.transmission,
                found_out,
                password_by: in_days(rules.password.within_days, setting),
                receipt_by: in_days(rules.receipt_within_days, setting),
            }),
        };
        Ok(vec![decided])
    }
}
