//! Record what family and services have agreed on (V2).

use chrono::NaiveDate;

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{AgreementMade, AgreementMadeContent},
    ids::{AgreementId, MeetingId, PartyId},
};

/// Records an agreement.
#[derive(Debug, Clone)]
pub struct MakeAgreement {
    /// The meeting at which it was made.
    pub meeting: Option<MeetingId>,
    /// Who sees to it.
    pub responsible: Option<PartyId>,
    /// By when.
    pub due: Option<NaiveDate>,
    /// What was agreed.
    pub text: String,
}

impl MakeAgreement {
    /// `agreement_made`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if let Some(meeting) = self.meeting
            && !case.plan.meetings.contains_key(&meeting)
        {
            return Err(not_there("meeting", meeting));
        }
        if let Some(responsible) = self.responsible
            && case.current_party(responsible).is_none()
        {
            let missing = not_there("party that takes part now", responsible);
            return Err(missing);
        }
        if self.text.trim().is_empty() {
            let message = "text is empty; say what was agreed";
            return Err(Rejection::invalid(message));
        }
        let content = AgreementMadeContent {
            text: command::text("text", &self.text)?,
        };
        let facts = AgreementMade {
            agreement: AgreementId::generate(setting.now, setting.entropy),
            meeting: self.meeting,
            responsible: self.responsible,
            due: self.due,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{Noughts, content, given, meeting, mother, now, opened};
    use crate::command::RejectionCode;

    fn agree() -> MakeAgreement {
        MakeAgreement {
            meeting: None,
            responsible: None,
            due: None,
            text: "Mor ringjer".to_owned(),
        }
    }

    #[test]
    fn what_was_agreed_is_written_down() {
        let facts = AgreementMade {
            agreement: AgreementId::generate(now(), &Noughts),
            meeting: None,
            responsible: None,
            due: None,
        };
        let [event] = given([opened()]).when(agree()).then([facts.into()]);
        assert_eq!(content::<AgreementMadeContent>(&event).text, "Mor ringjer");
    }

    #[test]
    fn it_says_something_and_names_only_what_is_there() {
        let silent = MakeAgreement {
            text: " ".to_owned(),
            ..agree()
        };
        let nowhere = MakeAgreement {
            meeting: Some(meeting()),
            ..agree()
        };
        let nobody = MakeAgreement {
            responsible: Some(mother()),
            ..agree()
        };
        for (command, code) in [
            (silent, RejectionCode::Invalid),
            (nowhere, RejectionCode::NotFound),
            (nobody, RejectionCode::NotFound),
        ] {
            given([opened()]).when(command).rejected(code).because("V2");
        }
    }
}
