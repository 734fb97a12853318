//! For how long cases that had just come in could be looked at by those from whom they were then hidden, who could, and
//! who did (K13). Each answer is noted in the ledger, case by case.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ledger_core::{
    ids::{CaseId, Position, ProfileId},
    ledger::{Exposed, Exposure, OfCase as _, Window},
    profile::Requirement,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{DecisionView, PersonView, SeenView};
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// How many cases are looked through, unless asked otherwise.
const LIMIT_DEFAULT: u32 = 100;

/// Which cases.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ExposureQuery {
    /// The system whose cases are asked about.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(value_type = Option<schemas::Id>)]
    cursor: Option<CaseId>,
    /// How many cases are looked through at most. Those that were never exposed are left out of the answer.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// For how long a case was exposed, to whom, and who looked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ExposureAnswer {
    /// The case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// The time in which it could be looked at; not there for a case that was hidden from its beginning on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WindowView>)]
    window: Option<WindowView>,
    /// Whether anyone looked in that time who cannot after it.
    used: bool,
    /// The sentence that asks for the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "K13")]
    requirement: Option<Requirement>,
    /// Those who could look in that time, and cannot after it.
    people: Vec<ExposedView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// The time in which a case could be looked at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WindowView {
    /// The event that opened the case.
    #[schema(value_type = u64)]
    from: Position,
    /// When.
    from_at: DateTime<Utc>,
    /// The event that hid it; not there while it can still be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    until: Option<Position>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_at: Option<DateTime<Utc>>,
    /// How many milliseconds it lasted, or has lasted until now.
    lasted_ms: i64,
}

/// Somebody who could look.
#[derive(Serialize, ToSchema)]
struct ExposedView {
    /// Who, what they could see, and why.
    #[serde(flatten)]
    person: PersonView,
    /// Why they can no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DecisionView>)]
    afterwards: Option<DecisionView>,
    /// What they saw in that time.
    saw: Vec<SeenView>,
}

/// One page of cases.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Exposures {
    /// Those that were exposed, oldest first.
    items: Vec<ExposureAnswer>,
    /// Asks for the cases that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    next_cursor: Option<CaseId>,
    /// What stands in the ledger for this answer, beside one in each of these cases.
    view: AnswerView,
}

/// Ask for how long a case was exposed
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/exposure", tag = "audit", operation_id = "auditExposure",
    description = "From the intake until the case was hidden: who could look and cannot any more, by the rules and the \
                   people of that time, and what each of them saw.",
    params(("caseId" = schemas::Id, Path, description = "The case."), ReadHeaders),
    responses((status = 200, description = "Who could, and who did.", body = ExposureAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    asker: Asker,
) -> Result<Json<ExposureAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let exposure = service.ledger().exposure(caller, case, occasion).await?;
    Ok(Json(ExposureAnswer::from(exposure)))
}

/// Ask for how long the cases of a system were exposed
#[utoipa::path(
    get, path = "/audit/exposure", tag = "audit", operation_id = "auditExposures",
    description = "Which cases there are is read from the events. Noted once, and in every case of which it tells something.",
    params(ExposureQuery, ReadHeaders),
    responses((status = 200, description = "One page.", body = Exposures)),
)]
pub(in crate::api) async fn of_system(
    State(service): State<Service>,
    Asked(query): Asked<ExposureQuery>,
    asker: Asker,
) -> Result<Json<Exposures>, ApiError> {
    let Asker { caller, occasion } = &asker;
    // Each that was exposed is answered by a replay of its own.
    let limit = super::limit(query.limit.or(Some(LIMIT_DEFAULT)))?;
    let page = (query.cursor, Some(limit));
    let found = service
        .ledger()
        .exposures_of_system(caller, &query.profile, page, occasion)
        .await?;
    let cited = found.cited();
    Ok(Json(Exposures {
        items: found.cases.into_iter().map(ExposureAnswer::from).collect(),
        next_cursor: found.more,
        view: AnswerView::of(&found.answer, cited),
    }))
}

impl From<Exposure> for ExposureAnswer {
    fn from(exposure: Exposure) -> Self {
        let cited = exposure.cited();
        Self {
            case_id: exposure.case,
            used: exposure.was_used(),
            window: exposure.window.map(WindowView::from),
            requirement: exposure.requirement,
            people: exposure.people.into_iter().map(ExposedView::from).collect(),
            view: AnswerView::of(&exposure.answer, cited),
        }
    }
}

impl From<Window> for WindowView {
    fn from(window: Window) -> Self {
        Self {
            from: window.from,
            from_at: window.from_at,
            until: window.until,
            until_at: window.until_at,
            lasted_ms: window.lasted_ms,
        }
    }
}

impl From<Exposed> for ExposedView {
    fn from(exposed: Exposed) -> Self {
        Self {
            person: PersonView::from(exposed.could),
            afterwards: exposed.afterwards.map(DecisionView::from),
            saw: exposed.saw.into_iter().map(SeenView::from).collect(),
        }
    }
}
