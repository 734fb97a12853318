//! Services: which of them take part in a case, and what they do there.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{AddService, RemoveService},
    ids::{CaseId, OrganisationId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Services},
        execute,
    },
    error::ApiError,
    fields::{Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    parties::Removal,
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// A service to let take part.
    NewService {
        /// Which service.
        #[schema(value_type = schemas::Id)]
        service: OrganisationId,
        /// Its task in this case.
        #[schema(value_type = Option<schemas::LongText>)]
        task: Text,
    }
}

/// Read the services of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/services", tag = "cases", operation_id = "readServices",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The services.", body = Services)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Services>(&service, case, &asker, &wishes, &past).await
}

/// Let a service take part
#[utoipa::path(
    post, path = "/cases/{caseId}/services", tag = "cases",
    operation_id = "addService",
    description = "What its people may see depends on a consent that names it.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewService,
    responses((status = 201, description = "It takes part.", body = Done)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewService>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AddService(AddService {
            service: body.service,
            task: body.task.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End a service's part
#[utoipa::path(
    post, path = "/cases/{caseId}/services/{serviceId}/removal", tag = "cases",
    operation_id = "removeService",
    description = "Its people are removed with it.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("serviceId" = schemas::Id, Path, description = "The service."),
        CommandHeaders,
    ),
    request_body = Removal,
    responses((status = 200, description = "Its part has ended.", body = Done)),
)]
pub(super) async fn remove(
    State(service): State<Service>,
    Segments((case, removed)): Segments<(CaseId, OrganisationId)>,
    command: Command<Removal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RemoveService(RemoveService {
            service: removed,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
