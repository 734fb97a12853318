//! Refer a family to another organisation, with or without data about it (M9).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting, not_in_profile},
    events::{ReferralMade, ReferralMadeContent},
    ids::{Code, OrganisationId, ReferralId},
};

/// Refers a family. Whether the consent and the agreements are there is asked by the rules, before this is decided.
#[derive(Debug, Clone)]
pub struct MakeReferral {
    /// Which of the profile's kinds.
    pub kind: Code,
    /// Which subtype of that kind.
    pub subtype: Code,
    /// To which organisation; needed where data are shared.
    pub receiver: Option<OrganisationId>,
    /// What the family hopes for.
    pub remark: String,
}

impl MakeReferral {
    /// `referral_made`.
    pub fn decide(self, _: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let kinds = &setting.profile.referrals;
        let kind = kinds
            .get(&self.kind)
            .ok_or_else(|| not_in_profile("kind of referral", &self.kind, kinds.keys()))?;
        let subtype = kind.subtypes.get(&self.subtype).ok_or_else(|| {
            not_in_profile(
                "subtype of that referral",
                &self.subtype,
                kind.subtypes.keys(),
            )
            .because(kind.requirement.as_ref())
        })?;
        if subtype.shares_data && self.receiver.is_none() {
            let message = "data are shared on this referral; name the receiver";
            return Err(Rejection::new(RejectionCode::Invalid, message)
                .because(subtype.requirement.as_ref()));
        }
        let content = ReferralMadeContent {
            remark: command::text("remark", &self.remark)?,
        };
        let facts = ReferralMade {
            referral: ReferralId::generate(setting.now, setting.entropy),
            kind: self.kind,
            subtype: self.subtype,
            shares_data: subtype.shares_data,
            receiver: self.receiver,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
