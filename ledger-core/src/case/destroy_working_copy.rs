//! Destroy the packed copy of what was handed over (M15).

use super::{Case, Sending};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting},
    events::WorkingCopyDestroyed,
    ids::TransmissionId,
};

/// Destroys the packed copy. What is not sent by then is not sent any more.
#[derive(Debug, Clone)]
pub struct DestroyWorkingCopy {
    /// Of which transmission.
    pub transmission: TransmissionId,
}

impl DestroyWorkingCopy {
    /// `working_copy_destroyed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let transmission = case.transmission(self.transmission)?;
        if let Some(position) = transmission.destroyed {
            let message = format!("it was destroyed already: see position {position}");
            return Err(Rejection::already(message));
        }
        if let Sending::UnderWay(position) = transmission.sending {
            let message = format!(
                "nothing is known yet of the sending at position {position}; send it again, or record that it was sent"
            );
            return Err(Rejection::new(RejectionCode::WrongStatus, message));
        }
        Ok(vec![setting.bare(WorkingCopyDestroyed {
            transmission: self.transmission,
            working_copy: transmission.working_copy,
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, given,
        handing_over::{destroyed, failed, family, mirage, ready, ready_and, sending, sent},
        transmission,
    };
    use crate::events::Event;

    fn after(events: impl IntoIterator<Item = Event>) -> Outcome {
        let command = DestroyWorkingCopy {
            transmission: transmission(),
        };
        given(events).by_the_rules_of(mirage()).when(command)
    }

    #[test]
    fn the_packed_copy_is_destroyed_whether_it_was_sent_or_not() {
        for events in [
            ready(),
            ready_and([sending(1), failed()]),
            ready_and([sending(1), sent(false)]),
        ] {
            after(events).then([destroyed()]);
        }
    }

    #[test]
    fn not_while_nobody_knows_whether_it_was_sent() {
        after(ready_and([sending(1)]))
            .rejected(RejectionCode::WrongStatus)
            .because("M15")
            .naming("position 9")
            .naming("record that it was sent");
    }

    #[test]
    fn it_is_destroyed_once_and_there_is_one() {
        after(ready_and([destroyed()]))
            .rejected(RejectionCode::AlreadyThere)
            .because("M15")
            .naming("position 9");
        after(family())
            .rejected(RejectionCode::NotFound)
            .because("M15")
            .naming(&transmission().to_string());
    }
}
