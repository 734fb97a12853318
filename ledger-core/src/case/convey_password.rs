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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, code, content, given,
        handing_over::{conveyed, failed, family, mirage, ready, ready_and, sending, sent},
        opened, transmission,
    };
    use crate::events::Event;

    fn convey(channel: &str) -> ConveyPassword {
        ConveyPassword {
            transmission: transmission(),
            channel: code(channel),
            remark: "Aan de onthaaldienst".to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>, channel: &str) -> Outcome {
        given(events)
            .by_the_rules_of(mirage())
            .when(convey(channel))
    }

    fn has_left() -> Vec<Event> {
        ready_and([sending(1), sent(false)])
    }

    #[test]
    fn by_which_way_it_went_is_recorded_and_the_remark_is_sealed() {
        let [event] = after(has_left(), "sms").then([conveyed()]);
        let sealed: PasswordConveyedContent = content(&event);
        assert_eq!(sealed.remark, "Aan de onthaaldienst");
        for channel in ["telephone", "in_person"] {
            let facts = PasswordConveyed {
                transmission: transmission(),
                channel: code(channel),
            };
            after(has_left(), channel).then([facts.into()]);
        }
    }

    #[test]
    fn it_may_be_told_once_more() {
        let before = has_left().into_iter().chain([conveyed()]);
        after(before, "sms").then([conveyed()]);
    }

    #[test]
    fn it_never_goes_the_way_of_the_file() {
        // Not even for what was not sent yet: whoever asks learns it before.
        for events in [has_left(), ready()] {
            after(events, "email")
                .rejected(RejectionCode::Invalid)
                .because("M14")
                .naming("goes by email, so the password must not")
                .naming("in_person, sms, telephone");
        }
    }

    #[test]
    fn other_ways_are_the_profiles() {
        after(has_left(), "pigeon")
            .rejected(RejectionCode::NotInProfile)
            .because("M14")
            .naming("no channel for passwords pigeon");
        let garbled = ConveyPassword {
            remark: "\u{0}".to_owned(),
            ..convey("sms")
        };
        given(has_left())
            .by_the_rules_of(mirage())
            .when(garbled)
            .rejected(RejectionCode::Invalid)
            .because("M14")
            .naming("remark");
    }

    #[test]
    fn there_is_a_file_that_it_opens() {
        for events in [
            ready(),
            ready_and([sending(1)]),
            ready_and([sending(1), failed()]),
        ] {
            after(events, "sms")
                .rejected(RejectionCode::WrongStatus)
                .because("M14")
                .naming("has not been sent");
        }
        after(family(), "sms")
            .rejected(RejectionCode::NotFound)
            .because("M14");
        given([opened()])
            .when(convey("sms"))
            .rejected(RejectionCode::NotInProfile);
    }
}
