//! Settle an agreement: it was kept, or it no longer holds (V2).

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{AgreementSettled, AgreementSettledContent},
    ids::AgreementId,
};

/// Settles an agreement.
#[derive(Debug, Clone)]
pub struct SettleAgreement {
    /// Which agreement.
    pub agreement: AgreementId,
    /// Whether it was kept.
    pub kept: bool,
    /// How it went.
    pub remark: String,
}

impl SettleAgreement {
    /// `agreement_settled`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let agreement = case.plan.agreements.get(&self.agreement);
        let agreement = agreement.ok_or_else(|| not_there("agreement", self.agreement))?;
        if agreement.settled.is_some() {
            let message = "the agreement was settled before";
            return Err(Rejection::already(message));
        }
        let content = AgreementSettledContent {
            remark: command::text("remark", &self.remark)?,
        };
        let facts = AgreementSettled {
            agreement: self.agreement,
            kept: self.kept,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{agreement, given, opened};
    use crate::command::RejectionCode;
    use crate::events::{AgreementMade, Event};

    #[test]
    fn an_agreement_is_settled_once() {
        let settle = || SettleAgreement {
            agreement: agreement(),
            kept: false,
            remark: "Vart ikkje noko av".to_owned(),
        };
        let made = || {
            Event::from(AgreementMade {
                agreement: agreement(),
                meeting: None,
                responsible: None,
                due: None,
            })
        };
        let settled = || {
            Event::from(AgreementSettled {
                agreement: agreement(),
                kept: false,
            })
        };
        given([opened(), made()]).when(settle()).then([settled()]);
        given([opened(), made(), settled()])
            .when(settle())
            .rejected(RejectionCode::AlreadyThere)
            .because("V2");
        given([opened()])
            .when(settle())
            .rejected(RejectionCode::NotFound)
            .because("V2");
    }
}
