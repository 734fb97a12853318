//! What the ledger knew of a case at a moment, and how that differs from what was true.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::ledger::{OpenedContents, Reason};
use serde::Serialize;
use utoipa::ToSchema;

use super::{GainedView, LaterFactView};
use crate::{
    api::{
        answer::AnswerView,
        as_of::AsOfQuery,
        error::ApiError,
        language,
        openapi::ReadHeaders,
        request::{Asked, Asker, InCase, Segments},
        schemas,
        service::Service,
        timeline::EventView,
    },
    words::Wishes,
};

/// What the ledger knew at a moment, and what was true.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct KnewAnswer {
    /// The moment.
    at: DateTime<Utc>,
    /// In the order in which it became known.
    differences: Vec<DifferenceView>,
    /// Those who could see by what was known, and should have seen something else by what was true: `gained` is what they
    /// should have seen too, `lost` what they should not have seen.
    people: Vec<GainedView>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// Something that the ledger knew otherwise than it was.
#[derive(Serialize, ToSchema)]
struct DifferenceView {
    /// In what way: `learned_later`, `invalidated_later`, `corrected_later` or `redacted_later`.
    #[schema(value_type = schemas::CodeWord, example = "learned_later")]
    kind: Reason,
    /// What it is about.
    event: EventView,
    /// The later event by which it became known.
    by: LaterFactView,
}

/// Ask what the ledger knew, and what was true
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/knew", tag = "audit", operation_id = "auditKnew",
    description = "By what is known now: what had happened by that moment and was recorded later, what was found to be \
                   invalid, corrected or destroyed since, and whose access that would have changed.",
    params(("caseId" = schemas::Id, Path, description = "The case."), AsOfQuery, ReadHeaders),
    responses((status = 200, description = "The differences.", body = KnewAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<AsOfQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let ledger = service.ledger();
    let knew = ledger.knew(caller, case, query.as_of()?, occasion).await?;
    let cited = knew.cited();
    let words = wishes.words();
    let facts_only = OpenedContents::default();
    let differences = knew.differences.into_iter();
    let answer = Json(KnewAnswer {
        at: knew.at,
        differences: differences
            .map(|difference| DifferenceView {
                kind: difference.reason,
                event: EventView::of(&difference.event, &facts_only, words),
                by: LaterFactView::from(difference.by),
            })
            .collect(),
        people: knew.people.into_iter().map(GainedView::from).collect(),
        view: AnswerView::of(&knew.answer, cited),
    });
    Ok(language::spoken([words.language()], answer))
}
