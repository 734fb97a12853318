//! Destroy content that must not stay: a text about the wrong child, a misfiled document. The events stay.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Case;
use crate::{
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{ContentRedacted, ContentRedactedContent},
    ids::{Code, DocumentId, KeyId, Position, StreamId},
};

/// Destroys the content of events, the bodies of documents, or both.
#[derive(Debug, Clone)]
pub struct RedactContent {
    /// Events whose content is deleted.
    pub positions: BTreeSet<Position>,
    /// Documents whose body and name are destroyed.
    pub documents: BTreeSet<DocumentId>,
    /// Which of the profile's reasons.
    pub reason_code: Code,
    /// Why, in words that do not repeat what was wrong.
    pub reason: String,
}

impl RedactContent {
    /// `content_redacted`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        if !setting
            .profile
            .reasons
            .redaction
            .contains_key(&self.reason_code)
        {
            let message = format!(
                "the profile has no reason {} for a redaction",
                self.reason_code
            );
            return Err(Rejection::new(RejectionCode::NotInProfile, message));
        }
        let mut targets = self.positions;
        for id in &self.documents {
            let document = case.documents.get(id).ok_or_else(|| {
                Rejection::new(
                    RejectionCode::NotFound,
                    format!("the case has no document {id}"),
                )
            })?;
            // Its name and title go with its body.
            targets.insert(document.added);
        }
        if targets.is_empty() {
            return Err(Rejection::new(
                RejectionCode::Invalid,
                "name at least one position or document to redact",
            ));
        }
        for target in &targets {
            let keeps_the_case_together = case
                .opened
                .as_ref()
                .is_some_and(|opened| opened.position == *target)
                || case.parties.values().any(|party| party.added == *target);
            if keeps_the_case_together {
                let message = format!(
                    "the content at position {target} says whom the case is about or who takes part; erase the case, or remove the party, instead"
                );
                return Err(Rejection::new(RejectionCode::Invalid, message));
            }
            if !case.with_content.contains(target) || case.redacted.contains(target) {
                let message =
                    format!("position {target} has no content of this case that is still there");
                return Err(Rejection::new(RejectionCode::NotFound, message));
            }
        }
        let kept_days = i64::from(setting.profile.retention.backups_kept_days);
        let facts = ContentRedacted {
            targets: targets.into_iter().collect(),
            documents: self.documents.into_iter().collect(),
            reason: self.reason_code,
            backups_end: setting.now + TimeDelta::days(kept_days),
        };
        let content = ContentRedactedContent {
            reason: command::text("reason", &self.reason)?,
        };
        Ok(vec![Decided::sealed(
            StreamId::Case(setting.case),
            facts,
            KeyId::Case(setting.case),
            &content,
        )])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{
            at, code, consent, content, document, filed, gave, given, mother, moved, opened,
            takes_part, wrote,
        },
        events::Event,
    };

    /// The note stands at 4, the document at 5, a change of status at 6.
    fn log() -> [Event; 6] {
        [
            opened(),
            takes_part(mother(), "guardian"),
            gave(consent(), mother()).into(),
            wrote(),
            filed(),
            moved("active", "closed"),
        ]
    }

    fn redact<const N: usize>(positions: [u64; N]) -> RedactContent {
        RedactContent {
            positions: positions.map(Position).into(),
            documents: BTreeSet::new(),
            reason_code: code("wrong_case"),
            reason: "Gjeld ein annan".to_owned(),
        }
    }

    fn redacted(targets: &[u64], documents: &[DocumentId]) -> Event {
        ContentRedacted {
            targets: targets.iter().copied().map(Position).collect(),
            documents: documents.to_vec(),
            reason: code("wrong_case"),
            backups_end: at("2026-04-01T12:00:00Z"),
        }
        .into()
    }

    #[test]
    fn a_misfiled_text_is_named_with_the_day_from_which_backups_cannot_hold_it() {
        let [event] = given(log()).when(redact([4])).then([redacted(&[4], &[])]);
        assert_eq!(
            content::<ContentRedactedContent>(&event).reason,
            "Gjeld ein annan"
        );
    }

    #[test]
    fn a_documents_name_goes_with_its_body() {
        let command = RedactContent {
            documents: [document()].into(),
            ..redact([4])
        };
        given(log())
            .when(command)
            .then([redacted(&[4, 5], &[document()])]);
    }

    #[test]
    fn the_reason_must_be_one_of_the_profile() {
        let reason_code = code("embarrassing");
        given(log())
            .when(RedactContent {
                reason_code,
                ..redact([4])
            })
            .rejected(RejectionCode::NotInProfile)
            .naming("embarrassing");
    }

    #[test]
    fn something_must_be_named() {
        given(log())
            .when(redact([]))
            .rejected(RejectionCode::Invalid);
    }

    #[test]
    fn a_document_of_another_case_cannot_be_named() {
        let other = DocumentId::from_ulid(99_u128.into());
        let command = RedactContent {
            documents: [other].into(),
            ..redact([])
        };
        given(log())
            .when(command)
            .rejected(RejectionCode::NotFound)
            .naming(&other.to_string());
    }

    #[test]
    fn whom_the_case_is_about_and_who_takes_part_stays() {
        for position in [1, 2] {
            given(log())
                .when(redact([4, position]))
                .rejected(RejectionCode::Invalid)
                .naming(&format!("position {position} "));
        }
    }

    #[test]
    fn what_has_no_content_any_more_or_never_had_cannot_be_named() {
        let already = log().into_iter().chain([redacted(&[4], &[])]);
        given(already)
            .when(redact([4]))
            .rejected(RejectionCode::NotFound);
        for position in [6, 99] {
            given(log())
                .when(redact([position]))
                .rejected(RejectionCode::NotFound)
                .naming(&position.to_string());
        }
    }
}
