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
