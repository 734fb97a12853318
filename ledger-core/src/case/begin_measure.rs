//! Begin a measure. With the first one, and with the consent, the log itself begins (V11).

use super::{Case, Measure};
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting, not_there, requirement},
    events::MeasureBegun,
    ids::{MeasureId, Position},
};

/// Begins a measure that was planned.
#[derive(Debug, Clone)]
pub struct BeginMeasure {
    /// Which measure.
    pub measure: MeasureId,
}

/// A measure that has not ended.
pub(super) fn open_measure(case: &Case, id: MeasureId) -> Result<&Measure, Rejection> {
    let v3 = requirement("V3");
    let measure = case.plan.measures.get(&id);
    let measure = measure.ok_or_else(|| not_there("measure", id).because(v3.as_ref()))?;
    if measure.ended.is_some() {
        return Err(Rejection::already("the measure has ended").because(v3.as_ref()));
    }
    Ok(measure)
}

impl BeginMeasure {
    /// `measure_begun`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let measure = open_measure(case, self.measure)?;
        if measure.begun.is_some() {
            let message = "the measure is under way already";
            return Err(Rejection::already(message).because(requirement("V11").as_ref()));
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
