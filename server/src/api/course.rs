//! The course of a case on its way: it rests, is taken up again, is reopened. How it ends stands in `lifecycle.rs`.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{ReopenCase, RestCase, ResumeCase},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// Why a case takes a turn.
    Turn {
        /// The reason in words. Nobody has to give one.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Let a case rest
#[utoipa::path(
    post, path = "/cases/{caseId}/resting", tag = "lifecycle",
    operation_id = "restCase",
    description = "Nothing is entered until it is taken up again.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = Turn,
    responses((status = 200, description = "It rests.", body = Done)),
)]
pub(super) async fn rest(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Turn>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::Rest(RestCase {
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Take up a case again that rests
#[utoipa::path(
    post, path = "/cases/{caseId}/resuming", tag = "lifecycle",
    operation_id = "resumeCase",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = Turn,
    responses((status = 200, description = "It is worked in again.", body = Done)),
)]
pub(super) async fn resume(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Turn>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::Resume(ResumeCase {
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Take up a closed case again
#[utoipa::path(
    post, path = "/cases/{caseId}/reopening", tag = "lifecycle",
    operation_id = "reopenCase",
    description = "By a right of its own. What is archived stays closed.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = Turn,
    responses((status = 200, description = "It is open again.", body = Done)),
)]
pub(super) async fn reopen(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Turn>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::Reopen(ReopenCase {
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
