//! Open a consultation round (K5).

use chrono::{Days, NaiveDate};

use super::{Case, rounds::rounds_of};
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{RoundOpened, RoundOpenedContent},
    ids::RoundId,
};

/// Opens a round.
#[derive(Debug, Clone)]
pub struct OpenRound {
    /// What it is about, in one line.
    pub topic: String,
    /// Its last day.
    pub ends_on: NaiveDate,
}

impl OpenRound {
    /// `round_opened`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rules = rounds_of(setting)?;
        let today = setting.profile.date_of(setting.now);
        let last = today + Days::new(u64::from(rules.days_max));
        if !(today..=last).contains(&self.ends_on) {
            let message = format!(
                "endsOn must lie between {today} and {last}: a round lasts {} days at most",
                rules.days_max
            );
            return Err(Rejection::invalid(message).because(rules.requirement.as_ref()));
        }
        let content = RoundOpenedContent {
            topic: command::line("topic", &self.topic)?,
        };
        let facts = RoundOpened {
            round: RoundId::generate(setting.now, setting.entropy),
            ends_on: self.ends_on,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Noughts, Outcome, content, day, given, now, opened,
        rounds::{discussed, kindkans, round_until},
    };
    use crate::command::RejectionCode;

    fn open(topic: &str, ends_on: &str) -> OpenRound {
        OpenRound {
            topic: topic.to_owned(),
            ends_on: day(ends_on),
        }
    }

    fn decided(command: OpenRound) -> Outcome {
        given([discussed()])
            .by_the_rules_of(kindkans())
            .when(command)
    }

    #[test]
    fn a_round_lasts_from_today_until_its_last_day_and_its_topic_is_sealed() {
        for last in ["2026-03-02", "2026-03-31", "2026-05-31"] {
            let facts = RoundOpened {
                round: RoundId::generate(now(), &Noughts),
                ends_on: day(last),
            };
            let [event] = decided(open(" Lezen ", last)).then([facts.into()]);
            assert_eq!(content::<RoundOpenedContent>(&event).topic, "Lezen");
        }
    }

    #[test]
    fn it_neither_ended_before_it_began_nor_lasts_longer_than_the_profile_says() {
        for last in ["2026-03-01", "2026-06-01"] {
            decided(open("Lezen", last))
                .rejected(RejectionCode::Invalid)
                .because("K5")
                .naming("between 2026-03-02 and 2026-05-31")
                .naming("90 days at most");
        }
    }

    #[test]
    fn it_is_about_something() {
        for topic in ["", " ", "Lezen\nen rekenen"] {
            decided(open(topic, "2026-03-31"))
                .rejected(RejectionCode::Invalid)
                .because("K5")
                .naming("topic");
        }
    }

    #[test]
    fn another_one_may_be_under_way() {
        let facts = RoundOpened {
            round: RoundId::generate(now(), &Noughts),
            ends_on: day("2026-03-31"),
        };
        given([discussed(), round_until("2026-03-31")])
            .by_the_rules_of(kindkans())
            .when(open("Rekenen", "2026-03-31"))
            .then([facts.into()]);
    }

    #[test]
    fn where_the_profile_knows_no_rounds_there_are_none() {
        given([opened()])
            .when(open("Lesing", "2026-03-31"))
            .rejected(RejectionCode::NotInProfile)
            .naming("no consultation rounds");
    }
}
