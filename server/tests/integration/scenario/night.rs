//! A service on which midnight comes soon.

use std::sync::Arc;

use caseledger::instance::MachineClock;
use chrono::{NaiveDate, TimeDelta};
use ledger_core::{
    clock::Clock as _,
    profile::{Profile, RuleBookText},
};

use crate::support::{
    moved_clock::MovedClock,
    service::{PROFILE, TestService},
};

/// A service, and the day that is about to end there.
pub(super) async fn service_before_midnight(
    by: TimeDelta,
    settings: &[(&str, &str)],
) -> (TestService, NaiveDate) {
    let profile = Profile::parse(&RuleBookText::built_in(PROFILE).unwrap()).unwrap();
    let machine = MachineClock.now();
    let midnight = profile.expires_at(profile.date_of(machine));
    let shift = midnight - machine - by;
    let clock = MovedClock::default();
    clock.move_to(shift);
    let today = profile.date_of(clock.now());
    let service = TestService::start_moved(Arc::new(clock), shift, settings).await;
    (service, today)
}
