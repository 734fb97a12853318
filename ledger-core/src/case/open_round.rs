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
