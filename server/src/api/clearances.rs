//! Clearances: the nearest leader clears that somebody opens a case (V23).

use axum::{extract::State, response::Response};
use ledger_core::{
    case::ClearOpening,
    ids::{AccountId, CaseId, OrganisationId, ProfileId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::body,
    openapi::CommandHeaders,
    request::Command,
    schemas,
    service::Service,
};

body! {
    /// Who may open a case, and where.
    NewClearance {
        /// The system whose rules the case will follow.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The unit that will be responsible.
        #[schema(value_type = schemas::Id)]
        unit: OrganisationId,
        /// Who may open it.
        #[schema(value_type = schemas::Id)]
        account: AccountId,
    }
}

/// Clear that somebody opens a case
#[utoipa::path(
    post, path = "/clearances", tag = "cases", operation_id = "clearOpening",
    description = "Asked for by systems in which the nearest leader clears the start. The answer's `caseId` is the \
                   `clearance` with which one case may be opened. Nothing is written about the child yet.",
    params(CommandHeaders), request_body = NewClearance,
    responses((status = 201, description = "It is cleared.", body = Done)),
)]
pub(super) async fn clear(
    State(service): State<Service>,
    command: Command<NewClearance>,
) -> Result<Response, ApiError> {
    let ledger = service.ledger();
    let case = CaseId::generate(ledger.now(), ledger.entropy());
    let executed = execute(&service, case, command, |body| {
        let clear = ClearOpening {
            unit: body.unit,
            account: body.account,
        };
        CaseCommand::ClearOpening(body.profile, clear)
    })
    .await?;
    Ok(answer::made(&executed))
}
