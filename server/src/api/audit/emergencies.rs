//! Every time that somebody broke the glass over a case: who, why, for how long, and what they read.

use axum::{Json, extract::State};
use ledger_core::{
    ids::{AccountId, EmergencyId},
    ledger::Emergency,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EdgeView, SeenView};
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Every time that the glass was broken.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct EmergenciesAnswer {
    /// In the order in which they began.
    emergencies: Vec<EmergencyView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// One time that somebody read without the usual right.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmergencyView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    emergency_id: EmergencyId,
    /// Who.
    #[schema(value_type = schemas::Id)]
    account: AccountId,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The reason that was written down, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The event that began it.
    since: EdgeView,
    /// When it ended, or will: by an event, or by its time.
    until: EdgeView,
    /// How many milliseconds it lasted, or has lasted until now.
    lasted_ms: i64,
    /// What was read under it.
    saw: Vec<SeenView>,
}

/// Ask when the glass was broken over a case
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/emergencies", tag = "audit", operation_id = "auditEmergencies",
    params(("caseId" = schemas::Id, Path, description = "The case."), ReadHeaders),
    responses((status = 200, description = "Each time, with the reason and what was read.", body = EmergenciesAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    asker: Asker,
) -> Result<Json<EmergenciesAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let answer = service.ledger().emergencies(caller, case, occasion).await?;
    let cited = answer.cited();
    Ok(Json(EmergenciesAnswer {
        emergencies: answer
            .emergencies
            .into_iter()
            .map(EmergencyView::from)
            .collect(),
        view: AnswerView::of(&answer.answer, cited),
    }))
}

impl From<Emergency> for EmergencyView {
    fn from(emergency: Emergency) -> Self {
        Self {
            emergency_id: emergency.emergency,
            account: emergency.account,
            name: emergency.name,
            reason: emergency.reason,
            since: EdgeView::from(emergency.since),
            until: EdgeView::from(emergency.until),
            lasted_ms: emergency.lasted_ms,
            saw: emergency.saw.into_iter().map(SeenView::from).collect(),
        }
    }
}
