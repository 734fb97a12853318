//! Who could see a case but, as is known by now, should not have; and what they saw.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ledger_core::ledger::Mistaken;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DecisionView, LaterFactView, PersonView, SeenView, exposure::ExposureAnswer};
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    openapi::ReadHeaders,
    request::{Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Who could see a case but should not have.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct HindsightAnswer {
    /// Each stretch of time, in the order in which they began.
    mistaken: Vec<MistakenView>,
    /// The time in which the case could be looked at before it was hidden, where its rules know such a time.
    exposure: ExposureAnswer,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// A stretch of time in which somebody could see what they should not have.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MistakenView {
    /// Who; what they could see although they should not have; and why they could.
    #[serde(flatten)]
    person: PersonView,
    /// First moment.
    from: DateTime<Utc>,
    /// First moment no longer inside; not there while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    /// What the rules would have said, had the ledger known.
    should_have: DecisionView,
    /// What it did not know.
    because: Vec<LaterFactView>,
    /// What they saw of it in that time.
    saw: Vec<SeenView>,
}

/// Ask who could see a case but should not have
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/hindsight", tag = "audit", operation_id = "auditHindsight",
    description = "What the ledger allowed by what it knew, compared at every moment with what it would have allowed, had it \
                   known what it knows now: that a consent was never valid, that an agreement, a role or somebody's part had \
                   ended before it was told. And the time in which the case was exposed. With what was read meanwhile.",
    params(("caseId" = schemas::Id, Path, description = "The case."), ReadHeaders),
    responses((status = 200, description = "Who, when, because of what, and what they saw.", body = HindsightAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    asker: Asker,
) -> Result<Json<HindsightAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let hindsight = service.ledger().hindsight(caller, case, occasion).await?;
    let cited = hindsight.cited();
    Ok(Json(HindsightAnswer {
        mistaken: hindsight
            .mistaken
            .into_iter()
            .map(MistakenView::from)
            .collect(),
        exposure: ExposureAnswer::from(hindsight.exposure),
        view: AnswerView::of(&hindsight.answer, cited),
    }))
}

impl From<Mistaken> for MistakenView {
    fn from(mistaken: Mistaken) -> Self {
        Self {
            person: PersonView::from(mistaken.could),
            from: mistaken.from,
            until: mistaken.until,
            should_have: DecisionView::from(mistaken.should_have),
            because: mistaken
                .because
                .into_iter()
                .map(LaterFactView::from)
                .collect(),
            saw: mistaken.saw.into_iter().map(SeenView::from).collect(),
        }
    }
}
