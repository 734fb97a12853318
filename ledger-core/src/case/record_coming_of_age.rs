//! Record that a young person is old enough to consent on their own behalf (X3).

use chrono::{Months, NaiveDate};

use super::Case;
use crate::{
    command::{Decided, Rejection, Setting, not_there},
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
        let asked_for = setting.profile.ages.requirement.as_ref();
        let party = case
            .current_party(self.party)
            .ok_or_else(|| not_there("party that takes part now", self.party).because(asked_for))?;
        let mut rules = setting.profile.consents.iter();
        if !rules.any(|rule| rule.given_of_age_by.as_ref() == Some(&party.role)) {
            let message = format!(
                "somebody in the role {} does not come of age here",
                party.role
            );
            return Err(Rejection::invalid(message).because(asked_for));
        }
        if party.of_age.is_some() {
            let message = "this was recorded before";
            return Err(Rejection::already(message).because(asked_for));
        }
        let years = setting.profile.ages.young_person_consents_from_years;
        let today = setting.profile.date_of(setting.now);
        let of_age_on = self.birth_date.checked_add_months(Months::new(12 * years));
        if of_age_on.is_none_or(|day| today < day) {
            let message = format!("they consent on their own behalf from the age of {years} years");
            return Err(Rejection::invalid(message).because(asked_for));
        }
        let facts = CameOfAge { party: self.party };
        let content = CameOfAgeContent {
            birth_date: self.birth_date,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{content, day, father, given, mother, opened, takes_part, young};
    use crate::command::RejectionCode;
    use crate::events::Event;

    fn family() -> [Event; 3] {
        [
            opened(),
            takes_part(young(), "young_person"),
            takes_part(mother(), "guardian"),
        ]
    }

    fn born(party: PartyId, birth_date: &str) -> RecordComingOfAge {
        RecordComingOfAge {
            party,
            birth_date: day(birth_date),
        }
    }

    #[test]
    fn from_the_sixteenth_birthday_on() {
        let of_age = || Event::from(CameOfAge { party: young() });
        let [event] = given(family())
            .when(born(young(), "2010-03-02"))
            .then([of_age()]);
        assert_eq!(
            content::<CameOfAgeContent>(&event).birth_date,
            day("2010-03-02")
        );
        given(family())
            .when(born(young(), "2010-03-03"))
            .rejected(RejectionCode::Invalid)
            .because("X3")
            .naming("16");
        given(family().into_iter().chain([of_age()]))
            .when(born(young(), "2010-03-02"))
            .rejected(RejectionCode::AlreadyThere)
            .because("X3");
    }

    #[test]
    fn only_of_the_young_person_who_takes_part() {
        given(family())
            .when(born(mother(), "1980-01-01"))
            .rejected(RejectionCode::Invalid)
            .because("X3");
        given(family())
            .when(born(father(), "2010-03-02"))
            .rejected(RejectionCode::NotFound)
            .because("X3");
    }
}
