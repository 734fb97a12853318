//! Record that the receiver was told the password, by another way than that of the file (M14).

use super::{Case, handing_over::transmission_rules};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{PasswordConveyed, PasswordConveyedContent},
    ids::{Code, TransmissionId},
};

/// Records by which channel the password went. The password itself is never given.
#[derive(Debug, Clone)]
pub struct ConveyPassword {
    /// Of which transmission.
    pub transmission: TransmissionId,
    /// By which of the profile's channels.
    pub channel: Code,
    /// A remark, such as to whom.
    pub remark: String,
}

impl ConveyPassword {
    /// `password_conveyed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = transmission_rules(setting)?;
        let because = |rejection: Rejection| rejection.because(rules.password.requirement.as_ref());
        let transmission = case.transmission(self.transmission).map_err(because)?;
        let known = &rules.password.channels;
        if self.channel == rules.sent_by {
            let known: Vec<&str> = known.keys().map(Code::as_str).collect();
            let message = format!(
                "the file goes by {}, so the password must not; convey it by one of {}",
                rules.sent_by,
                known.join(", ")
            );
            return Err(because(Rejection::invalid(message)));
        }
        if !known.contains_key(&self.channel) {
            return Err(because(not_in_profile(
                "channel for passwords",
                &self.channel,
                known.keys(),
            )));
        }
        if !transmission.is_sent() {
            let message = "the file has not been sent, so there is nothing that the password opens";
            return Err(because(Rejection::new(RejectionCode::WrongStatus, message)));
        }
        let content = PasswordConveyedContent {
            remark: command::text("remark", &self.remark)?,
        };
        let facts = PasswordConveyed {
            transmission: self.transmission,
            channel: self.channel,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
