//! Break the glass: read without the usual right, for a written reason and a limited time. Everybody who may see the
//! case sees that it was done.

use chrono::TimeDelta;

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, requirement},
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
            Rejection::new(RejectionCode::NotInProfile, message).because(requirement("D4").as_ref())
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
