//! The status of a case, changed by itself.

use axum::{extract::State, response::Response};
use ledger_core::{case::ChangeStatus, ids::Code, ledger::CaseCommand};

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
    /// A change of status.
    StatusChange {
        /// The status that the case shall have.
        #[schema(value_type = schemas::CodeWord, example = "overleg_school")]
        to: Code,
        /// The reason in words. Nobody has to give one.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Option<Text>,
    }
}

/// Change the status of a case
#[utoipa::path(
    post, path = "/cases/{caseId}/status-changes", tag = "lifecycle", operation_id = "changeStatus",
    description = "Where the system lets somebody change it by itself. Who may see the case follows from it at once.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = StatusChange,
    responses((status = 200, description = "It has the other status.", body = Done)),
)]
pub(super) async fn change(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<StatusChange>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::ChangeStatus(ChangeStatus {
            to: body.to,
            reason: body.reason.map(|reason| reason.0),
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
