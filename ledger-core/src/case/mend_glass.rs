//! End the right of somebody who broke the glass, before its time.

use super::Case;
use crate::{
    command::{Decided, Rejection, Setting, not_there, requirement},
    events::GlassMended,
    ids::EmergencyId,
};

/// Ends it.
#[derive(Debug, Clone)]
pub struct MendGlass {
    /// Which time that the glass was broken.
    pub emergency: EmergencyId,
}

impl MendGlass {
    /// `glass_mended`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let d4 = requirement("D4");
        let broken = case
            .emergencies
            .get(&self.emergency)
            .ok_or_else(|| not_there("broken glass", self.emergency).because(d4.as_ref()))?;
        let holds = broken.span().is_some_and(|span| span.contains(setting.now));
        if !holds {
            let message = "the right has ended already";
            return Err(Rejection::already(message).because(d4.as_ref()));
        }
        Ok(vec![setting.bare(GlassMended {
            emergency: self.emergency,
        })])
    }
}
