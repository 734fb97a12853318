//! Plan a measure anew: what it was before stays in the ledger.

use super::{Case, begin_measure::open_measure, plan_measure::MeasureDescription};
use crate::{
    command::{Decided, Rejection, Setting},
    events::MeasureChanged,
    ids::MeasureId,
};

/// Changes a measure that has not ended.
#[derive(Debug, Clone)]
pub struct ChangeMeasure {
    /// Which measure.
    pub measure: MeasureId,
    /// What is planned from now on, all of it.
    pub described: MeasureDescription,
}

impl ChangeMeasure {
    /// `measure_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        open_measure(case, self.measure, setting)?;
        let content = self.described.content(case, setting)?;
        let facts = MeasureChanged {
            measure: self.measure,
            responsible: self.described.responsible,
            evaluate_on: self.described.evaluate_on,
            begins_on: self.described.begins_on,
            ends_on: self.described.ends_on,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        case_after, day, ended, given, measure, opened, planned, school, teacher, torunn, works,
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

    fn change() -> ChangeMeasure {
        ChangeMeasure {
            measure: measure(),
            described: MeasureDescription {
                title: "Leseøving".to_owned(),
                description: "To gonger i veka".to_owned(),
                development_area: "Språk".to_owned(),
                responsible: teacher(),
                evaluate_on: day("2026-09-01"),
                begins_on: None,
                ends_on: None,
            },
        }
    }

    #[test]
    fn what_is_planned_anew_replaces_all_of_it() {
        let facts = MeasureChanged {
            measure: measure(),
            responsible: teacher(),
            evaluate_on: day("2026-09-01"),
            begins_on: None,
            ends_on: None,
        };
        given(log()).when(change()).then([facts.clone().into()]);
        let case = case_after(log().into_iter().chain([facts.into()]));
        let measure = &case.plan.measures[&measure()];
        assert_eq!(measure.evaluate_on, day("2026-09-01"));
        assert!(measure.described > measure.planned);
    }

    #[test]
    fn only_a_measure_that_has_not_ended_is_changed() {
        given(log().into_iter().chain([ended()]))
            .when(change())
            .rejected(RejectionCode::AlreadyThere)
            .because("V3");
        given([opened()])
            .when(change())
            .rejected(RejectionCode::NotFound)
            .because("V3");
    }
}
