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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, consent, content, given,
        handing_over::{
            cooperation, destroyed, failed, family, mirage, ready, ready_and, sending, sent,
        },
        mother, opened, removed, school, transmission, withdrew,
    };
    use crate::events::Event;

    fn send() -> SendTransmission {
        SendTransmission {
            transmission: transmission(),
            agreement: cooperation(),
            signed_by: (school(), 3),
            mailbox: "aanmelding@ocmw.voorbeeld.example".to_owned(),
            message_id: "transmission.1@team.example".to_owned(),
            again: false,
        }
    }

    fn again() -> SendTransmission {
        SendTransmission {
            again: true,
            ..send()
        }
    }

    fn after(events: impl IntoIterator<Item = Event>, command: SendTransmission) -> Outcome {
        given(events).by_the_rules_of(mirage()).when(command)
    }

    #[test]
    fn what_is_prepared_is_sent_and_where_to_is_sealed() {
        let [event] = after(ready(), send()).then([sending(1)]);
        let sealed: TransmissionSendingContent = content(&event);
        assert_eq!(sealed.mailbox, "aanmelding@ocmw.voorbeeld.example");
        assert_eq!(sealed.message_id, "transmission.1@team.example");
    }

    #[test]
    fn what_has_failed_is_sent_once_more() {
        after(ready_and([sending(1), failed()]), send()).then([sending(2)]);
        let twice = [sending(1), failed(), sending(2), failed()];
        after(ready_and(twice), send()).then([sending(3)]);
    }

    #[test]
    fn what_may_have_left_is_sent_again_only_by_saying_so() {
        after(ready_and([sending(1)]), send())
            .rejected(RejectionCode::WrongStatus)
            .because("M13")
            .naming("position 9")
            .naming("record that it was sent");
        after(ready_and([sending(1)]), again()).then([sending(2)]);
    }

    #[test]
    fn what_was_sent_is_not_sent_again() {
        for command in [send(), again()] {
            after(ready_and([sending(1), sent(false)]), command)
                .rejected(RejectionCode::AlreadyThere)
                .because("M13")
                .naming("position 10");
        }
    }

    #[test]
    fn nothing_is_sent_whose_packed_copy_is_destroyed_or_that_was_never_prepared() {
        after(ready_and([destroyed()]), send())
            .rejected(RejectionCode::AlreadyThere)
            .because("M13")
            .naming("prepare another one");
        after(family(), send())
            .rejected(RejectionCode::NotFound)
            .because("M13")
            .naming(&transmission().to_string());
    }

    #[test]
    fn a_consent_that_ended_since_stops_it() {
        for ended in [withdrew(consent(), mother()), removed(mother())] {
            after(ready_and([ended]), send())
                .rejected(RejectionCode::Invalid)
                .because("M8")
                .naming(&mother().to_string());
        }
    }

    #[test]
    fn where_the_profile_hands_nothing_over_nothing_is_sent() {
        given([opened()])
            .when(send())
            .rejected(RejectionCode::NotInProfile)
            .naming("does not say how data are handed over");
    }
}
