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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Noughts, Outcome, code, content, given,
        handing_over::{family, mirage, refers},
        now, opened, welfare_centre,
    };

    fn refer(subtype: &str) -> MakeReferral {
        MakeReferral {
            kind: code("psychosocial"),
            subtype: code(subtype),
            receiver: Some(welfare_centre()),
            remark: "Hulp bij de huur".to_owned(),
        }
    }

    fn decided(command: MakeReferral) -> Outcome {
        given(family()).by_the_rules_of(mirage()).when(command)
    }

    fn made(subtype: &str, shares_data: bool) -> ReferralMade {
        ReferralMade {
            referral: ReferralId::generate(now(), &Noughts),
            ..refers(subtype, shares_data)
        }
    }

    #[test]
    fn a_referral_says_by_its_subtype_whether_data_are_shared() {
        let [event] = decided(refer("ocmw")).then([made("ocmw", true).into()]);
        assert_eq!(
            content::<ReferralMadeContent>(&event).remark,
            "Hulp bij de huur"
        );
        decided(refer("ocmw_without_data")).then([made("ocmw_without_data", false).into()]);
    }

    #[test]
    fn only_where_data_are_shared_somebody_must_receive_them() {
        let nowhere = |subtype| MakeReferral {
            receiver: None,
            ..refer(subtype)
        };
        decided(nowhere("ocmw"))
            .rejected(RejectionCode::Invalid)
            .because("M9")
            .naming("name the receiver");
        let facts = ReferralMade {
            receiver: None,
            ..made("ocmw_without_data", false)
        };
        decided(nowhere("ocmw_without_data")).then([facts.into()]);
    }

    #[test]
    fn kind_and_subtype_are_the_profiles() {
        let other_kind = MakeReferral {
            kind: code("medical"),
            ..refer("ocmw")
        };
        decided(other_kind)
            .rejected(RejectionCode::NotInProfile)
            .because("M9")
            .naming("no kind of referral medical; it has psychosocial");
        decided(refer("other"))
            .rejected(RejectionCode::NotInProfile)
            .because("M9")
            .naming("it has ocmw, ocmw_without_data");
        given([opened()])
            .when(refer("ocmw"))
            .rejected(RejectionCode::NotInProfile);
        let garbled = MakeReferral {
            remark: "\u{0}".to_owned(),
            ..refer("ocmw")
        };
        decided(garbled)
            .rejected(RejectionCode::Invalid)
            .because("M9")
            .naming("remark");
    }
}
