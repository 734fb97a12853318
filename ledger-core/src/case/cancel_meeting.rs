//! Cancel a meeting (V1).

use super::{Case, move_meeting::planned_meeting};
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{MeetingCancelled, MeetingCancelledContent},
    ids::MeetingId,
};

/// Cancels a meeting that is still to be held.
#[derive(Debug, Clone)]
pub struct CancelMeeting {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Why, in words.
    pub reason: String,
}

impl CancelMeeting {
    /// `meeting_cancelled`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        planned_meeting(case, self.meeting)?;
        let content = MeetingCancelledContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = MeetingCancelled {
            meeting: self.meeting,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{content, given, meeting, now, opened};
    use crate::{
        clock::Timestamp,
        command::RejectionCode,
        events::{Event, MeetingPlanned},
    };

    fn met(at: Timestamp) -> Event {
        MeetingPlanned {
            meeting: meeting(),
            at,
        }
        .into()
    }

    #[test]
    fn a_meeting_is_cancelled_once() {
        let cancel = || CancelMeeting {
            meeting: meeting(),
            reason: "Sjukdom".to_owned(),
        };
        let cancelled = || Event::from(MeetingCancelled { meeting: meeting() });
        let [event] = given([opened(), met(now())])
            .when(cancel())
            .then([cancelled()]);
        assert_eq!(content::<MeetingCancelledContent>(&event).reason, "Sjukdom");
        given([opened(), met(now()), cancelled()])
            .when(cancel())
            .rejected(RejectionCode::AlreadyThere)
            .because("V1");
    }
}
