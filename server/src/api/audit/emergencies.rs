//! Every time that somebody broke the glass over a case: who, why, for how long, and what they read.

use axum::{Json, extract::State};
use ledger_core::{
    ids::{AccountId, CaseId, EmergencyId, ProfileId},
    ledger::{Emergencies, Emergency, OfCase as _},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{EdgeView, SeenView};
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Every time that the glass was broken.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct EmergenciesAnswer {
    /// In the order in which they began.
    emergencies: Vec<BrokenGlassView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// One time that somebody read without the usual right.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BrokenGlassView {
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

/// Which cases.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct EmergenciesQuery {
    /// The system whose cases are asked about.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(value_type = Option<schemas::Id>)]
    cursor: Option<CaseId>,
    /// How many cases are looked through at most. Those over which the glass was never broken are left out of the answer.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<u32>,
}

/// Every time that the glass was broken over some cases.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct AllEmergencies {
    /// The cases over which it was.
    items: Vec<EmergenciesOfCase>,
    /// Asks for the cases that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    next_cursor: Option<CaseId>,
    /// What stands in the ledger for this answer, beside one in each of these cases.
    view: AnswerView,
}

/// One of the cases.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EmergenciesOfCase {
    /// The case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// Each time, and the answer's event in that case.
    #[serde(flatten)]
    answer: EmergenciesAnswer,
}

/// Ask when the glass was broken, in all cases of a system
#[utoipa::path(
    get, path = "/audit/emergencies", tag = "audit", operation_id = "auditAllEmergencies",
    description = "Which cases there are is read from the events. Noted once, and in every case of which it tells something.",
    params(EmergenciesQuery, ReadHeaders),
    responses((status = 200, description = "One page.", body = AllEmergencies)),
)]
pub(in crate::api) async fn of_system(
    State(service): State<Service>,
    Asked(query): Asked<EmergenciesQuery>,
    asker: Asker,
) -> Result<Json<AllEmergencies>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let page = (query.cursor, Some(super::limit(query.limit)?));
    let found = service
        .ledger()
        .emergencies_of_system(caller, &query.profile, page, occasion)
        .await?;
    let cited = found.cited();
    let cases = found.cases.into_iter();
    Ok(Json(AllEmergencies {
        items: cases
            .map(|emergencies| EmergenciesOfCase {
                case_id: emergencies.case,
                answer: EmergenciesAnswer::from(emergencies),
            })
            .collect(),
        next_cursor: found.more,
        view: AnswerView::of(&found.answer, cited),
    }))
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
    Ok(Json(EmergenciesAnswer::from(answer)))
}

impl From<Emergencies> for EmergenciesAnswer {
    fn from(answer: Emergencies) -> Self {
        let cited = answer.cited();
        Self {
            emergencies: answer
                .emergencies
                .into_iter()
                .map(BrokenGlassView::from)
                .collect(),
            view: AnswerView::of(&answer.answer, cited),
        }
    }
}

impl From<Emergency> for BrokenGlassView {
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
