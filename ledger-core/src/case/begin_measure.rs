//! Begin a measure. With the first one, and with the consent, the log itself begins (V11).

use super::{Case, Measure};
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting, not_there},
    events::MeasureBegun,
    ids::{MeasureId, Position},
    profile::KeptRule,
};

/// Begins a measure that was planned.
#[derive(Debug, Clone)]
pub struct BeginMeasure {
    /// Which measure.
    pub measure: MeasureId,
}

/// A measure that has not ended.
pub(super) fn open_measure<'a>(
    case: &'a Case,
    id: MeasureId,
    setting: &Setting<'_>,
) -> Result<&'a Measure, Rejection> {
    let asked_for = setting.asked_for(KeptRule::Measure);
    let measure = case.plan.measures.get(&id);
    let measure = measure.ok_or_else(|| not_there("measure", id).because(asked_for))?;
    if measure.ended.is_some() {
        return Err(Rejection::already("the measure has ended").because(asked_for));
    }
    Ok(measure)
}

impl BeginMeasure {
    /// `measure_begun`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let measure = open_measure(case, self.measure, setting)?;
        if measure.begun.is_some() {
            let message = "the measure is under way already";
            return Err(Rejection::already(message));
        }
        let mut after = case.clone();
        if let Some(measure) = after.plan.measures.get_mut(&self.measure) {
            measure.begun = Some(Position(0));
        }
        let begun = setting.bare(MeasureBegun {
            measure: self.measure,
        });
        let moved = command::transition(setting, Action::BeginMeasure, case, &after);
        Ok([Some(begun), moved].into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        begun, consent, ended, gave, given, in_preparation, measure, mother, moved, opened,
        planned, school, takes_part, teacher, torunn, works,
    };
    use crate::command::RejectionCode;
    use crate::events::Event;

    fn log() -> [Event; 5] {
        [
            in_preparation(),
            works(teacher(), "baton_holder", torunn(), school()),
            takes_part(mother(), "guardian"),
            gave(consent(), mother()).into(),
            planned(),
        ]
    }

    const BEGIN: fn() -> BeginMeasure = || BeginMeasure { measure: measure() };

    #[test]
    fn with_the_consent_and_the_first_measure_the_log_begins() {
        given(log())
            .when(BEGIN())
            .then([begun(), moved("preparing", "active")]);
    }

    #[test]
    fn without_the_consent_a_measure_begins_and_the_log_does_not() {
        let [opening, teacher, mother, _, planned] = log();
        given([opening, teacher, mother, planned])
            .when(BEGIN())
            .then([begun()]);
    }

    #[test]
    fn a_measure_that_was_planned_begins_once() {
        given([opened()])
            .when(BEGIN())
            .rejected(RejectionCode::NotFound)
            .because("V3");
        given(log().into_iter().chain([begun()]))
            .when(BEGIN())
            .rejected(RejectionCode::AlreadyThere)
            .because("V11");
        given(log().into_iter().chain([begun(), ended()]))
            .when(BEGIN())
            .rejected(RejectionCode::AlreadyThere)
            .because("V3");
    }
}
