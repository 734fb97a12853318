//! Evaluate a measure that goes on (V3, V6).

use chrono::NaiveDate;

use super::{Case, begin_measure::open_measure};
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{MeasureEvaluated, MeasureEvaluatedContent},
    ids::{Code, MeasureId},
    profile::KeptRule,
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
    Err(not_in_profile("effect", effect, effects.keys())
        .because(setting.asked_for(KeptRule::Effect)))
}

impl EvaluateMeasure {
    /// `measure_evaluated`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        known_effect(&self.effect, setting)?;
        if !open_measure(case, self.measure, setting)?.is_under_way() {
            let message = "the measure has not begun; there is nothing to evaluate yet";
            let rejection = Rejection::new(RejectionCode::WrongStatus, message);
            return Err(rejection);
        }
        let today = setting.profile.date_of(setting.now);
        if self.evaluate_on <= today {
            let message = format!(
                "evaluateOn {} is not later than today; say when it is evaluated next, or end it",
                self.evaluate_on
            );
            return Err(Rejection::invalid(message));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        begun, code, content, day, given, measure, opened, planned, school, teacher, torunn, works,
    };
    use crate::events::Event;

    fn log() -> [Event; 3] {
        [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
            planned(),
        ]
    }

    fn evaluate() -> EvaluateMeasure {
        EvaluateMeasure {
            measure: measure(),
            effect: code("some"),
            evaluate_on: day("2026-09-01"),
            assessment: "Det går betre".to_owned(),
        }
    }

    fn under_way() -> impl Iterator<Item = Event> {
        log().into_iter().chain([begun()])
    }

    #[test]
    fn a_measure_under_way_is_evaluated_and_goes_on() {
        let facts = MeasureEvaluated {
            measure: measure(),
            effect: code("some"),
            evaluate_on: day("2026-09-01"),
        };
        let [event] = given(under_way()).when(evaluate()).then([facts.into()]);
        let sealed: MeasureEvaluatedContent = content(&event);
        assert_eq!(sealed.assessment, "Det går betre");
    }

    #[test]
    fn there_is_nothing_to_evaluate_before_it_begins() {
        given(log())
            .when(evaluate())
            .rejected(RejectionCode::WrongStatus)
            .because("V3");
    }

    #[test]
    fn it_is_evaluated_again_later_than_today() {
        let evaluate_on = day("2026-03-02");
        given(under_way())
            .when(EvaluateMeasure {
                evaluate_on,
                ..evaluate()
            })
            .rejected(RejectionCode::Invalid)
            .because("V3")
            .naming("evaluateOn");
    }

    #[test]
    fn its_effect_is_one_of_the_profile() {
        let effect = code("miracle");
        given(under_way())
            .when(EvaluateMeasure {
                effect,
                ..evaluate()
            })
            .rejected(RejectionCode::NotInProfile)
            .because("V15")
            .naming("wished_for");
    }
}
