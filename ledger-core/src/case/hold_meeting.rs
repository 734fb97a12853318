//! Record that a meeting was held: who was there, and the minutes (V1).

use std::collections::BTreeSet;

use super::{Case, move_meeting::planned_meeting};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_there},
    events::{MeetingHeld, MeetingHeldContent},
    ids::{MeetingId, PartyId},
};

/// Records that a meeting was held.
#[derive(Debug, Clone)]
pub struct HoldMeeting {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Who was there; whoever takes part or took part.
    pub present: BTreeSet<PartyId>,
    /// The minutes.
    pub minutes: String,
}

impl HoldMeeting {
    /// `meeting_held`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let meeting = planned_meeting(case, self.meeting)?;
        if setting.now < meeting.at {
            let message = format!(
                "the meeting is planned for {}; move it if it was held earlier",
                meeting.at
            );
            let rejection = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(rejection);
        }
        let present_max = setting.profile.limits.parties_max;
        if self.present.len() > present_max as usize {
            let message =
                format!("present names more people than {present_max}, the most in a case");
            return Err(Rejection::invalid(message));
        }
        if let Some(stranger) = self
            .present
            .iter()
            .find(|id| !case.parties.contains_key(id))
        {
            return Err(not_there("party", stranger));
        }
        let content = MeetingHeldContent {
            minutes: command::text("minutes", &self.minutes)?,
        };
        let facts = MeetingHeld {
            meeting: self.meeting,
            present: self.present.into_iter().collect(),
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        at, content, given, meeting, mother, opened, takes_part, yesterday,
    };
    use crate::{
        clock::Timestamp,
        events::{Event, MeetingPlanned},
    };

    fn met(at: Timestamp) -> Event {
        MeetingPlanned {
            meeting: meeting(),
            at,
        }
        .into()
    }

    fn hold(present: PartyId) -> HoldMeeting {
        HoldMeeting {
            meeting: meeting(),
            present: [present].into(),
            minutes: "Einige".to_owned(),
        }
    }

    #[test]
    fn a_meeting_was_held_with_those_who_were_there() {
        let held = MeetingHeld {
            meeting: meeting(),
            present: vec![mother()],
        };
        let [event] = given([opened(), takes_part(mother(), "guardian"), met(yesterday())])
            .when(hold(mother()))
            .then([held.into()]);
        assert_eq!(content::<MeetingHeldContent>(&event).minutes, "Einige");
    }

    #[test]
    fn neither_before_its_time_nor_with_strangers() {
        let tomorrow = at("2026-03-03T12:00:00Z");
        given([opened(), takes_part(mother(), "guardian"), met(tomorrow)])
            .when(hold(mother()))
            .rejected(RejectionCode::WrongStatus)
            .because("V1");
        given([opened(), met(yesterday())])
            .when(hold(mother()))
            .rejected(RejectionCode::NotFound)
            .because("V1");
    }
}
