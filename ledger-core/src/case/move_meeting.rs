//! Move a meeting to another time (V1).

use super::{Case, Meeting};
use crate::{
    clock::Timestamp,
    command::{Decided, Rejection, Setting, not_there},
    events::MeetingMoved,
    ids::MeetingId,
};

/// Moves a meeting that is still to be held.
#[derive(Debug, Clone)]
pub struct MoveMeeting {
    /// Which meeting.
    pub meeting: MeetingId,
    /// When it begins.
    pub at: Timestamp,
}

/// A meeting that is still to be held.
pub(super) fn planned_meeting(case: &Case, id: MeetingId) -> Result<&Meeting, Rejection> {
    let meeting = case.plan.meetings.get(&id);
    let meeting = meeting.ok_or_else(|| not_there("meeting", id))?;
    if meeting.is_planned() {
        return Ok(meeting);
    }
    let how = if meeting.held.is_some() {
        "held"
    } else {
        "cancelled"
    };
    Err(Rejection::already(format!("the meeting was {how}")))
}

impl MoveMeeting {
    /// `meeting_moved`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        planned_meeting(case, self.meeting)?;
        Ok(vec![setting.bare(MeetingMoved {
            meeting: self.meeting,
            at: self.at,
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{given, meeting, now, opened, yesterday};
    use crate::command::RejectionCode;
    use crate::events::{Event, MeetingCancelled, MeetingHeld, MeetingPlanned};

    fn met(at: Timestamp) -> Event {
        MeetingPlanned {
            meeting: meeting(),
            at,
        }
        .into()
    }

    #[test]
    fn a_meeting_that_is_still_to_be_held_is_moved() {
        let move_it = || MoveMeeting {
            meeting: meeting(),
            at: now(),
        };
        let moved = MeetingMoved {
            meeting: meeting(),
            at: now(),
        };
        given([opened(), met(yesterday())])
            .when(move_it())
            .then([moved.into()]);
        given([opened()])
            .when(move_it())
            .rejected(RejectionCode::NotFound)
            .because("V1");
        let held = MeetingHeld {
            meeting: meeting(),
            present: Vec::new(),
        };
        let cancelled = MeetingCancelled { meeting: meeting() };
        for (over, how) in [(Event::from(held), "held"), (cancelled.into(), "cancelled")] {
            given([opened(), met(yesterday()), over])
                .when(move_it())
                .rejected(RejectionCode::AlreadyThere)
                .because("V1")
                .naming(how);
        }
    }
}
