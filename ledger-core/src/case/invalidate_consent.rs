//! Declare that a consent was never valid. It ends at once, and what was read meanwhile was read without it.

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, Setting, not_there, requirement},
    events::{ConsentInvalidated, ConsentInvalidatedContent},
    ids::{ConsentId, Position},
};

/// Declares a consent invalid.
#[derive(Debug, Clone)]
pub struct InvalidateConsent {
    /// Which consent.
    pub consent: ConsentId,
    /// Why; never empty.
    pub reason: String,
}

impl InvalidateConsent {
    /// `consent_invalidated`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let v24 = requirement("V24");
        let consent = case.consents.get(&self.consent);
        let consent =
            consent.ok_or_else(|| not_there("consent", self.consent).because(v24.as_ref()))?;
        if consent.invalidated.is_some() {
            let message = "the consent was declared invalid before";
            return Err(Rejection::already(message).because(v24.as_ref()));
        }
        consent.taken_back_by(setting.party, case, setting)?;
        if self.reason.trim().is_empty() {
            let message = "reason is empty; say why the consent was not valid";
            return Err(Rejection::invalid(message).because(v24.as_ref()));
        }
        let mut after = case.clone();
        if let Some(consent) = after.consents.get_mut(&self.consent) {
            consent.invalidated = Some(Position(0));
        }
        let content = ConsentInvalidatedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = ConsentInvalidated {
            consent: self.consent,
        };
        let invalidated = setting.sealed(facts, &content);
        let moved = command::transition(setting, Action::InvalidateConsent, case, &after);
        Ok([Some(invalidated), moved].into_iter().flatten().collect())
    }
}
