//! What is planned and done: measures, meetings, agreements.

use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    events::{
        AgreementMadeContent, AgreementSettledContent, Event, MeasureEndedContent,
        MeasureEvaluatedContent, MeasurePlannedContent, MeetingCancelledContent,
        MeetingHeldContent, MeetingPlannedContent,
    },
    ids::{AgreementId, Code, MeasureId, MeetingId, PartyId, Position},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// A measure.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct MeasureView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    measure_id: MeasureId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Met at the gate")]
    title: Option<String>,
    /// What is done, how and with what aim.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// In what the child needs extra support.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Belonging")]
    development_area: Option<String>,
    /// Who sees to it.
    #[schema(value_type = schemas::Id)]
    responsible: PartyId,
    /// When it is to be evaluated next.
    evaluate_on: NaiveDate,
    /// When it is meant to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    begins_on: Option<NaiveDate>,
    /// When it is meant to end; without it, it goes on over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_on: Option<NaiveDate>,
    /// When it was planned.
    planned_at: Option<DateTime<Utc>>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    begun_at: Option<DateTime<Utc>>,
    /// Its evaluations so far, the newest last.
    evaluations: Vec<EvaluationView>,
    /// The effect that was seen last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>, example = "some")]
    effect: Option<Code>,
    /// What the system calls this effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "noko effekt")]
    effect_name: Option<String>,
    /// When and how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EvaluationView>)]
    ended: Option<EvaluationView>,
    /// The newest entry that says what is done.
    #[serde(flatten)]
    entry: EntryView,
}

/// How a measure went.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EvaluationView {
    /// Which of the profile's effects.
    #[schema(value_type = schemas::CodeWord, example = "some")]
    effect: Code,
    /// What the system calls this effect.
    #[schema(example = "noko effekt")]
    effect_name: Option<String>,
    /// What those who worked together found.
    #[serde(skip_serializing_if = "Option::is_none")]
    assessment: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A meeting.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct MeetingView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    meeting_id: MeetingId,
    /// When it begins.
    at: DateTime<Utc>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Second cooperation meeting")]
    title: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// What is to be spoken of.
    #[serde(skip_serializing_if = "Option::is_none")]
    agenda: Option<String>,
    /// That it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HeldView>)]
    held: Option<HeldView>,
    /// That it was cancelled, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    cancelled: Option<ReasonView>,
    /// The entry that planned it.
    #[serde(flatten)]
    entry: EntryView,
}

/// That a meeting was held.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HeldView {
    /// Who was there.
    #[schema(value_type = Vec<schemas::Id>)]
    present: Vec<PartyId>,
    /// The minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// An agreement made with the family.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct AgreementView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    agreement_id: AgreementId,
    /// What was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The parents ring on Fridays.")]
    text: Option<String>,
    /// The meeting at which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    meeting: Option<MeetingId>,
    /// Who sees to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    responsible: Option<PartyId>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<NaiveDate>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SettledView>)]
    settled: Option<SettledView>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// That an agreement is done, or no longer holds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SettledView {
    /// Whether it was kept.
    kept: bool,
    /// How it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// The measures.
pub(in crate::api) fn measures(seen: &Seen<'_>) -> Vec<MeasureView> {
    let planned = seen.events().filter_map(|recorded| {
        let Event::MeasurePlanned(facts) = &recorded.event else {
            return None;
        };
        let measure = seen.case().plan.measures.get(&facts.measure)?;
        let content = seen.content::<MeasurePlannedContent>(measure.described);
        let text =
            |text: fn(&MeasurePlannedContent) -> &String| content.as_ref().map(text).cloned();
        let evaluations = measure.evaluations.iter();
        Some(MeasureView {
            measure_id: facts.measure,
            title: text(|said| &said.title),
            description: text(|said| &said.description),
            development_area: text(|said| &said.development_area),
            responsible: measure.responsible,
            evaluate_on: measure.evaluate_on,
            begins_on: measure.begins_on,
            ends_on: measure.ends_on,
            planned_at: seen.recorded_at(Some(measure.planned)),
            begun_at: seen.recorded_at(measure.begun),
            evaluations: evaluations
                .filter_map(|position| evaluation(seen, *position))
                .collect(),
            effect: measure.effect.clone(),
            effect_name: measure
                .effect
                .as_ref()
                .and_then(|effect| seen.names.effect(effect)),
            ended: measure
                .ended
                .and_then(|position| evaluation(seen, position)),
            entry: seen.entry_at(Some(measure.described))?,
        })
    });
    planned.collect()
}

/// An evaluation on the way or at the end.
fn evaluation(seen: &Seen<'_>, position: Position) -> Option<EvaluationView> {
    let recorded = seen.event(position)?;
    let (effect, assessment) = match &recorded.event {
        Event::MeasureEvaluated(facts) => {
            let content = seen.content::<MeasureEvaluatedContent>(position);
            (&facts.effect, content.map(|said| said.assessment))
        }
        Event::MeasureEnded(facts) => {
            let content = seen.content::<MeasureEndedContent>(position);
            (&facts.effect, content.map(|said| said.assessment))
        }
        _ => return None,
    };
    Some(EvaluationView {
        effect: effect.clone(),
        effect_name: seen.names.effect(effect),
        assessment,
        entry: seen.entry(recorded),
    })
}

/// The meetings.
pub(in crate::api) fn meetings(seen: &Seen<'_>) -> Vec<MeetingView> {
    let planned = seen.events().filter_map(|recorded| {
        let Event::MeetingPlanned(facts) = &recorded.event else {
            return None;
        };
        let meeting = seen.case().plan.meetings.get(&facts.meeting)?;
        let content = seen.content::<MeetingPlannedContent>(recorded.position);
        let text =
            |text: fn(&MeetingPlannedContent) -> &String| content.as_ref().map(text).cloned();
        Some(MeetingView {
            meeting_id: facts.meeting,
            at: meeting.at,
            title: text(|said| &said.title),
            place: text(|said| &said.place),
            agenda: text(|said| &said.agenda),
            held: seen.entry_at(meeting.held).map(|entry| HeldView {
                present: meeting.present.clone(),
                minutes: meeting
                    .held
                    .and_then(|position| seen.content::<MeetingHeldContent>(position))
                    .map(|said| said.minutes),
                entry,
            }),
            cancelled: seen.reason(meeting.cancelled, |said: MeetingCancelledContent| {
                said.reason
            }),
            entry: seen.entry(recorded),
        })
    });
    planned.collect()
}

/// The agreements with the family.
pub(in crate::api) fn agreements(seen: &Seen<'_>) -> Vec<AgreementView> {
    let made = seen.events().filter_map(|recorded| {
        let Event::AgreementMade(facts) = &recorded.event else {
            return None;
        };
        let agreement = seen.case().plan.agreements.get(&facts.agreement)?;
        let settled = agreement.settled.and_then(|(position, kept)| {
            Some(SettledView {
                kept,
                remark: seen
                    .content::<AgreementSettledContent>(position)
                    .map(|said| said.remark),
                entry: seen.entry_at(Some(position))?,
            })
        });
        Some(AgreementView {
            agreement_id: facts.agreement,
            text: seen
                .content::<AgreementMadeContent>(recorded.position)
                .map(|said| said.text),
            meeting: facts.meeting,
            responsible: facts.responsible,
            due: facts.due,
            settled,
            entry: seen.entry(recorded),
        })
    });
    made.collect()
}
