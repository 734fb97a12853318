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
        open_measure(case, self.measure)?;
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
