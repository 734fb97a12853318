//! Record that the receiver has confirmed what was handed over.

use super::{Case, handing_over::transmission_rules};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{TransmissionReceived, TransmissionReceivedContent},
    ids::TransmissionId,
};

/// Records that the receiver could open it.
#[derive(Debug, Clone)]
pub struct ConfirmReceipt {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// A remark, such as who confirmed it.
    pub remark: String,
}

impl ConfirmReceipt {
    /// `transmission_received`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = transmission_rules(setting)?;
        let because = |rejection: Rejection| rejection.because(rules.requirement.as_ref());
        let transmission = case.transmission(self.transmission).map_err(because)?;
        let missing = if !transmission.is_sent() {
            Some("it has not been sent; record that it was, if it arrived all the same")
        } else if transmission.password_conveyed.is_none() {
            Some("nobody can have opened it before the password was conveyed; record that first")
        } else {
            None
        };
        if let Some(message) = missing {
            return Err(because(Rejection::new(RejectionCode::WrongStatus, message)));
        }
        if let Some(position) = transmission.received {
            let message = format!("it was confirmed already: see position {position}");
            return Err(because(Rejection::already(message)));
        }
        let content = TransmissionReceivedContent {
            remark: command::text("remark", &self.remark)?,
        };
        let facts = TransmissionReceived {
            transmission: self.transmission,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
