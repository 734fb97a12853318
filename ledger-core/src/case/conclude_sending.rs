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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, code, given,
        handing_over::{failed, family, mirage, ready, ready_and, sending, sent},
        opened, transmission,
    };
    use crate::events::Event;

    fn conclude(outcome: SendingOutcome) -> ConcludeSending {
        ConcludeSending {
            transmission: transmission(),
            sending: None,
            outcome,
        }
    }

    fn refused() -> SendingOutcome {
        SendingOutcome::Failed {
            code: code("refused_for_now"),
            reply: Some(451),
        }
    }

    fn after(events: impl IntoIterator<Item = Event>, command: ConcludeSending) -> Outcome {
        given(events).by_the_rules_of(mirage()).when(command)
    }

    #[test]
    fn a_sending_ends_in_one_of_three_ways() {
        for (outcome, event) in [
            (SendingOutcome::Sent, sent(false)),
            (SendingOutcome::FoundSent, sent(true)),
            (refused(), failed()),
        ] {
            after(ready_and([sending(1)]), conclude(outcome)).then([event]);
        }
    }

    #[test]
    fn a_mail_that_seemed_to_fail_may_be_found_to_have_arrived() {
        let has_failed = || ready_and([sending(1), failed()]);
        after(has_failed(), conclude(SendingOutcome::FoundSent)).then([sent(true)]);
        for outcome in [SendingOutcome::Sent, refused()] {
            after(has_failed(), conclude(outcome))
                .rejected(RejectionCode::AlreadyThere)
                .because("M13");
        }
    }

    #[test]
    fn an_answer_belongs_to_its_own_sending() {
        let command = |position| ConcludeSending {
            sending: Some(Position(position)),
            ..conclude(SendingOutcome::Sent)
        };
        let twice = || ready_and([sending(1), sending(2)]);
        after(twice(), command(10)).then([sent(false)]);
        after(twice(), command(9))
            .rejected(RejectionCode::AlreadyThere)
            .because("M13")
            .naming("no sending waits");
    }

    #[test]
    fn what_was_not_tried_or_is_concluded_is_not_concluded() {
        let outcomes = || [SendingOutcome::Sent, SendingOutcome::FoundSent, refused()];
        for events in [ready(), ready_and([sending(1), sent(false)])] {
            for outcome in outcomes() {
                after(events.clone(), conclude(outcome))
                    .rejected(RejectionCode::AlreadyThere)
                    .because("M13");
            }
        }
        after(family(), conclude(refused()))
            .rejected(RejectionCode::NotFound)
            .because("M13");
        given([opened()])
            .when(conclude(SendingOutcome::Sent))
            .rejected(RejectionCode::NotInProfile);
    }
}
