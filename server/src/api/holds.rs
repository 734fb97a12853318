//! Legal holds: while one is in force, nothing of a case is destroyed.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{LiftHold, PlaceHold},
    ids::{CaseId, Code, HoldId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{Line, Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// A legal hold to place.
    NewHold {
        /// Which of the profile's reasons.
        #[schema(value_type = schemas::CodeWord, example = "legal_proceedings")]
        reason_code: Code,
        /// The proceedings or the letter that asks for it.
        #[schema(value_type = schemas::LineText, example = "TSOLV-2026-118")]
        reference: Line,
    }
}

body! {
    /// Why a hold ends.
    Lifting {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Place a legal hold
#[utoipa::path(
    post, path = "/cases/{caseId}/holds", tag = "lifecycle",
    operation_id = "placeHold",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewHold,
    responses((status = 201, description = "It is in force.", body = Done)),
)]
pub(super) async fn place(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewHold>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::PlaceHold(PlaceHold {
            reason: body.reason_code,
            reference: body.reference.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Lift a legal hold
#[utoipa::path(
    post, path = "/cases/{caseId}/holds/{holdId}/lifting", tag = "lifecycle",
    operation_id = "liftHold",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("holdId" = schemas::Id, Path, description = "The hold."),
        CommandHeaders,
    ),
    request_body = Lifting,
    responses((status = 200, description = "It is lifted.", body = Done)),
)]
pub(super) async fn lift(
    State(service): State<Service>,
    Segments((case, hold)): Segments<(CaseId, HoldId)>,
    command: Command<Lifting>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::LiftHold(LiftHold {
            hold,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
