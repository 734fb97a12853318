//! Emergencies: reading without the usual right, for a written reason and a limited time.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{BreakGlass, MendGlass},
    ids::{CaseId, EmergencyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{NoBody, Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// Why and for how long the glass is broken.
    NewEmergency {
        /// Why it is necessary to read without the usual right.
        #[schema(value_type = schemas::LongText)]
        reason: Text,
        /// For how many hours; at most as many as the system allows.
        #[schema(minimum = 1, example = 2)]
        hours: u32,
    }
}

/// Break the glass
#[utoipa::path(
    post, path = "/cases/{caseId}/emergencies", tag = "cases",
    operation_id = "breakGlass",
    description = "Whoever asks may read for the time that is given. Everybody who may see the course of the case sees that it was done, and why.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewEmergency,
    responses((status = 201, description = "The caller may read.", body = Done)),
)]
pub(super) async fn break_glass(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewEmergency>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::BreakGlass(BreakGlass {
            reason: body.reason.0,
            hours: body.hours,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End an emergency before its time
#[utoipa::path(
    post, path = "/cases/{caseId}/emergencies/{emergencyId}/ending", tag = "cases",
    operation_id = "mendGlass",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("emergencyId" = schemas::Id, Path, description = "The emergency."),
        CommandHeaders,
    ),
    responses((status = 200, description = "The right has ended.", body = Done)),
)]
pub(super) async fn mend_glass(
    State(service): State<Service>,
    Segments((case, emergency)): Segments<(CaseId, EmergencyId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |_| {
        CaseCommand::MendGlass(MendGlass { emergency })
    })
    .await?;
    Ok(answer::done(&executed))
}
