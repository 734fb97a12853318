//! Record what a member of the family was told before they are asked to consent to it (M7).

use std::collections::BTreeSet;

use super::Case;
use crate::{
    clock::Timestamp,
    command::{self, Decided, Rejection, Setting, not_in_profile, not_there},
    events::{InformationGiven, InformationGivenContent},
    ids::{Code, OrganisationId, PartyId},
};

/// Records that somebody was told.
#[derive(Debug, Clone)]
pub struct RecordInformation {
    /// Who was told.
    pub to: PartyId,
    /// Of what: items of the profile.
    pub items: BTreeSet<Code>,
    /// Which organisation it was about, where there is one.
    pub about: Option<OrganisationId>,
    /// When, if earlier than now.
    pub told_at: Option<Timestamp>,
    /// A remark.
    pub remark: String,
}

impl RecordInformation {
    /// `information_given`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let known = &setting.profile.information;
        if let Some(item) = self.items.iter().find(|item| !known.contains_key(*item)) {
            return Err(not_in_profile("information", item, known.keys()));
        }
        let asked_for = self.items.iter().find_map(|item| known[item].requirement);
        let because = |rejection: Rejection| rejection.because(asked_for.as_ref());
        if self.items.is_empty() {
            return Err(Rejection::invalid(
                "name at least one item that they were told",
            ));
        }
        if case.current_party(self.to).is_none() {
            return Err(because(not_there("party that takes part", self.to)));
        }
        let told_at = self.told_at.unwrap_or(setting.now);
        if told_at > setting.now {
            let message = "toldAt lies in the future; record it when they have been told";
            return Err(because(Rejection::invalid(message)));
        }
        let content = InformationGivenContent {
            remark: command::text("remark", &self.remark)?,
        };
        let facts = InformationGiven {
            party: self.to,
            items: self.items.into_iter().collect(),
            receiver: self.about,
            told_at,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
