//! What is planned and done in a case: measures, meetings, agreements (V1, V2, V3).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    clock::Timestamp,
    events::Event,
    ids::{AgreementId, Code, MeasureId, MeetingId, PartyId, Position},
};

/// A measure, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// The event that planned it.
    pub planned: Position,
    /// The newest event whose content says what is done.
    pub described: Position,
    /// Who sees to it.
    pub responsible: PartyId,
    /// When it is to be evaluated next.
    pub evaluate_on: NaiveDate,
    /// When it is meant to begin.
    pub begins_on: Option<NaiveDate>,
    /// When it is meant to end.
    pub ends_on: Option<NaiveDate>,
    /// The event that began it.
    pub begun: Option<Position>,
    /// The evaluations so far.
    pub evaluations: Vec<Position>,
    /// The effect that was seen last.
    pub effect: Option<Code>,
    /// The event that ended it.
    pub ended: Option<Position>,
}

impl Measure {
    /// Whether it has begun and not ended.
    pub fn is_under_way(&self) -> bool {
        self.begun.is_some() && self.ended.is_none()
    }
}

/// A meeting, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The event that planned it.
    pub planned: Position,
    /// When it begins.
    pub at: Timestamp,
    /// The event that says that it was held.
    pub held: Option<Position>,
    /// Who was there.
    pub present: Vec<PartyId>,
    /// The event that cancelled it.
    pub cancelled: Option<Position>,
}

impl Meeting {
    /// Whether it is still to be held.
    pub fn is_planned(&self) -> bool {
        self.held.is_none() && self.cancelled.is_none()
    }
}

/// An agreement made with the family, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementWithFamily {
    /// The event that made it.
    pub made: Position,
    /// The meeting at which it was made.
    pub meeting: Option<MeetingId>,
    /// Who sees to it.
    pub responsible: Option<PartyId>,
    /// By when.
    pub due: Option<NaiveDate>,
    /// The event that settled it, and whether it was kept.
    pub settled: Option<(Position, bool)>,
}

/// Everything that is planned and done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its measures.
    pub measures: BTreeMap<MeasureId, Measure>,
    /// Its meetings.
    pub meetings: BTreeMap<MeetingId, Meeting>,
    /// Its agreements.
    pub agreements: BTreeMap<AgreementId, AgreementWithFamily>,
}

impl Plan {
    /// Whether a measure has begun and not ended (V11), of those planned after a position if one is given.
    pub fn has_measure_under_way(&self, after: Option<Position>) -> bool {
        let mut measures = self.measures.values();
        measures.any(|measure| {
            measure.is_under_way() && after.is_none_or(|after| measure.planned > after)
        })
    }

    /// Takes in an event of the plan; others leave it as it is.
    pub(super) fn evolve(&mut self, event: &Event, position: Position) {
        self.evolve_measures(event, position);
        match event {
            Event::MeetingPlanned(facts) => {
                let meeting = Meeting {
                    planned: position,
                    at: facts.at,
                    held: None,
                    present: Vec::new(),
                    cancelled: None,
                };
                self.meetings.insert(facts.meeting, meeting);
            }
            Event::MeetingMoved(facts) => {
                if let Some(meeting) = self.meetings.get_mut(&facts.meeting) {
                    meeting.at = facts.at;
                }
            }
            Event::MeetingHeld(facts) => {
                if let Some(meeting) = self.meetings.get_mut(&facts.meeting) {
                    meeting.held = Some(position);
                    meeting.present.clone_from(&facts.present);
                }
            }
            Event::MeetingCancelled(facts) => {
                if let Some(meeting) = self.meetings.get_mut(&facts.meeting) {
                    meeting.cancelled = Some(position);
                }
            }
            Event::AgreementMade(facts) => {
                let agreement = AgreementWithFamily {
                    made: position,
                    meeting: facts.meeting,
                    responsible: facts.responsible,
                    due: facts.due,
                    settled: None,
                };
                self.agreements.insert(facts.agreement, agreement);
            }
            Event::AgreementSettled(facts) => {
                if let Some(agreement) = self.agreements.get_mut(&facts.agreement) {
                    agreement.settled = Some((position, facts.kept));
                }
            }
            _ => {}
        }
    }

    fn evolve_measures(&mut self, event: &Event, position: Position) {
        match event {
            Event::MeasurePlanned(facts) => {
                let measure = Measure {
                    planned: position,
                    described: position,
                    responsible: facts.responsible,
                    evaluate_on: facts.evaluate_on,
                    begins_on: facts.begins_on,
                    ends_on: facts.ends_on,
                    begun: None,
                    evaluations: Vec::new(),
                    effect: None,
                    ended: None,
                };
                self.measures.insert(facts.measure, measure);
            }
            Event::MeasureBegun(facts) => {
                if let Some(measure) = self.measures.get_mut(&facts.measure) {
                    measure.begun = Some(position);
                }
            }
            Event::MeasureChanged(facts) => {
                if let Some(measure) = self.measures.get_mut(&facts.measure) {
                    measure.described = position;
                    measure.responsible = facts.responsible;
                    measure.evaluate_on = facts.evaluate_on;
                    measure.begins_on = facts.begins_on;
                    measure.ends_on = facts.ends_on;
                }
            }
            Event::MeasureEvaluated(facts) => {
                if let Some(measure) = self.measures.get_mut(&facts.measure) {
                    measure.evaluations.push(position);
                    measure.effect = Some(facts.effect.clone());
                    measure.evaluate_on = facts.evaluate_on;
                }
            }
            Event::MeasureEnded(facts) => {
                if let Some(measure) = self.measures.get_mut(&facts.measure) {
                    measure.effect = Some(facts.effect.clone());
                    measure.ended = Some(position);
                }
            }
            _ => {}
        }
    }
}
