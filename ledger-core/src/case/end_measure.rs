//! End a measure, and say what effect it had (V15).

use super::{Case, begin_measure::open_measure, evaluate_measure::known_effect};
use crate::{
    command::{self, Decided, Rejection, Setting},
    events::{MeasureEnded, MeasureEndedContent},
    ids::{Code, MeasureId},
};

/// Ends a measure; one that never began may be ended too.
#[derive(Debug, Clone)]
pub struct EndMeasure {
    /// Which measure.
    pub measure: MeasureId,
    /// Which of the profile's effects.
    pub effect: Code,
    /// What those who worked together found.
    pub assessment: String,
}

impl EndMeasure {
    /// `measure_ended`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        known_effect(&self.effect, setting)?;
        open_measure(case, self.measure, setting)?;
        let content = MeasureEndedContent {
            assessment: command::text("assessment", &self.assessment)?,
        };
        let facts = MeasureEnded {
            measure: self.measure,
            effect: self.effect,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        begun, case_after, code, content, ended, given, measure, opened, planned, school, teacher,
        torunn, works,
    };
    use crate::command::RejectionCode;
    use crate::events::Event;

    fn log() -> [Event; 3] {
        [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
            planned(),
        ]
    }

    fn end(effect: &str) -> EndMeasure {
        EndMeasure {
            measure: measure(),
            effect: code(effect),
            assessment: "Ho les no".to_owned(),
        }
    }

    #[test]
    fn a_measure_ends_with_the_effect_that_it_had() {
        let [event] = given(log()).when(end("wished_for")).then([ended()]);
        assert_eq!(
            content::<MeasureEndedContent>(&event).assessment,
            "Ho les no"
        );
        let case = case_after(log().into_iter().chain([begun(), ended()]));
        assert!(!case.plan.has_measure_under_way(None));
    }

    #[test]
    fn it_ends_once_and_with_an_effect_of_the_profile() {
        given(log().into_iter().chain([ended()]))
            .when(end("wished_for"))
            .rejected(RejectionCode::AlreadyThere)
            .because("V3");
        given(log())
            .when(end("miracle"))
            .rejected(RejectionCode::NotInProfile)
            .because("V15");
    }
}
