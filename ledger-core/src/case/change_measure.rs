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
        let before = open_measure(case, self.measure, setting)?.evaluate_on;
        let content = self.described.content(Some(before), case, setting)?;
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
    use crate::events::{Event, MeasurePlanned};

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
    fn what_is_overdue_for_its_evaluation_may_stay_so_and_nothing_else_becomes_so() {
        let overdue = MeasurePlanned {
            measure: measure(),
            responsible: teacher(),
            evaluate_on: day("2026-02-01"),
            begins_on: None,
            ends_on: None,
        };
        let on = |evaluate_on| ChangeMeasure {
            described: MeasureDescription {
                evaluate_on: day(evaluate_on),
                ..change().described
            },
            ..change()
        };
        let events = || {
            let [opened, works, _] = log();
            [opened, works, overdue.clone().into()]
        };
        let facts = MeasureChanged {
            measure: measure(),
            responsible: teacher(),
            evaluate_on: day("2026-02-01"),
            begins_on: None,
            ends_on: None,
        };
        given(events()).when(on("2026-02-01")).then([facts.into()]);
        given(events())
            .when(on("2026-02-02"))
            .rejected(RejectionCode::Invalid)
            .because("V3")
            .naming("evaluateOn 2026-02-02 lies in the past");
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
