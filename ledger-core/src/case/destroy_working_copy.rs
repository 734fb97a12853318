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
