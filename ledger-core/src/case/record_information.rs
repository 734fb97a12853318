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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Outcome, at, code, content, father, given, handing_over, handing_over::told, mother, now,
        removed, welfare_centre, yesterday,
    };
    use crate::command::RejectionCode;

    fn record() -> RecordInformation {
        RecordInformation {
            to: mother(),
            items: BTreeSet::from([code("which_data"), code("purpose")]),
            about: Some(welfare_centre()),
            told_at: Some(yesterday()),
            remark: "Bij het huisbezoek".to_owned(),
        }
    }

    fn decided(command: RecordInformation) -> Outcome {
        given(handing_over::family())
            .by_the_rules_of(handing_over::mirage())
            .when(command)
    }

    #[test]
    fn who_was_told_what_and_when_is_recorded_and_the_remark_is_sealed() {
        let [event] = decided(record()).then([told().into()]);
        let sealed: InformationGivenContent = content(&event);
        assert_eq!(sealed.remark, "Bij het huisbezoek");
        let just_now = RecordInformation {
            told_at: None,
            about: None,
            ..record()
        };
        let facts = InformationGiven {
            told_at: now(),
            receiver: None,
            ..told()
        };
        decided(just_now).then([facts.into()]);
    }

    #[test]
    fn it_may_be_told_again() {
        let events = handing_over::family().into_iter().chain([told().into()]);
        given(events)
            .by_the_rules_of(handing_over::mirage())
            .when(record())
            .then([told().into()]);
    }

    #[test]
    fn it_is_something_that_the_profile_knows() {
        let unknown = RecordInformation {
            items: BTreeSet::from([code("which_data"), code("the_weather")]),
            ..record()
        };
        decided(unknown)
            .rejected(RejectionCode::NotInProfile)
            .because("M7")
            .naming("no information the_weather");
        let nothing = RecordInformation {
            items: BTreeSet::new(),
            ..record()
        };
        decided(nothing)
            .rejected(RejectionCode::Invalid)
            .because("M7")
            .naming("at least one item");
    }

    #[test]
    fn it_was_told_to_somebody_who_takes_part() {
        let events = handing_over::family()
            .into_iter()
            .chain([removed(father())]);
        let left = RecordInformation {
            to: father(),
            ..record()
        };
        given(events)
            .by_the_rules_of(handing_over::mirage())
            .when(left)
            .rejected(RejectionCode::NotFound)
            .because("M7");
    }

    #[test]
    fn nobody_is_told_in_the_future() {
        let later = RecordInformation {
            told_at: Some(at("2026-03-02T12:00:01Z")),
            ..record()
        };
        decided(later)
            .rejected(RejectionCode::Invalid)
            .because("M7")
            .naming("toldAt lies in the future");
        let garbled = RecordInformation {
            remark: "\u{0}".to_owned(),
            ..record()
        };
        decided(garbled)
            .rejected(RejectionCode::Invalid)
            .naming("remark");
    }
}
