//! The archive has taken the case over: only then may it be erased here (V19, X9).

use super::Case;
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{CaseArchived, CaseArchivedContent},
    ids::{KeyId, StreamId},
    profile::KeptRule,
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
        let moved = command::must_move(setting, Action::ArchiveCase, case, case)?;
        let package_first = setting.asked_for(KeptRule::PackageBeforeArchive);
        let Some((package, covers)) = &case.package else {
            let message = "no package was built yet; export the case first";
            return Err(Rejection::new(RejectionCode::WrongStatus, message).because(package_first));
        };
        let status = case.status.as_ref();
        if status.is_some_and(|status| status.since > *package) {
            let message =
                "the newest package is older than the end of the case; export the case again";
            return Err(Rejection::new(RejectionCode::WrongStatus, message).because(package_first));
        }
        // What the archive does not have would be lost when the case is erased.
        if case.with_content.iter().any(|entry| *entry > covers.cut) {
            let message = "something was written after the newest package; export the case again";
            return Err(Rejection::new(RejectionCode::WrongStatus, message).because(package_first));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        closed, content, given, moved, opened, packaged, packaged_up_to, wrote,
    };

    fn archive() -> ArchiveCase {
        ArchiveCase {
            reference: "ARK-2026-17".to_owned(),
        }
    }

    fn after(events: impl IntoIterator<Item = crate::events::Event>) -> Vec<crate::events::Event> {
        [opened()].into_iter().chain(events).collect()
    }

    #[test]
    fn the_archives_answer_names_the_package_it_has_taken() {
        let [first, second] = closed();
        let package = crate::ids::Position(4);
        let [archived, _] = given(after([first, second, packaged_up_to(3)]))
            .when(archive())
            .then([CaseArchived { package }.into(), moved("closed", "archived")]);
        let answer: CaseArchivedContent = content(&archived);
        assert_eq!(answer.reference, "ARK-2026-17");
    }

    #[test]
    fn a_log_in_use_is_not_archived() {
        given(after([packaged()]))
            .when(archive())
            .rejected(RejectionCode::WrongStatus)
            .naming("active");
    }

    #[test]
    fn nothing_is_archived_without_a_package() {
        given(after(closed()))
            .when(archive())
            .rejected(RejectionCode::WrongStatus)
            .because("X9");
    }

    #[test]
    fn a_package_from_before_the_closing_is_not_enough() {
        let [first, second] = closed();
        given(after([packaged(), first, second]))
            .when(archive())
            .rejected(RejectionCode::WrongStatus)
            .because("X9");
    }

    #[test]
    fn what_was_written_after_the_package_is_archived_before_it_is_erased() {
        let [first, second] = closed();
        given(after([first, second, packaged_up_to(3), wrote()]))
            .when(archive())
            .rejected(RejectionCode::WrongStatus)
            .because("X9")
            .naming("export the case again");
    }

    #[test]
    fn the_archives_reference_is_not_empty() {
        let [first, second] = closed();
        let reference = String::new();
        given(after([first, second, packaged_up_to(3)]))
            .when(ArchiveCase { reference })
            .rejected(RejectionCode::Invalid)
            .naming("reference");
    }
}
