//! Changes of the child's situation, after which consent is asked for anew.

use axum::{extract::State, response::Response};
use ledger_core::{case::RecordChange, ledger::CaseCommand};

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
    /// A substantial change.
    NewChange {
        /// What has changed.
        #[schema(value_type = schemas::LongText)]
        description: Text,
    }
}

/// Record a substantial change
#[utoipa::path(
    post, path = "/cases/{caseId}/changes", tag = "cases",
    operation_id = "recordChange",
    description = "The consents go on until they end; a reading says which are to be given anew.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewChange,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn record(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewChange>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RecordChange(RecordChange {
            description: body.description.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}
