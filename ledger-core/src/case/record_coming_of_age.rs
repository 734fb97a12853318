//! Record that a young person is old enough to consent on their own behalf (X3).

use chrono::{Months, NaiveDate};

use super::Case;
use crate::{
    command::{Decided, Rejection, Setting, not_there, requirement},
    events::{CameOfAge, CameOfAgeContent},
    ids::PartyId,
};

/// Records that somebody has come of age, seen from the day of birth: the fact is open, the day is content.
#[derive(Debug, Clone)]
pub struct RecordComingOfAge {
    /// As which party they take part.
    pub party: PartyId,
    /// The day on which they were born.
    pub birth_date: NaiveDate,
}

impl RecordComingOfAge {
    /// `came_of_age`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let x3 = setting
            .profile
            .ages
            .requirement
            .or_else(|| requirement("X3"));
        let party = case.current_party(self.party).ok_or_else(|| {
            not_there("party that takes part now", self.party).because(x3.as_ref())
        })?;
        let mut rules = setting.profile.consents.iter();
        if !rules.any(|rule| rule.given_of_age_by.as_ref() == Some(&party.role)) {
            let message = format!(
                "somebody in the role {} does not come of age here",
                party.role
            );
            return Err(Rejection::invalid(message).because(x3.as_ref()));
        }
        if party.of_age.is_some() {
            let message = "this was recorded before";
            return Err(Rejection::already(message).because(x3.as_ref()));
        }
        let years = setting.profile.ages.young_person_consents_from_years;
        let today = setting.profile.date_of(setting.now);
        let of_age_on = self.birth_date.checked_add_months(Months::new(12 * years));
        if of_age_on.is_none_or(|day| today < day) {
            let message = format!("they consent on their own behalf from the age of {years} years");
            return Err(Rejection::invalid(message).because(x3.as_ref()));
        }
        let facts = CameOfAge { party: self.party };
        let content = CameOfAgeContent {
            birth_date: self.birth_date,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}
