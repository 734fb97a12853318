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
        open_measure(case, self.measure)?;
        let content = self.described.content(case)?;
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
