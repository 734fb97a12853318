//! Plan a measure: what is done, who sees to it, when it is evaluated (V3, V14).

use chrono::NaiveDate;

use super::Case;
use crate::{
    command::{self, Decided, Rejection, Setting, not_there},
    events::{MeasurePlanned, MeasurePlannedContent},
    ids::{MeasureId, PartyId},
    profile::KeptRule,
};

/// What is planned: for a new measure, or for one that is planned anew.
#[derive(Debug, Clone)]
pub struct MeasureDescription {
    /// Its name.
    pub title: String,
    /// What is done, how and with what aim.
    pub description: String,
    /// In what the child needs extra support.
    pub development_area: String,
    /// Who sees to it.
    pub responsible: PartyId,
    /// When it is to be evaluated.
    pub evaluate_on: NaiveDate,
    /// When it is meant to begin.
    pub begins_on: Option<NaiveDate>,
    /// When it is meant to end; none = it goes on over time.
    pub ends_on: Option<NaiveDate>,
}

impl MeasureDescription {
    /// The sealed half, once the other half was found to be possible. A measure may have begun before it was written
    /// down, but it is evaluated from now on (V3); only one that is overdue for it already may stay so, changed in
    /// something else.
    pub(super) fn content(
        &self,
        evaluated_on_before: Option<NaiveDate>,
        case: &Case,
        setting: &Setting<'_>,
    ) -> Result<MeasurePlannedContent, Rejection> {
        if case.current_party(self.responsible).is_none() {
            let missing = not_there("party that takes part now", self.responsible);
            return Err(missing);
        }
        if let (Some(begins), Some(ends)) = (self.begins_on, self.ends_on)
            && ends < begins
        {
            let message = format!("endsOn {ends} lies before beginsOn {begins}");
            return Err(
                Rejection::invalid(message).because(setting.asked_for(KeptRule::MeasurePeriod))
            );
        }
        if self
            .begins_on
            .is_some_and(|begins| self.evaluate_on < begins)
        {
            let message = format!(
                "evaluateOn {} lies before the measure begins; there is nothing to evaluate yet",
                self.evaluate_on
            );
            return Err(Rejection::invalid(message));
        }
        let today = setting.profile.date_of(setting.now);
        if self.evaluate_on < today && Some(self.evaluate_on) != evaluated_on_before {
            let message = format!(
                "evaluateOn {} lies in the past; say when the measure is to be evaluated, {today} at the earliest (what \
                 was seen of it before today is an evaluation)",
                self.evaluate_on
            );
            return Err(Rejection::invalid(message));
        }
        Ok(MeasurePlannedContent {
            title: command::line("title", &self.title)?,
            description: command::text("description", &self.description)?,
            development_area: command::line("developmentArea", &self.development_area)?,
        })
    }
}

/// Plans a measure.
#[derive(Debug, Clone)]
pub struct PlanMeasure(pub MeasureDescription);

impl PlanMeasure {
    /// `measure_planned`.
    pub fn decide(self, case: &Case, setting: &Setting<'_>) -> Result<Vec<Decided>, Rejection> {
        let Self(described) = self;
        let content = described.content(None, case, setting)?;
        let facts = MeasurePlanned {
            measure: MeasureId::generate(setting.now, setting.entropy),
            responsible: described.responsible,
            evaluate_on: described.evaluate_on,
            begins_on: described.begins_on,
            ends_on: described.ends_on,
        };
        Ok(vec![setting.sealed(facts, &content)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::testing::{
        Noughts, content, day, father, given, now, opened, school, teacher, torunn, works,
    };
    use crate::command::RejectionCode;
    use crate::events::Event;

    fn log() -> [Event; 2] {
        [
            opened(),
            works(teacher(), "baton_holder", torunn(), school()),
        ]
    }

    fn describe() -> MeasureDescription {
        MeasureDescription {
            title: "Leseøving".to_owned(),
            description: "Kvar dag".to_owned(),
            development_area: "Språk".to_owned(),
            responsible: teacher(),
            evaluate_on: day("2026-06-01"),
            begins_on: None,
            ends_on: None,
        }
    }

    #[test]
    fn a_measure_says_who_when_and_in_which_area() {
        let facts = MeasurePlanned {
            measure: MeasureId::generate(now(), &Noughts),
            responsible: teacher(),
            evaluate_on: day("2026-06-01"),
            begins_on: None,
            ends_on: None,
        };
        let [event] = given(log())
            .when(PlanMeasure(describe()))
            .then([facts.into()]);
        let sealed: MeasurePlannedContent = content(&event);
        assert_eq!(sealed.development_area, "Språk");
    }

    #[test]
    fn somebody_who_takes_part_is_responsible() {
        let responsible = father();
        given(log())
            .when(PlanMeasure(MeasureDescription {
                responsible,
                ..describe()
            }))
            .rejected(RejectionCode::NotFound)
            .because("V3");
    }

    #[test]
    fn its_days_follow_each_other() {
        let backwards = MeasureDescription {
            begins_on: Some(day("2026-05-01")),
            ends_on: Some(day("2026-04-30")),
            ..describe()
        };
        given(log())
            .when(PlanMeasure(backwards))
            .rejected(RejectionCode::Invalid)
            .because("V14");
        let early = MeasureDescription {
            begins_on: Some(day("2026-06-02")),
            ..describe()
        };
        given(log())
            .when(PlanMeasure(early))
            .rejected(RejectionCode::Invalid)
            .because("V3");
    }

    #[test]
    fn it_is_evaluated_from_today_on_although_it_may_have_begun_before() {
        let on = |evaluate_on| MeasureDescription {
            begins_on: Some(day("2026-01-10")),
            evaluate_on: day(evaluate_on),
            ..describe()
        };
        for past in ["2026-03-01", "2026-01-10"] {
            given(log())
                .when(PlanMeasure(on(past)))
                .rejected(RejectionCode::Invalid)
                .because("V3")
                .naming(&format!("evaluateOn {past} lies in the past"))
                .naming("2026-03-02 at the earliest");
        }
        let facts = MeasurePlanned {
            measure: MeasureId::generate(now(), &Noughts),
            responsible: teacher(),
            evaluate_on: day("2026-03-02"),
            begins_on: Some(day("2026-01-10")),
            ends_on: None,
        };
        given(log())
            .when(PlanMeasure(on("2026-03-02")))
            .then([facts.into()]);
    }

    #[test]
    fn it_has_a_title_and_an_area() {
        let empty = String::new;
        let untitled = MeasureDescription {
            title: empty(),
            ..describe()
        };
        let nowhere = MeasureDescription {
            development_area: empty(),
            ..describe()
        };
        for (described, field) in [(untitled, "title"), (nowhere, "developmentArea")] {
            given(log())
                .when(PlanMeasure(described))
                .rejected(RejectionCode::Invalid)
                .naming(field);
        }
    }
}
