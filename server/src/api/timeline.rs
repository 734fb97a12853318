//! The timeline: what has happened in a case, event by event.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use ledger_core::{
    event::{Actor, Basis},
    ids::{CaseId, Code, EventId, Position},
    ledger::{Look, OpenedContents},
    store::Recorded,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    answer::{self, View},
    as_of::{AsOfView, PastQuery},
    error::ApiError,
    language,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::{Wishes, Words};

/// What has happened in a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timeline {
    /// The case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// The version up to which it is shown.
    version: u64,
    /// The moment of the past that is shown; not there for the present.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOfView>,
    /// Its events, in order.
    events: Vec<EventView>,
    /// What stands in the ledger for having seen it.
    view: View,
}

/// One event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventView {
    /// Its place in the ledger.
    #[schema(value_type = u64)]
    position: Position,
    /// Its id.
    #[schema(value_type = schemas::Id)]
    event_id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = schemas::CodeWord, example = "note_added")]
    event_type: Code,
    /// The same in words, in the language of Content-Language.
    #[schema(example = "Notat lagt til")]
    type_name: String,
    /// Its place in its stream.
    version: u64,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// When it happened, if earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<DateTime<Utc>>,
    /// Who did it.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// For what purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>)]
    purpose: Option<Code>,
    /// On what the decision rested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::BasisDescription>)]
    basis: Option<Basis>,
    /// Ids, codes, dates and numbers; never free text.
    #[schema(value_type = Object)]
    facts: Value,
    /// What was sealed with it, where the caller may see it and it is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    content: Option<Value>,
}

impl EventView {
    /// An event, with its content as far as it was opened.
    pub(super) fn of(recorded: &Recorded, contents: &OpenedContents, words: Words) -> Self {
        let envelope = &recorded.envelope;
        Self {
            position: recorded.position,
            event_id: envelope.event_id,
            event_type: envelope.event_type.clone(),
            type_name: words.event_type(recorded.event.event_type()),
            version: envelope.version,
            recorded_at: envelope.recorded_at,
            occurred_at: envelope.occurred_at,
            actor: envelope.actor.clone(),
            purpose: envelope.purpose.clone(),
            basis: envelope.basis.clone(),
            facts: serde_json::from_str(recorded.event.to_facts().get()).unwrap_or_default(),
            content: contents.read(recorded.position),
        }
    }
}

/// Read what has happened in a case
#[utoipa::path(
    get, path = "/cases/{caseId}/timeline", tag = "cases", operation_id = "readTimeline",
    description = "The facts of every event, and the contents of the sections that the caller may see.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The events.", body = Timeline)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case_id): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let moment = past.moment()?;
    let shown = service
        .ledger()
        .look_back(caller, case_id, &Look::Timeline, moment, occasion)
        .await?;
    let version = shown.case.version;
    let words = wishes.vocabulary(shown.profile()).words();
    let events = shown.events.iter();
    let timeline = Timeline {
        case_id,
        version,
        as_of: AsOfView::of(moment),
        events: events
            .map(|event| EventView::of(event, &shown.contents, words))
            .collect(),
        view: View::from(&shown.view),
    };
    let answer = if moment.is_now() {
        answer::shown(version, timeline)
    } else {
        Json(timeline).into_response()
    };
    Ok(language::spoken([words.language()], answer))
}
