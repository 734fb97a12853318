//! Evaluate a measure that goes on (V3, V6).

use chrono::NaiveDate;

use super::{Case, begin_measure::open_measure};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile, requirement},
    events::{MeasureEvaluated, MeasureEvaluatedContent},
    ids::{Code, MeasureId},
};

/// Evaluates a measure.
#[derive(Debug, Clone)]
pub struct EvaluateMeasure {
    /// Which measure.
    pub measure: MeasureId,
    /// Which of the profile's effects.
    pub effect: Code,
    /// When it is to be evaluated next.
    pub evaluate_on: NaiveDate,
    /// What those who worked together found.
    pub assessment: String,
}

/// An effect that the profile has.
pub(super) fn known_effect(effect: &Code, setting: &Setting<'_>) -> Result<(), Rejection> {
    let effects = &setting.profile.effects;
    if effects.contains_key(effect) {
        return Ok(());
    }
    Err(not_in_profile("effect", effect, effects.keys()).because(requirement("V15").as_ref()))
}

impl EvaluateMeasure {
    /// `measure_evaluated`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let v3 = requirement("V3");
        known_effect(&self.effect, setting)?;
        if !open_measure(case, self.measure)?.is_under_way() {
            let message = "the measure has not begun; there is nothing to evaluate yet";
            let rejection = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(rejection.because(v3.as_ref()));
        }
        let today = setting.profile.date_of(setting.now);
        if self.evaluate_on <= today {
            let message = format!(
                "evaluateOn {} is not later than today; say when it is evaluated next, or end it",
                self.evaluate_on
            );
            return Err(Rejection::invalid(message).because(v3.as_ref()));
        }
        let content = MeasureEvaluatedContent {
            assessment: command::text("assessment", &self.assessment)?,
        };
        let facts = MeasureEvaluated {
            measure: self.measure,
            effect: self.effect,
            evaluate_on: self.evaluate_on,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
