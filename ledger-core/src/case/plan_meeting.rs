//! Plan a meeting (V1).

use super::Case;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, Setting},
    events::{MeetingPlanned, MeetingPlannedContent},
    ids::MeetingId,
};

/// Plans a meeting; one that was held without having been planned is planned first, for the time at which it was.
#[derive(Debug, Clone)]
pub struct PlanMeeting {
    /// When it begins.
    pub at: Timestamp,
    /// Its name.
    pub title: String,
    /// Where.
    pub place: String,
    /// What is to be spoken of.
    pub agenda: String,
}

impl PlanMeeting {
    /// `meeting_planned`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let content = MeetingPlannedContent {
            title: command::line("title", &self.title)?,
            place: command::text("place", &self.place)?,
            agenda: command::text("agenda", &self.agenda)?,
        };
        let facts = MeetingPlanned {
            meeting: MeetingId::generate(setting.now, setting.entropy),
            at: self.at,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Noughts, content, given, now, opened};
    use crate::command::RejectionCode;

    #[test]
    fn a_meeting_has_a_time_and_a_name() {
        let plan = |title: &str| PlanMeeting {
            at: now(),
            title: title.to_owned(),
            place: "Skulen".to_owned(),
            agenda: String::new(),
        };
        let facts = MeetingPlanned {
            meeting: MeetingId::generate(now(), &Noughts),
            at: now(),
        };
        let [event] = given([opened()])
            .when(plan("Ansvarsgruppe"))
            .then([facts.into()]);
        assert_eq!(content::<MeetingPlannedContent>(&event).place, "Skulen");
        given([opened()])
            .when(plan(" "))
            .rejected(RejectionCode::Invalid)
            .naming("title");
    }
}
