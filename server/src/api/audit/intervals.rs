//! Who could see a case, over its whole life: since when, until when, and what began and ended it.

use axum::{Json, extract::State};
use ledger_core::ledger::Access;
use serde::Serialize;
use utoipa::ToSchema;

use super::{EdgeView, PersonView};
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Everybody's access to a case, over its whole life.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct IntervalsAnswer {
    /// In the order in which they began.
    intervals: Vec<AccessView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// A stretch of time in which somebody could read the same sections.
#[derive(Serialize, ToSchema)]
struct AccessView {
    /// Who, what, and why as of its beginning.
    #[serde(flatten)]
    person: PersonView,
    /// What began it.
    since: EdgeView,
    /// What ended it; not there while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EdgeView>)]
    until: Option<EdgeView>,
}

/// Ask from when until when each could see a case
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/intervals", tag = "audit", operation_id = "auditIntervals",
    description = "Decided anew at every event and at every date that mattered, by the rules, the people and the consents of \
                   the time.",
    params(("caseId" = schemas::Id, Path, description = "The case."), ReadHeaders),
    responses((status = 200, description = "Every stretch of time in which somebody could see something.", body = IntervalsAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    asker: Asker,
) -> Result<Json<IntervalsAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let intervals = service.ledger().intervals(caller, case, occasion).await?;
    let cited = intervals.cited();
    Ok(Json(IntervalsAnswer {
        intervals: intervals.access.into_iter().map(AccessView::from).collect(),
        view: AnswerView::of(&intervals.answer, cited),
    }))
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        Self {
            person: PersonView::from(access.could),
            since: EdgeView::from(access.since),
            until: access.until.map(EdgeView::from),
        }
    }
}
