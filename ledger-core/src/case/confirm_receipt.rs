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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, content, given,
        handing_over::{
            conveyed, destroyed, family, mirage, ready, ready_and, received, sending, sent,
        },
        opened, transmission,
    };
    use crate::events::Event;

    fn confirm() -> ConfirmReceipt {
        ConfirmReceipt {
            transmission: transmission(),
            remark: "Gebeld door de onthaaldienst".to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>) -> Outcome {
        given(events).by_the_rules_of(mirage()).when(confirm())
    }

    #[test]
    fn what_was_sent_and_can_be_opened_is_confirmed() {
        let opened = [sending(1), sent(false), conveyed()];
        let [event] = after(ready_and(opened)).then([received()]);
        let sealed: TransmissionReceivedContent = content(&event);
        assert_eq!(sealed.remark, "Gebeld door de onthaaldienst");
        // Our copy is not needed for it any more.
        after(ready_and([sending(1), sent(true), conveyed(), destroyed()])).then([received()]);
    }

    #[test]
    fn nobody_confirms_what_was_not_sent_or_cannot_be_opened() {
        for events in [ready(), ready_and([sending(1)])] {
            after(events)
                .rejected(RejectionCode::WrongStatus)
                .because("M13")
                .naming("it has not been sent");
        }
        after(ready_and([sending(1), sent(false)]))
            .rejected(RejectionCode::WrongStatus)
            .because("M13")
            .naming("before the password was conveyed");
        after(family())
            .rejected(RejectionCode::NotFound)
            .because("M13");
    }

    #[test]
    fn it_is_confirmed_once() {
        after(ready_and([sending(1), sent(false), conveyed(), received()]))
            .rejected(RejectionCode::AlreadyThere)
            .because("M13")
            .naming("position 12");
    }

    #[test]
    fn the_remark_is_a_text_and_the_profile_hands_over() {
        let garbled = ConfirmReceipt {
            remark: "\u{0}".to_owned(),
            ..confirm()
        };
        given(ready_and([sending(1), sent(false), conveyed()]))
            .by_the_rules_of(mirage())
            .when(garbled)
            .rejected(RejectionCode::Invalid)
            .because("M13")
            .naming("remark");
        given([opened()])
            .when(confirm())
            .rejected(RejectionCode::NotInProfile);
    }
}
