//! Why something was done or shown: the rules, and the events that they looked at.

use axum::{Json, extract::State, response::Response};
use ledger_core::{ids::Position, ledger::OpenedContents};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::PolicyView;
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    language,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
    timeline::EventView,
};
use crate::words::Wishes;

/// Which event.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct WhyQuery {
    /// Its position in the ledger.
    position: u64,
}

/// Why something was done or shown.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct WhyAnswer {
    /// The event that was asked about.
    event: EventView,
    /// Its policies.
    policies: Vec<PolicyView>,
    /// The events that the decision cited.
    cited: Vec<EventView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// Ask why something was done or shown
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/why", tag = "audit", operation_id = "auditWhy",
    params(("caseId" = schemas::Id, Path, description = "The case."), WhyQuery, ReadHeaders),
    responses((status = 200, description = "On what the decision rested.", body = WhyAnswer)),
)]
pub(in crate::api) async fn of_event(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<WhyQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let position = Position(query.position);
    let why = service
        .ledger()
        .why(caller, case, position, occasion)
        .await?;
    let cited = why.cited();
    let policies = why
        .policies
        .into_iter()
        .map(|(id, requirement)| PolicyView {
            id,
            requirement,
            effect: None,
        });
    let facts_only = OpenedContents::default();
    let words = wishes.words();
    let answer = Json(WhyAnswer {
        policies: policies.collect(),
        event: EventView::of(&why.event, &facts_only, words),
        cited: why
            .cited
            .iter()
            .map(|event| EventView::of(event, &facts_only, words))
            .collect(),
        view: AnswerView::of(&why.answer, cited),
    });
    Ok(language::spoken([words.language()], answer))
}
