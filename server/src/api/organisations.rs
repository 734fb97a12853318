//! Organisations: a municipality's services, schools and their units.

use axum::{extract::State, response::Response};
use ledger_core::{
    directory::RegisterOrganisation,
    ids::{Code, OrganisationId, ProfileId},
    ledger::DirectoryCommand,
};

use super::{
    accounts,
    answer::{self, Done},
    error::ApiError,
    fields::{Line, body},
    openapi::CommandHeaders,
    request::Command,
    schemas,
    service::Service,
};

body! {
    /// An organisation to register.
    NewOrganisation {
        /// By the rules of which system it is registered.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// What kind it is.
        #[schema(value_type = schemas::CodeWord, example = "school")]
        kind: Code,
        /// The organisation that it is a unit of.
        #[schema(value_type = Option<schemas::Id>)]
        parent: Option<OrganisationId>,
        /// Its name.
        #[schema(value_type = schemas::LineText, example = "Øystese skule")]
        name: Line,
    }
}

/// Register an organisation or a unit of one
#[utoipa::path(
    post, path = "/organisations", tag = "directory", operation_id = "registerOrganisation",
    params(CommandHeaders), request_body = NewOrganisation,
    responses((status = 201, description = "It is registered.", body = Done)),
)]
pub(super) async fn register(
    State(service): State<Service>,
    command: Command<NewOrganisation>,
) -> Result<Response, ApiError> {
    let ledger = service.ledger();
    let organisation = OrganisationId::generate(ledger.now(), ledger.entropy());
    let executed = accounts::administer(&service, command, |body| {
        let register = RegisterOrganisation {
            organisation,
            kind: body.kind,
            parent: body.parent,
            name: body.name.0,
        };
        let command = DirectoryCommand::RegisterOrganisation(register);
        (body.profile, command)
    })
    .await?;
    Ok(answer::created(&executed))
}
