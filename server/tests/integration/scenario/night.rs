//! A service on which midnight comes soon: the database's clock is moved by a function that stands before the real one
//! on the search path, and the service's clock by as much.

use std::sync::Arc;

use caseledger::instance::MachineClock;
use chrono::{NaiveDate, TimeDelta};
use ledger_core::{
    clock::{Clock, Timestamp},
    profile::{Profile, RuleBookText},
};

use crate::support::service::{PROFILE, TestService};

/// The machine's clock, moved.
pub(super) struct ShiftedClock(TimeDelta);

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        MachineClock.now() + self.0
    }
}

/// A service, the day that is about to end there, and its clock.
pub(super) async fn service_before_midnight(
    by: TimeDelta,
) -> (TestService, NaiveDate, Arc<ShiftedClock>) {
    let profile = Profile::parse(&RuleBookText::built_in(PROFILE).unwrap()).unwrap();
    let machine = MachineClock.now();
    let midnight = profile.expires_at(profile.date_of(machine));
    let shift = midnight - machine - by;
    let clock = Arc::new(ShiftedClock(shift));
    let today = profile.date_of(clock.now());
    let service = TestService::start_moved(clock.clone(), shift, &[]).await;
    (service, today, clock)
}
