//! Record that an organisation has signed an agreement, with the days on which it holds.

use chrono::NaiveDate;

use super::Organisation;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, not_in_profile},
    events::{AgreementSigned, AgreementSignedContent},
    ids::{AgreementId, Code, KeyId, OrganisationId, StreamId},
    profile::Profile,
};

/// Records an agreement.
#[derive(Debug, Clone)]
pub struct SignAgreement {
    /// Its id.
    pub agreement: AgreementId,
    /// Who has signed.
    pub organisation: OrganisationId,
    /// Which of the profile's kinds.
    pub kind: Code,
    /// First day on which it holds; none = today.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which it holds; none = until it is ended.
    pub valid_through: Option<NaiveDate>,
    /// The other organisation that has signed it, where it is known here.
    pub with: Option<OrganisationId>,
    /// Its name.
    pub title: String,
    /// Where the signed text is kept.
    pub reference: String,
}

impl SignAgreement {
    /// `agreement_signed`.
    pub fn decide(
        self,
        organisation: &Organisation,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Vec<Decided>, Rejection> {
        if organisation.registered.is_none() {
            let message = format!("no organisation {} is registered", self.organisation);
            let missing = Rejection::new(RejectionCode::NotFound, message);
            return Err(missing);
        }
        let kinds = &profile.agreements;
        if !kinds.contains_key(&self.kind) {
            let unknown = not_in_profile("kind of agreement", &self.kind, kinds.keys());
            return Err(unknown);
        }
        let valid_from = self.valid_from.unwrap_or_else(|| profile.date_of(now));
        if self
            .valid_through
            .is_some_and(|through| through < valid_from)
        {
            let message = "validThrough lies before validFrom";
            return Err(Rejection::invalid(message));
        }
        if self.with == Some(self.organisation) {
            let message = "an agreement is signed with somebody else; leave `with` out, or name another organisation";
            return Err(Rejection::invalid(message));
        }
        let content = AgreementSignedContent {
            title: command::line("title", &self.title)?,
            reference: command::text("reference", &self.reference)?,
        };
        let facts = AgreementSigned {
            agreement: self.agreement,
            organisation: self.organisation,
            kind: self.kind,
            valid_from,
            valid_through: self.valid_through,
            with: self.with,
            profile: Some(profile.id.clone()),
        };
        let stream = StreamId::Organisation(self.organisation);
        Ok(vec![Decided::sealed(
            stream,
            facts,
            KeyId::Tenant,
            &content,
        )])
    }
}
