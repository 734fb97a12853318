//! The archive has taken the case over: only then may it be erased here (V19, X9).

use super::{Case, close_case::moved_by};
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{CaseArchived, CaseArchivedContent},
    ids::{KeyId, StreamId},
};

/// Records that the archive confirmed the newest package.
#[derive(Debug, Clone)]
pub struct ArchiveCase {
    /// The archive's own reference or receipt.
    pub reference: String,
}

impl ArchiveCase {
    /// `case_archived` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let moved = moved_by(Action::ArchiveCase, case, setting)?;
        let requirement = "X9".parse().ok();
        let Some((package, _)) = &case.package else {
            let message = "no package was built yet; export the case first";
            return Err(
                Rejection::new(RejectionCode::WrongStatus, message).because(requirement.as_ref())
            );
        };
        if case.closed.is_some_and(|closed| closed > *package) {
            let message =
                "the newest package is older than the closing of the case; export the case again";
            return Err(
                Rejection::new(RejectionCode::WrongStatus, message).because(requirement.as_ref())
            );
        }
        let content = CaseArchivedContent {
            reference: command::line("reference", &self.reference)?,
        };
        let facts = CaseArchived { package: *package };
        Ok(vec![
            Decided::sealed(
                StreamId::Case(setting.case),
                facts,
                KeyId::Case(setting.case),
                &content,
            ),
            moved,
        ])
    }
}
