//! What changed in a case between two positions.

use axum::{Json, extract::State, response::Response};
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{Changed, OpenedContents},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::GainedView;
use crate::{
    api::{
        answer::AnswerView,
        error::ApiError,
        language,
        openapi::ReadHeaders,
        request::{Asked, Asker, InCase, Segments},
        schemas,
        service::Service,
        timeline::EventView,
    },
    words::{Wishes, Words},
};

/// Between which positions.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ChangesQuery {
    /// What happened after this position,
    #[param(minimum = 0)]
    after_position: u64,
    /// up to and with this one; left out for now.
    #[param(minimum = 0)]
    through_position: Option<u64>,
}

/// What changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ChangedAnswer {
    /// What happened, in order, and who did it: facts alone, each called by a name in the language of Content-Language.
    events: Vec<HappenedView>,
    /// Asks for those that follow, as `afterPosition`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    next_after: Option<Position>,
    /// Who could see more or less of the case afterwards than before.
    people: Vec<GainedView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HappenedView {
    /// In which case, if in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    case_id: Option<CaseId>,
    /// The name of whoever did it, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What.
    #[serde(flatten)]
    event: EventView,
}

impl ChangedAnswer {
    pub(super) fn of(changed: Changed, words: Words) -> Self {
        let facts_only = OpenedContents::default();
        let cited = changed.cited();
        let events = changed.events.iter();
        Self {
            events: events
                .map(|event| HappenedView {
                    case_id: event.envelope.case,
                    name: changed
                        .names
                        .of_actor(&event.envelope.actor)
                        .map(str::to_owned),
                    event: EventView::of(event, &facts_only, words),
                })
                .collect(),
            next_after: changed.more,
            people: changed.people.into_iter().map(GainedView::from).collect(),
            view: AnswerView::of(&changed.answer, cited),
        }
    }
}

/// Ask what changed in a case
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/changed", tag = "audit", operation_id = "auditChanged",
    description = "What happened between two positions, and whose access grew or shrank by it.",
    params(("caseId" = schemas::Id, Path, description = "The case."), ChangesQuery, ReadHeaders),
    responses((status = 200, description = "What happened.", body = ChangedAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<ChangesQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let between = (
        Position(query.after_position),
        query.through_position.map(Position),
    );
    let changed = service
        .ledger()
        .changed(caller, case, between, occasion)
        .await?;
    let words = wishes.words();
    let answer = Json(ChangedAnswer::of(changed, words));
    Ok(language::spoken([words.language()], answer))
}
