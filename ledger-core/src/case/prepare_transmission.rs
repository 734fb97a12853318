//! File the form and the print of what is to be handed over, and the packed copy of the form (M10–M12).

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{AddDocument, Case, handing_over::transmission_rules};
use crate::{
    command::{Decided, Rejection, RejectionCode, Setting, not_there},
    events::TransmissionPrepared,
    ids::{Code, Digest, DocumentId, PartyId, ReferralId, TransmissionId},
    profile::Part,
};

/// A body that lies sealed in the store, under a key of its own.
#[derive(Debug, Clone)]
pub struct SealedBody {
    /// The id under which it lies.
    pub document: DocumentId,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// `SHA-256(salt ‖ body)`; the salt is sealed with the body.
    pub commitment: Digest,
}

/// A sealed body with what it is called.
#[derive(Debug, Clone)]
pub struct NamedBody {
    /// The body.
    pub body: SealedBody,
    /// Its heading.
    pub title: String,
    /// The name of the file.
    pub file_name: String,
}

/// Prepares a transmission. The bodies are in the store already.
#[derive(Debug, Clone)]
pub struct PrepareTransmission {
    /// Its id.
    pub transmission: TransmissionId,
    /// The referral that it belongs to.
    pub referral: ReferralId,
    /// Whose data it holds.
    pub about: BTreeSet<PartyId>,
    /// The form as it was filled in.
    pub form: NamedBody,
    /// The print for the family.
    pub print: NamedBody,
    /// The packed copy of the form.
    pub working_copy: SealedBody,
}

impl PrepareTransmission {
    /// `document_added` for the form and for the print, and `transmission_prepared`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let referrals = &case.handing_over.referrals;
        let referral = referrals
            .get(&self.referral)
            .ok_or_else(|| not_there("referral", self.referral))?;
        let subtype = setting
            .profile
            .referral(&referral.kind, &referral.subtype)
            .filter(|subtype| subtype.shares_data && referral.shares_data);
        let (Some(subtype), Some(receiver)) = (subtype, referral.receiver) else {
            let kind = setting.profile.referrals.get(&referral.kind);
            let message = "no data are shared on this referral; make one that shares data first";
            return Err(Rejection::new(RejectionCode::Invalid, message)
                .because(kind.and_then(|kind| kind.requirement.as_ref())));
        };
        let rules = transmission_rules(setting)?;
        if self.about.is_empty() {
            let message = "a form holds somebody's data; name at least one party";
            return Err(Rejection::invalid(message).because(rules.form.requirement.as_ref()));
        }
        case.each_has_consented(&self.about, subtype, receiver, setting)?;
        let mut others = case.handing_over.transmissions.values();
        if others.any(|other| other.referral == self.referral && other.destroyed.is_none()) {
            let message = "an earlier transmission of this referral still has its packed copy; destroy that first";
            return Err(Rejection::already(message).because(rules.requirement.as_ref()));
        }
        let (form, print) = (self.form.body.document, self.print.body.document);
        let section = setting.profile.section_of(Part::Referrals);
        let mut decided = filed(self.form, section, case, setting)?;
        decided.extend(filed(self.print, section, case, setting)?);
        decided.push(setting.bare(TransmissionPrepared {
            transmission: self.transmission,
            referral: self.referral,
            receiver,
            about: self.about.into_iter().collect(),
            form,
            print,
            working_copy: self.working_copy.document,
            working_copy_bytes: self.working_copy.size_bytes,
            working_copy_commitment: self.working_copy.commitment,
            destroy_by: in_days(rules.working_copy_kept_days, setting),
        }));
        Ok(decided)
    }
}

fn filed(
    named: NamedBody,
    section: &Code,
    case: &Case,
    setting: &Setting<'_>,
) -> Result<Vec<Decided>, Rejection> {
    let command = AddDocument {
        document: named.body.document,
        section: section.clone(),
        format: "pdf".parse().expect("a word of a-z is a code"),
        size_bytes: named.body.size_bytes,
        body_commitment: named.body.commitment,
        title: named.title,
        file_name: named.file_name,
    };
    command.decide(case, setting)
}

/// The day that comes so many days after today.
pub(super) fn in_days(days: u32, setting: &Setting<'_>) -> NaiveDate {
    let today = setting.profile.date_of(setting.now);
    today
        .checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}
