//! Who could have seen a case at a moment, which parts of it, and why.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::PersonView;
use crate::api::{
    answer::AnswerView,
    as_of::AsOfQuery,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Who could have seen a case, and why.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CouldAnswer {
    /// The moment that was asked about.
    at: DateTime<Utc>,
    /// Everybody who takes part or holds a role that a rule may look at.
    people: Vec<PersonView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// Ask who could have seen a case, and why
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/could", tag = "audit", operation_id = "auditCould",
    description = "Decided anew for everybody, by the rules, the people and the consents of the time.",
    params(("caseId" = schemas::Id, Path, description = "The case."), AsOfQuery, ReadHeaders),
    responses((status = 200, description = "Everybody who could, or could not.", body = CouldAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<AsOfQuery>,
    asker: Asker,
) -> Result<Json<CouldAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let ledger = service.ledger();
    let could = ledger.could(caller, case, query.as_of()?, occasion).await?;
    let cited = could.cited();
    Ok(Json(CouldAnswer {
        at: could.at,
        people: could.people.into_iter().map(PersonView::from).collect(),
        view: AnswerView::of(&could.answer, cited),
    }))
}
