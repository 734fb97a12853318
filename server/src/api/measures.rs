//! Measures: planned, begun, changed, evaluated, ended.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use ledger_core::{
    case::{
        BeginMeasure, ChangeMeasure, EndMeasure, EvaluateMeasure, MeasureDescription, PlanMeasure,
    },
    ids::{CaseId, Code, MeasureId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Measures},
        execute,
    },
    error::ApiError,
    fields::{Line, NoBody, Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// A measure: what is done, who sees to it, when it is evaluated.
    PlannedMeasure {
        /// Its name.
        #[schema(value_type = schemas::LineText, example = "Met at the gate")]
        title: Line,
        /// What is done, how and with what aim.
        #[schema(value_type = Option<schemas::LongText>)]
        description: Text,
        /// In what the child needs extra support.
        #[schema(value_type = schemas::LineText, example = "Belonging")]
        development_area: Line,
        /// The party that sees to it.
        #[schema(value_type = schemas::Id)]
        responsible: PartyId,
        /// When it is to be evaluated.
        evaluate_on: NaiveDate,
        /// When it is meant to begin.
        begins_on: Option<NaiveDate>,
        /// When it is meant to end; left out where it goes on over time.
        ends_on: Option<NaiveDate>,
    }
}

body! {
    /// How a measure went that goes on.
    Evaluation {
        /// Which of the profile's effects.
        #[schema(value_type = schemas::CodeWord, example = "some")]
        effect: Code,
        /// When it is to be evaluated next.
        evaluate_on: NaiveDate,
        /// What those who worked together found.
        #[schema(value_type = Option<schemas::LongText>)]
        assessment: Text,
    }
}

body! {
    /// How a measure ended.
    MeasureEnding {
        /// Which of the profile's effects.
        #[schema(value_type = schemas::CodeWord, example = "wished_for")]
        effect: Code,
        /// What those who worked together found.
        #[schema(value_type = Option<schemas::LongText>)]
        assessment: Text,
    }
}

impl From<PlannedMeasure> for MeasureDescription {
    fn from(body: PlannedMeasure) -> Self {
        Self {
            title: body.title.0,
            description: body.description.0,
            development_area: body.development_area.0,
            responsible: body.responsible,
            evaluate_on: body.evaluate_on,
            begins_on: body.begins_on,
            ends_on: body.ends_on,
        }
    }
}

/// Read the measures of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/measures", tag = "cases", operation_id = "readMeasures",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The measures.", body = Measures)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Measures>(&service, case, &asker, &wishes, &past).await
}

/// Plan a measure
#[utoipa::path(
    post, path = "/cases/{caseId}/measures", tag = "cases",
    operation_id = "planMeasure",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = PlannedMeasure,
    responses((status = 201, description = "It is planned.", body = Done)),
)]
pub(super) async fn plan(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<PlannedMeasure>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::PlanMeasure(PlanMeasure(body.into()))
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Begin a measure
#[utoipa::path(
    post, path = "/cases/{caseId}/measures/{measureId}/beginning", tag = "cases",
    operation_id = "beginMeasure",
    description = "With the first one, and with the consent, the case itself may become active.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("measureId" = schemas::Id, Path, description = "The measure."),
        CommandHeaders,
    ),
    responses((status = 200, description = "It is under way.", body = Done)),
)]
pub(super) async fn begin(
    State(service): State<Service>,
    Segments((case, measure)): Segments<(CaseId, MeasureId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |_| {
        CaseCommand::BeginMeasure(BeginMeasure { measure })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Plan a measure anew
#[utoipa::path(
    post, path = "/cases/{caseId}/measures/{measureId}/changes", tag = "cases",
    operation_id = "changeMeasure",
    description = "Everything that is said replaces what was said before; that stays in the timeline.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("measureId" = schemas::Id, Path, description = "The measure."),
        CommandHeaders,
    ),
    request_body = PlannedMeasure,
    responses((status = 201, description = "It is planned anew.", body = Done)),
)]
pub(super) async fn change(
    State(service): State<Service>,
    Segments((case, measure)): Segments<(CaseId, MeasureId)>,
    command: Command<PlannedMeasure>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::ChangeMeasure(ChangeMeasure {
            measure,
            described: body.into(),
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Evaluate a measure that goes on
#[utoipa::path(
    post, path = "/cases/{caseId}/measures/{measureId}/evaluations", tag = "cases",
    operation_id = "evaluateMeasure",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("measureId" = schemas::Id, Path, description = "The measure."),
        CommandHeaders,
    ),
    request_body = Evaluation,
    responses((status = 201, description = "It is evaluated.", body = Done)),
)]
pub(super) async fn evaluate(
    State(service): State<Service>,
    Segments((case, measure)): Segments<(CaseId, MeasureId)>,
    command: Command<Evaluation>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::EvaluateMeasure(EvaluateMeasure {
            measure,
            effect: body.effect,
            evaluate_on: body.evaluate_on,
            assessment: body.assessment.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End a measure
#[utoipa::path(
    post, path = "/cases/{caseId}/measures/{measureId}/ending", tag = "cases",
    operation_id = "endMeasure",
    description = "One that never began may be ended too.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("measureId" = schemas::Id, Path, description = "The measure."),
        CommandHeaders,
    ),
    request_body = MeasureEnding,
    responses((status = 200, description = "It has ended.", body = Done)),
)]
pub(super) async fn end(
    State(service): State<Service>,
    Segments((case, measure)): Segments<(CaseId, MeasureId)>,
    command: Command<MeasureEnding>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::EndMeasure(EndMeasure {
            measure,
            effect: body.effect,
            assessment: body.assessment.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
