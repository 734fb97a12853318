//! End an agreement that an organisation has signed.

use super::Organisation;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode},
    events::{AgreementEnded, AgreementEndedContent},
    ids::{AgreementId, KeyId, OrganisationId, StreamId},
};

/// Ends an agreement, at once.
#[derive(Debug, Clone)]
pub struct EndAgreement {
    /// Who has signed it.
    pub organisation: OrganisationId,
    /// Which agreement.
    pub agreement: AgreementId,
    /// Why, in words.
    pub reason: String,
    /// When it happened, if earlier than it is recorded: it was given up last month, and nobody said so.
    pub occurred_at: Option<Timestamp>,
}

impl EndAgreement {
    /// `agreement_ended`.
    pub fn decide(self, organisation: &Organisation) -> Result<Vec<Decided>, Rejection> {
        let agreement = organisation.agreements.get(&self.agreement);
        let agreement = agreement.ok_or_else(|| {
            let message = format!("the organisation has no agreement {}", self.agreement);
            Rejection::new(RejectionCode::NotFound, message)
        })?;
        if agreement.ended.is_some() {
            let message = "the agreement was ended before";
            return Err(Rejection::already(message));
        }
        let content = AgreementEndedContent {
            reason: command::text("reason", &self.reason)?,
        };
        let facts = AgreementEnded {
            agreement: self.agreement,
        };
        let stream = StreamId::Organisation(self.organisation);
        Ok(vec![Decided {
            occurred_at: self.occurred_at,
            ..Decided::sealed(stream, facts, KeyId::Tenant, &content)
        }])
    }
}
