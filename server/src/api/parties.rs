//! Parties: who takes part in a case.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{AddParty, RemoveParty},
    ids::{AccountId, CaseId, Code, OrganisationId, PartyId},
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
    /// Someone to let take part.
    NewParty {
        /// The role in the case.
        #[schema(value_type = schemas::CodeWord)]
        role: Code,
        /// The account; a member of the family may have none.
        #[schema(value_type = Option<schemas::Id>)]
        account: Option<AccountId>,
        /// The service for which a member of staff takes part.
        #[schema(value_type = Option<schemas::Id>)]
        service: Option<OrganisationId>,
        /// The name.
        #[schema(value_type = schemas::LineText)]
        name: Line,
        /// The task of somebody who works with the case.
        #[schema(value_type = Option<schemas::LongText>)]
        task: Option<Text>,
    }
}

body! {
    /// Why someone's part ends.
    Removal {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Let someone take part
#[utoipa::path(
    post, path = "/cases/{caseId}/parties", tag = "cases", operation_id = "addParty",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewParty,
    responses((status = 201, description = "They take part.", body = Done)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewParty>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AddParty(AddParty {
            role: body.role,
            account: body.account,
            service: body.service,
            name: body.name.0,
            task: body.task.map(|task| task.0),
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End someone's part
#[utoipa::path(
    post, path = "/cases/{caseId}/parties/{partyId}/removal", tag = "cases",
    operation_id = "removeParty",
    description = "From the next reading on they see nothing.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("partyId" = schemas::Id, Path, description = "The party."),
        CommandHeaders,
    ),
    request_body = Removal,
    responses((status = 200, description = "Their part has ended.", body = Done)),
)]
pub(super) async fn remove(
    State(service): State<Service>,
    Segments((case, party)): Segments<(CaseId, PartyId)>,
    command: Command<Removal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RemoveParty(RemoveParty {
            party,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
