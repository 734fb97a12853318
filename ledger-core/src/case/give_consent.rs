//! Record a consent (V7, V12, V24). The log becomes active with the first one that its profile asks for.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};

use super::Case;
use crate::{
    access::Action,
    clock::Timestamp,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{ConsentGiven, ConsentGivenContent},
    ids::{Code, ConsentId, KeyId, OrganisationId, PartyId, StreamId},
};

/// Records a consent, given by the asker or, on a paper form, by another member of the family.
#[derive(Debug, Clone)]
pub struct GiveConsent {
    /// Which of the profile's consents.
    pub kind: Code,
    /// Who gives it.
    pub by: PartyId,
    /// The services that it lets in.
    pub services: BTreeSet<OrganisationId>,
    /// First day; none = from now.
    pub valid_from: Option<NaiveDate>,
    /// Last day; none = until withdrawn.
    pub valid_through: Option<NaiveDate>,
    /// When it was given, if earlier than now: a form signed last week.
    pub occurred_at: Option<Timestamp>,
    /// A remark.
    pub remark: String,
}

impl GiveConsent {
    /// `consent_given`, and `status_changed` where the profile says so.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let rule = setting.profile.consent(&self.kind).ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotInProfile,
                format!("the profile has no consent of kind {}", self.kind),
            )
        })?;
        let giver = case
            .parties
            .get(&self.by)
            .filter(|party| party.removed.is_none());
        let giver = giver.ok_or_else(|| {
            Rejection::new(
                RejectionCode::NotFound,
                format!("no party {} takes part in the case; add it first", self.by),
            )
        })?;
        if !rule.given_by.contains(&giver.role) {
            let message = format!(
                "a consent of kind {} cannot be given in the role {}",
                self.kind, giver.role
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(rule.requirement.as_ref())
            );
        }
        if rule.names_services && self.services.is_empty() {
            let message = format!(
                "a consent of kind {} names the services that it lets in; give at least one",
                self.kind
            );
            return Err(
                Rejection::new(RejectionCode::Invalid, message).because(rule.requirement.as_ref())
            );
        }
        self.check_days(rule.max_valid_months, setting)?;
        let stream = StreamId::Case(setting.case);
        let facts = ConsentGiven {
            consent: ConsentId::generate(setting.now, setting.entropy),
            kind: self.kind,
            by: self.by,
            services: self.services.into_iter().collect(),
            valid_from: self.valid_from,
            valid_through: self.valid_through,
        };
        let content = ConsentGivenContent {
            remark: command::text("remark", &self.remark)?,
        };
        let mut given = Decided::sealed(stream, facts, KeyId::Case(setting.case), &content);
        given.occurred_at = self.occurred_at;
        let moved = case
            .status
            .as_ref()
            .and_then(|status| command::transition(setting, Action::GiveConsent, &status.code));
        Ok([Some(given), moved].into_iter().flatten().collect())
    }

    fn check_days(&self, max_months: Option<u32>, setting: &Setting<'_>) -> Result<(), Rejection> {
        let invalid = |message: String| Err(Rejection::new(RejectionCode::Invalid, message));
        let today = setting.profile.date_of(setting.now);
        let from = self.valid_from.unwrap_or(today);
        let Some(through) = self.valid_through else {
            return Ok(());
        };
        if through < from || through < today {
            return invalid(format!(
                "validThrough {through} lies before the consent begins or before today"
            ));
        }
        match max_months.and_then(|months| from.checked_add_months(Months::new(months))) {
            Some(latest) if through > latest => invalid(format!(
                "validThrough {through} is later than {latest}, the longest that the profile allows"
            )),
            _ => Ok(()),
        }
    }
}
