//! Erase an archived case (V19): first everything is denied, then keys and contents go, then it is certified.

use chrono::TimeDelta;

use super::{Case, Erasure};
use crate::{
    access::Action,
    command::{self, Decided, Rejection, RejectionCode, Setting},
    events::{CaseErased, ErasureStarted},
    ids::StreamId,
};

/// Begins the erasure.
#[derive(Debug, Clone, Copy)]
pub struct StartErasure {}

impl StartErasure {
    /// `erasure_started`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        // Refused here, before anything is destroyed, if the profile would refuse the end.
        command::must_move(setting, Action::EraseCase, case, case)?;
        match case.erasure {
            Erasure::None => Ok(vec![Decided::bare(
                StreamId::Case(setting.case),
                ErasureStarted {},
            )]),
            Erasure::Started(_) | Erasure::Done(_) => Err(Rejection::new(
                RejectionCode::AlreadyThere,
                "the erasure has begun already",
            )),
        }
    }
}

/// Certifies that keys and contents are gone.
#[derive(Debug, Clone, Copy)]
pub struct FinishErasure {
    /// How many keys were destroyed.
    pub keys: u64,
    /// How many contents were deleted.
    pub contents: u64,
}

impl FinishErasure {
    /// `case_erased` and `status_changed`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let moved = command::must_move(setting, Action::EraseCase, case, case)?;
        let Erasure::Started(_) = case.erasure else {
            return Err(Rejection::new(
                RejectionCode::WrongStatus,
                "no erasure is under way",
            ));
        };
        let kept_days = i64::from(setting.profile.retention.backups_kept_days);
        let facts = CaseErased {
            keys: self.keys,
            contents: self.contents,
            backups_end: setting.now + TimeDelta::days(kept_days),
        };
        Ok(vec![
            Decided::bare(StreamId::Case(setting.case), facts),
            moved,
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{at, closed, given, moved, opened, packaged},
        events::Event,
    };

    fn archived() -> Vec<Event> {
        let [first, second] = closed();
        vec![
            opened(),
            first,
            second,
            packaged(),
            moved("closed", "archived"),
        ]
    }

    fn started() -> Vec<Event> {
        archived()
            .into_iter()
            .chain([ErasureStarted {}.into()])
            .collect()
    }

    const FINISH: FinishErasure = FinishErasure {
        keys: 2,
        contents: 7,
    };

    #[test]
    fn an_archived_case_may_be_erased() {
        given(archived())
            .when(StartErasure {})
            .then([ErasureStarted {}.into()]);
    }

    #[test]
    fn a_case_that_is_not_archived_is_not_erased() {
        let [first, second] = closed();
        let not_archived = || [opened(), first.clone(), second.clone()];
        given(not_archived())
            .when(StartErasure {})
            .rejected(RejectionCode::WrongStatus);
        given(not_archived())
            .when(FINISH)
            .rejected(RejectionCode::WrongStatus);
    }

    #[test]
    fn an_erasure_begins_once() {
        given(started())
            .when(StartErasure {})
            .rejected(RejectionCode::AlreadyThere);
    }

    #[test]
    fn the_certificate_says_what_is_gone_and_from_when_backups_cannot_hold_it() {
        let certificate = CaseErased {
            keys: 2,
            contents: 7,
            backups_end: at("2026-04-01T12:00:00Z"),
        };
        given(started())
            .when(FINISH)
            .then([certificate.into(), moved("archived", "erased")]);
    }

    #[test]
    fn an_erasure_that_has_not_begun_is_not_certified() {
        given(archived())
            .when(FINISH)
            .rejected(RejectionCode::WrongStatus)
            .naming("no erasure");
    }
}
