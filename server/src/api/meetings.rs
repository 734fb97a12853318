//! Meetings: planned, moved, held, cancelled.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    case::{CancelMeeting, HoldMeeting, MoveMeeting, PlanMeeting},
    ids::{CaseId, MeetingId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Meetings},
        execute,
    },
    error::ApiError,
    fields::{Line, Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// A meeting to plan. One that was held without having been planned is planned for the time at which it was.
    NewMeeting {
        /// When it begins.
        at: DateTime<Utc>,
        /// Its name.
        #[schema(value_type = schemas::LineText, example = "Second cooperation meeting")]
        title: Line,
        /// Where.
        #[schema(value_type = Option<schemas::LongText>)]
        place: Text,
        /// What is to be spoken of.
        #[schema(value_type = Option<schemas::LongText>)]
        agenda: Text,
    }
}

body! {
    /// Another time for a meeting.
    MeetingTime {
        /// When it begins.
        at: DateTime<Utc>,
    }
}

body! {
    /// That a meeting was held.
    Minutes {
        /// Who was there: parties that take or took part.
        #[schema(value_type = Vec<schemas::Id>, required = false)]
        present: BTreeSet<PartyId>,
        /// The minutes.
        #[schema(value_type = Option<schemas::LongText>)]
        minutes: Text,
    }
}

body! {
    /// Why a meeting is not held.
    MeetingCancellation {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Read the meetings of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/meetings", tag = "cases", operation_id = "readMeetings",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The meetings.", body = Meetings)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Meetings>(&service, case, &asker, &wishes, &past).await
}

/// Plan a meeting
#[utoipa::path(
    post, path = "/cases/{caseId}/meetings", tag = "cases",
    operation_id = "planMeeting",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewMeeting,
    responses((status = 201, description = "It is planned.", body = Done)),
)]
pub(super) async fn plan(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewMeeting>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::PlanMeeting(PlanMeeting {
            at: body.at,
            title: body.title.0,
            place: body.place.0,
            agenda: body.agenda.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Move a meeting to another time
#[utoipa::path(
    post, path = "/cases/{caseId}/meetings/{meetingId}/time", tag = "cases",
    operation_id = "moveMeeting",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("meetingId" = schemas::Id, Path, description = "The meeting."),
        CommandHeaders,
    ),
    request_body = MeetingTime,
    responses((status = 200, description = "It is moved.", body = Done)),
)]
pub(super) async fn move_to(
    State(service): State<Service>,
    Segments((case, meeting)): Segments<(CaseId, MeetingId)>,
    command: Command<MeetingTime>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::MoveMeeting(MoveMeeting {
            meeting,
            at: body.at,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Record that a meeting was held
#[utoipa::path(
    post, path = "/cases/{caseId}/meetings/{meetingId}/minutes", tag = "cases",
    operation_id = "holdMeeting",
    description = "Not before the time for which it is planned.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("meetingId" = schemas::Id, Path, description = "The meeting."),
        CommandHeaders,
    ),
    request_body = Minutes,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn hold(
    State(service): State<Service>,
    Segments((case, meeting)): Segments<(CaseId, MeetingId)>,
    command: Command<Minutes>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::HoldMeeting(HoldMeeting {
            meeting,
            present: body.present,
            minutes: body.minutes.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Cancel a meeting
#[utoipa::path(
    post, path = "/cases/{caseId}/meetings/{meetingId}/cancellation", tag = "cases",
    operation_id = "cancelMeeting",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("meetingId" = schemas::Id, Path, description = "The meeting."),
        CommandHeaders,
    ),
    request_body = MeetingCancellation,
    responses((status = 200, description = "It is cancelled.", body = Done)),
)]
pub(super) async fn cancel(
    State(service): State<Service>,
    Segments((case, meeting)): Segments<(CaseId, MeetingId)>,
    command: Command<MeetingCancellation>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::CancelMeeting(CancelMeeting {
            meeting,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
