//! Dates as people mean them: a day begins and ends in the profile's time zone.

use chrono::{MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Rules;
use crate::clock::Timestamp;

impl Rules {
    /// The first moment of a date in the profile's time zone: what is valid *from* the date holds from here.
    pub fn begins_at(&self, date: NaiveDate) -> Timestamp {
        start_of_day(self.time_zone, date)
    }

    /// The first moment after a date in the profile's time zone: what is valid *until and including* the date
    /// no longer holds from here on.
    pub fn expires_at(&self, date: NaiveDate) -> Timestamp {
        date.succ_opt()
            .map_or(Timestamp::MAX_UTC, |next| self.begins_at(next))
    }

    /// The date on which a moment falls in the profile's time zone.
    pub fn date_of(&self, at: Timestamp) -> NaiveDate {
        at.with_timezone(&self.time_zone).date_naive()
    }
}

/// Where clocks are put forward at midnight the day begins at the first time that exists; one zone once left out
/// a whole day, hence two days of minutes. Where midnight comes twice, the day begins with the first.
fn start_of_day(zone: Tz, date: NaiveDate) -> Timestamp {
    const MINUTES_MAX: i64 = 2 * 24 * 60;
    let midnight = date.and_time(NaiveTime::MIN);
    (0..=MINUTES_MAX)
        .filter_map(|minutes| midnight.checked_add_signed(TimeDelta::minutes(minutes)))
        .find_map(|local| match zone.from_local_datetime(&local) {
            MappedLocalTime::Single(only) => Some(only.with_timezone(&Utc)),
            MappedLocalTime::Ambiguous(first, _) => Some(first.with_timezone(&Utc)),
            MappedLocalTime::None => None,
        })
        .unwrap_or(Timestamp::MAX_UTC)
}
