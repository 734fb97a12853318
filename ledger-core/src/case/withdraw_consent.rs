//! Withdraw a consent: as easy as giving it, by any guardian, at any time (V18).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{ConsentWithdrawn, ConsentWithdrawnContent},
    ids::{ConsentId, KeyId, PartyId, StreamId},
};

/// Takes a consent back, by the asker or, for a member of the family without an account, on their word.
#[derive(Debug, Clone)]
pub struct WithdrawConsent {
    /// Which consent.
    pub consent: ConsentId,
    /// Who takes it back.
    pub by: PartyId,
    /// What was said about it; may be empty, because nobody has to give a reason.
    pub reason: String,
}

impl WithdrawConsent {
    /// `consent_withdrawn`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let consent = case.consents.get(&self.consent).ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotFound,
                format!("the case has no consent {}", self.consent),
            )
        })?;
        if consent.withdrawn.is_some() {
            return Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the consent was withdrawn before",
            ));
        }
        let rule = setting.profile.consent(&consent.kind);
        let by = case
            .parties
            .get(&self.by)
            .filter(|party| party.removed.is_none());
        let allowed = by.is_some_and(|by| rule.is_none_or(|rule| rule.given_by.contains(&by.role)));
        if !allowed {
            let message = format!(
                "party {} takes no part in the role of one who may withdraw",
                self.by
            );
            return Err(Rejection::new(RejectionCode::Invalid, message)
                .because(rule.and_then(|rule| rule.requirement.as_ref())));
        }
        let facts = ConsentWithdrawn {
            consent: self.consent,
            by: self.by,
        };
        let content = ConsentWithdrawnContent {
            reason: command::text("reason", &self.reason)?,
        };
        let withdrawn = Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        );
        let moved = case
            .status
            .as_ref()
            .and_then(|status| command::transition(setting, Action::WithdrawConsent, &status.code));
        Ok([Some(withdrawn), moved].into_iter().flatten().collect())
    }
}
