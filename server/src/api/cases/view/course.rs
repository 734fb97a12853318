//! The course of a case: resting, closing, reopening, archiving, and what stands beside it: legal holds, broken glass.

use chrono::{DateTime, Utc};
use ledger_core::{
    events::{
        CaseArchivedContent, CaseClosedContent, CaseReopenedContent, CaseRestedContent,
        CaseResumedContent, Event, GlassBrokenContent, HoldLiftedContent, HoldPlacedContent,
    },
    ids::{AccountId, Code, EmergencyId, HoldId},
    profile::Part,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// The course of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct CourseView {
    /// Since when it has the status that it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_since: Option<DateTime<Utc>>,
    /// Its turns in order: rested, resumed, closed, reopened, archived.
    turns: Vec<TurnView>,
    /// Its legal holds.
    holds: Vec<HoldView>,
    /// Every time that somebody broke the glass.
    emergencies: Vec<EmergencyView>,
}

/// A turn in the course of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TurnView {
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = schemas::CodeWord, example = "case_rested")]
    event_type: Code,
    /// The same in words.
    #[schema(example = "Sak sett passiv")]
    type_name: String,
    /// Of a closing: which of the profile's reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>, example = "thrives")]
    reason_code: Option<Code>,
    /// What the system calls this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "dei føresette ønskjer det")]
    reason_name: Option<String>,
    /// What was said about it; of an archiving, what the archive answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A legal hold.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HoldView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    hold_id: HoldId,
    /// Which of the profile's reasons.
    #[schema(value_type = schemas::CodeWord, example = "legal_proceedings")]
    reason_code: Code,
    /// What the system calls this reason.
    #[schema(example = "rettssak eller klage")]
    reason_name: Option<String>,
    /// The proceedings or the letter that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "TSOLV-2026-118")]
    reference: Option<String>,
    /// When it was lifted, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    lifted: Option<ReasonView>,
    /// The entry that placed it.
    #[serde(flatten)]
    entry: EntryView,
}

/// A time during which somebody may read without the usual right.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmergencyView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    emergency_id: EmergencyId,
    /// Who.
    #[schema(value_type = schemas::Id)]
    account: AccountId,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "A threat against the child's life, reported by phone.")]
    reason: Option<String>,
    /// First moment at which the right no longer holds, unless it was ended before.
    until: DateTime<Utc>,
    /// When it was ended before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
    /// Whether it holds at the moment that is shown.
    holds: bool,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// The course, where it may be seen.
pub(super) fn course(seen: &Seen<'_>) -> Option<CourseView> {
    seen.shows(Part::Course).then(|| CourseView {
        status_since: seen.recorded_at(seen.case().status.as_ref().map(|status| status.since)),
        turns: turns(seen),
        holds: holds(seen),
        emergencies: emergencies(seen),
    })
}

fn turns(seen: &Seen<'_>) -> Vec<TurnView> {
    let turned = seen.events().filter_map(|recorded| {
        let position = recorded.position;
        let mut reason_code = None;
        let reason = match &recorded.event {
            Event::CaseRested(_) => seen
                .content::<CaseRestedContent>(position)
                .map(|said| said.reason),
            Event::CaseResumed(_) => seen
                .content::<CaseResumedContent>(position)
                .map(|said| said.reason),
            Event::CaseReopened(_) => seen
                .content::<CaseReopenedContent>(position)
                .map(|said| said.reason),
            Event::CaseClosed(facts) => {
                reason_code = Some(facts.reason.clone());
                seen.content::<CaseClosedContent>(position)
                    .map(|said| said.summary)
            }
            Event::CaseArchived(_) => seen
                .content::<CaseArchivedContent>(position)
                .map(|said| said.reference),
            _ => return None,
        };
        let words = seen.names.words();
        Some(TurnView {
            event_type: recorded.envelope.event_type.clone(),
            type_name: words.event_type(recorded.event.event_type()),
            reason_name: reason_code
                .as_ref()
                .and_then(|code| seen.names.closing_reason(code)),
            reason_code,
            reason,
            entry: seen.entry(recorded),
        })
    });
    turned.collect()
}

fn holds(seen: &Seen<'_>) -> Vec<HoldView> {
    let placed = seen.events().filter_map(|recorded| {
        let Event::HoldPlaced(facts) = &recorded.event else {
            return None;
        };
        let hold = seen.case().holds.get(&facts.hold)?;
        Some(HoldView {
            hold_id: facts.hold,
            reason_code: facts.reason.clone(),
            reason_name: seen.names.hold_reason(&facts.reason),
            reference: seen
                .content::<HoldPlacedContent>(recorded.position)
                .map(|said| said.reference),
            lifted: seen.reason(hold.lifted, |said: HoldLiftedContent| said.reason),
            entry: seen.entry(recorded),
        })
    });
    placed.collect()
}

fn emergencies(seen: &Seen<'_>) -> Vec<EmergencyView> {
    let broken = seen.events().filter_map(|recorded| {
        let Event::GlassBroken(facts) = &recorded.event else {
            return None;
        };
        let emergency = seen.case().emergencies.get(&facts.emergency)?;
        let span = emergency.span();
        Some(EmergencyView {
            emergency_id: facts.emergency,
            account: facts.account,
            reason: seen
                .content::<GlassBrokenContent>(recorded.position)
                .map(|said| said.reason),
            until: facts.until,
            ended_at: seen.recorded_at(emergency.mended),
            holds: span.is_some_and(|span| span.contains(seen.at())),
            entry: seen.entry(recorded),
        })
    });
    broken.collect()
}
