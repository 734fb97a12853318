//! Record that what was prepared is about to be sent, before it is (M13).

use super::{Case, Sending};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting},
    events::{TransmissionSending, TransmissionSendingContent},
    ids::{AgreementId, OrganisationId, TransmissionId},
};

/// Begins to send. Sent once more after a failure, or when nothing is known of the first time, it keeps its Message-ID.
#[derive(Debug, Clone)]
pub struct SendTransmission {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// The agreement whose mailbox it goes to.
    pub agreement: AgreementId,
    /// Who has recorded that agreement, and at which version of their stream it was in force.
    pub signed_by: (OrganisationId, u64),
    /// The mailbox that it names.
    pub mailbox: String,
    /// The Message-ID, which follows from the transmission's id.
    pub message_id: String,
    /// Whether it is sent once more although nothing is known of the sending before: it may then arrive twice.
    pub again: bool,
}

impl SendTransmission {
    /// `transmission_sending`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = super::handing_over::transmission_rules(setting)?;
        let because = |rejection: Rejection| rejection.because(rules.requirement.as_ref());
        let transmission = case.transmission(self.transmission).map_err(because)?;
        if let Sending::Sent(position) = transmission.sending {
            let message = format!("it was sent already: see position {position}");
            return Err(because(Rejection::already(message)));
        }
        if let Sending::UnderWay(position) = transmission.sending
            && !self.again
        {
            let message = format!(
                "a sending was begun at position {position}, and nothing more is known of it; send it again, saying so, or \
                 record that it was sent"
            );
            return Err(because(Rejection::new(RejectionCode::WrongStatus, message)));
        }
        if transmission.destroyed.is_some() {
            let message = "its packed copy is destroyed; prepare another one";
            return Err(because(Rejection::already(message)));
        }
        let subtype = case
            .handing_over
            .referrals
            .get(&transmission.referral)
            .and_then(|referral| setting.profile.referral(&referral.kind, &referral.subtype))
            .filter(|subtype| subtype.shares_data);
        let Some(subtype) = subtype else {
            let message = "by the rules of now no data are shared on this referral";
            return Err(because(Rejection::invalid(message)));
        };
        case.each_has_consented(&transmission.about, subtype, transmission.receiver, setting)?;
        let facts = TransmissionSending {
            transmission: self.transmission,
            attempt: transmission.attempts + 1,
            agreement: self.agreement,
        };
        let content = TransmissionSendingContent {
            mailbox: self.mailbox,
            message_id: self.message_id,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
