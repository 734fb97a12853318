//! Agreements to the closing of a case. Closing it stands in `lifecycle.rs`.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{AgreeToClosing, TakeBackClosing},
    ids::{Code, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::body,
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// To what somebody agrees, or agrees no more.
    ClosingAgreement {
        /// For which of the profile's reasons the case is to be closed.
        #[schema(value_type = schemas::CodeWord, example = "thrives")]
        reason: Code,
        /// The party that says so: the caller's own, or somebody of the family who has no account.
        #[schema(value_type = schemas::Id)]
        by: PartyId,
    }
}

/// Agree to a closing
#[utoipa::path(
    post, path = "/cases/{caseId}/closing-agreements", tag = "lifecycle", operation_id = "agreeToClosing",
    description = "Where a reason is agreed upon, the case can be closed for it once everyone has agreed who is asked: \
                   the people of some roles, and one of those who take part for each service. It counts until it is \
                   taken back, and until the case is reopened.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = ClosingAgreement,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn agree(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<ClosingAgreement>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AgreeToClosing(AgreeToClosing {
            reason: body.reason,
            by: body.by,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Take an agreement to a closing back
#[utoipa::path(
    post, path = "/cases/{caseId}/closing-agreements/withdrawal", tag = "lifecycle",
    operation_id = "takeBackClosing",
    description = "For as long as the case is not closed.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = ClosingAgreement,
    responses((status = 200, description = "It is taken back.", body = Done)),
)]
pub(super) async fn take_back(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<ClosingAgreement>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::TakeBackClosing(TakeBackClosing {
            reason: body.reason,
            by: body.by,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
