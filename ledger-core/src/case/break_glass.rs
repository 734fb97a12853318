//! Break the glass: read without the usual right, for a written reason and a limited time. Everybody who may see the
//! case sees that it was done.

use chrono::TimeDelta;

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{GlassBroken, GlassBrokenContent},
    ids::EmergencyId,
};

/// Breaks the glass, for whoever asks.
#[derive(Debug, Clone)]
pub struct BreakGlass {
    /// Why; never empty.
    pub reason: String,
    /// For how many hours; at most as many as the profile allows.
    pub hours: u32,
}

impl BreakGlass {
    /// `glass_broken`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rule = setting.profile.break_glass.as_ref().ok_or_else(|| {
            let message = "the glass cannot be broken in this system";
            Rejection::new(RejectionCode::NotInProfile, message)
        })?;
        let asked_for = rule.requirement.as_ref();
        if self.reason.trim().is_empty() {
            let message = "reason is empty; say why you must read without the usual right";
            return Err(Rejection::invalid(message).because(asked_for));
        }
        if !(1..=rule.hours_max).contains(&self.hours) {
            let message = format!("hours must lie between 1 and {}", rule.hours_max);
            return Err(Rejection::invalid(message).because(asked_for));
        }
        let holds_already = case.emergencies.values().any(|broken| {
            let holds = broken.span().is_some_and(|span| span.contains(setting.now));
            broken.account == setting.account && holds
        });
        if holds_already {
            let message = "you have broken the glass already, and the time has not passed";
            return Err(Rejection::already(message).because(asked_for));
        }
        let content = GlassBrokenContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = GlassBroken {
            emergency: EmergencyId::generate(setting.now, setting.entropy),
            account: setting.account,
            until: setting.now + TimeDelta::hours(i64::from(self.hours)),
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Noughts, at, content, given, kvam_with, now, opened, torunn};
    use crate::events::Event;

    fn break_for(hours: u32) -> BreakGlass {
        BreakGlass {
            reason: "Fare for liv".to_owned(),
            hours,
        }
    }

    fn broken(until: &str) -> Event {
        GlassBroken {
            emergency: EmergencyId::generate(now(), &Noughts),
            account: torunn(),
            until: at(until),
        }
        .into()
    }

    #[test]
    fn the_glass_is_broken_for_a_reason_and_a_time() {
        let [event] = given([opened()])
            .when(break_for(24))
            .then([broken("2026-03-03T12:00:00Z")]);
        assert_eq!(content::<GlassBrokenContent>(&event).reason, "Fare for liv");
    }

    #[test]
    fn neither_without_a_reason_nor_for_longer_than_the_profile_allows() {
        let reason = "  ".to_owned();
        given([opened()])
            .when(BreakGlass { reason, hours: 1 })
            .rejected(RejectionCode::Invalid)
            .because("D4")
            .naming("reason");
        for hours in [0, 25] {
            given([opened()])
                .when(break_for(hours))
                .rejected(RejectionCode::Invalid)
                .because("D4")
                .naming("24");
        }
    }

    #[test]
    fn it_is_not_broken_twice_at_a_time() {
        given([opened(), broken("2026-03-02T12:00:01Z")])
            .when(break_for(1))
            .rejected(RejectionCode::AlreadyThere)
            .because("D4");
        given([opened(), broken("2026-03-02T12:00:00Z")])
            .when(break_for(1))
            .then([broken("2026-03-02T13:00:00Z")]);
    }

    #[test]
    fn a_system_may_have_no_glass_to_break() {
        let solid = kvam_with("[break_glass]\nhours_max = 24\nrequirement = \"D4\"\n", "");
        given([opened()])
            .by_the_rules_of(solid)
            .when(break_for(1))
            .rejected(RejectionCode::NotInProfile)
            .because("D4");
    }
}
