//! Corrections: what was written stays, and what is right stands beside it (GDPR article 16).

use axum::{extract::State, response::Response};
use ledger_core::{case::CorrectEntry, ids::Position, ledger::CaseCommand};

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
    /// A correction of an entry.
    NewCorrection {
        /// The position of the entry whose text is wrong.
        #[schema(value_type = u64, example = 41)]
        position: Position,
        /// What should stand there instead.
        #[schema(value_type = schemas::LongText)]
        text: Text,
        /// Why it was wrong.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Correct an entry
#[utoipa::path(
    post, path = "/cases/{caseId}/corrections", tag = "cases",
    operation_id = "correctEntry",
    description = "The entry stays, and is shown as superseded, with the correction beside it. What must not stay is redacted instead.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewCorrection,
    responses((status = 201, description = "It is corrected.", body = Done)),
)]
pub(super) async fn correct(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewCorrection>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::CorrectEntry(CorrectEntry {
            target: body.position,
            text: body.text.0,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}
