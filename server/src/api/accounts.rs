//! Accounts: who may sign in, and the roles handed to them.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    directory::{ActivateAccount, AssignRole, EndRole},
    ids::{AccountId, Code, OrganisationId, ProfileId},
    ledger::{DirectoryCommand, Executed},
};

use super::{
    answer::{self, Done},
    error::ApiError,
    fields::{Line, body},
    openapi::CommandHeaders,
    request::{Command, Segments},
    schemas,
    service::Service,
};

body! {
    /// An account to activate.
    NewAccount {
        /// By the rules of which system it is activated.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The employer of a member of staff; left out for a member of a family.
        #[schema(value_type = Option<schemas::Id>)]
        organisation: Option<OrganisationId>,
        /// The person's name.
        #[schema(value_type = schemas::LineText)]
        name: Line,
    }
}

body! {
    /// A role to hand over.
    NewRole {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// Which role.
        #[schema(value_type = schemas::CodeWord, example = "unit_leader")]
        role: Code,
        /// In which unit; left out for the whole tenant.
        #[schema(value_type = Option<schemas::Id>)]
        unit: Option<OrganisationId>,
        /// First moment at which it no longer holds.
        until: Option<DateTime<Utc>>,
    }
}

body! {
    /// A role to take back.
    EndedRole {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// Which role.
        #[schema(value_type = schemas::CodeWord, example = "unit_leader")]
        role: Code,
        /// In which unit; left out for the whole tenant.
        #[schema(value_type = Option<schemas::Id>)]
        unit: Option<OrganisationId>,
    }
}

/// Let a person sign in
#[utoipa::path(
    post, path = "/accounts", tag = "directory", operation_id = "activateAccount",
    params(CommandHeaders), request_body = NewAccount,
    responses((status = 201, description = "The account is active.", body = Done)),
)]
pub(super) async fn activate(
    State(service): State<Service>,
    command: Command<NewAccount>,
) -> Result<Response, ApiError> {
    let ledger = service.ledger();
    let account = AccountId::generate(ledger.now(), ledger.entropy());
    let executed = administer(&service, command, |body| {
        let activate = ActivateAccount {
            account,
            organisation: body.organisation,
            name: body.name.0,
        };
        (body.profile, DirectoryCommand::ActivateAccount(activate))
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Hand a role to an account
#[utoipa::path(
    post, path = "/accounts/{accountId}/roles", tag = "directory", operation_id = "assignRole",
    params(("accountId" = schemas::Id, Path, description = "The account."), CommandHeaders),
    request_body = NewRole,
    responses((status = 201, description = "The role is theirs.", body = Done)),
)]
pub(super) async fn assign_role(
    State(service): State<Service>,
    Segments(account): Segments<AccountId>,
    command: Command<NewRole>,
) -> Result<Response, ApiError> {
    let executed = administer(&service, command, |body| {
        let assign = AssignRole {
            account,
            role: body.role,
            unit: body.unit,
            until: body.until,
        };
        (body.profile, DirectoryCommand::AssignRole(assign))
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Take a role back from an account
#[utoipa::path(
    post, path = "/accounts/{accountId}/role-endings", tag = "directory", operation_id = "endRole",
    params(("accountId" = schemas::Id, Path, description = "The account."), CommandHeaders),
    request_body = EndedRole,
    responses((status = 200, description = "The role has ended.", body = Done)),
)]
pub(super) async fn end_role(
    State(service): State<Service>,
    Segments(account): Segments<AccountId>,
    command: Command<EndedRole>,
) -> Result<Response, ApiError> {
    let executed = administer(&service, command, |body| {
        let end = EndRole {
            account,
            role: body.role,
            unit: body.unit,
        };
        (body.profile, DirectoryCommand::EndRole(end))
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Carries out a directory command by the rules of a profile.
pub(super) async fn administer<T>(
    service: &Service,
    command: Command<T>,
    to_command: impl FnOnce(T) -> (ProfileId, DirectoryCommand),
) -> Result<Executed, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let (profile, command) = to_command(body);
    let ledger = service.ledger().clone();
    service
        .to_its_end(async move {
            ledger
                .administer(&caller, &profile, command, &occasion)
                .await
        })
        .await
}
