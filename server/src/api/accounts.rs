//! Accounts: who may sign in, and the roles handed to them.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    directory::{ActivateAccount, AssignRole, DeactivateAccount, EndRole},
    ids::{AccountId, Code, OrganisationId, ProfileId},
    ledger::{DirectoryCommand, Executed},
};

use super::{
    answer::{self, Done},
    error::ApiError,
    fields::{FieldError, Line, body},
    openapi::CommandHeaders,
    request::{Command, Segments},
    schemas,
    service::Service,
};
use crate::auth::Subject;

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
        /// Who vouches for them, by its name in `listTenants`; with `subject`. Without both the account gets an id that
        /// no issuer leads to.
        #[schema(value_type = Option<schemas::CodeWord>, example = "id_porten")]
        issuer: Option<Code>,
        /// By which name the issuer knows them, exactly as its tokens have it. It is not stored.
        #[schema(value_type = Option<String>, max_length = 255, example = "01010112345")]
        subject: Option<String>,
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
        /// When it ended, if earlier than now.
        occurred_at: Option<DateTime<Utc>>,
    }
}

body! {
    /// An account to deactivate.
    Deactivation {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
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
    let account = account_for(&service, &command.body).await?;
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

/// Which account is meant: that of an identity, or a new one.
async fn account_for(service: &Service, body: &NewAccount) -> Result<AccountId, ApiError> {
    let ledger = service.ledger();
    let wrong =
        |field: &str, message: String| Err(ApiError::Fields(vec![FieldError::new(field, message)]));
    match (&body.issuer, &body.subject) {
        (None, None) => Ok(AccountId::generate(ledger.now(), ledger.entropy())),
        (None, Some(_)) => wrong("issuer", "is missing beside `subject`".into()),
        (Some(_), None) => wrong("subject", "is missing beside `issuer`".into()),
        (Some(issuer), Some(subject)) => {
            if !service
                .config()
                .issuers
                .iter()
                .any(|known| known.name == *issuer)
            {
                return wrong(
                    "issuer",
                    format!("is {issuer}, which no issuer of this tenant is called"),
                );
            }
            match Subject::try_new(subject) {
                Ok(subject) => Ok(ledger
                    .account_of_identity(service.tenant(), issuer, subject.as_str())
                    .await?),
                Err(invalid) => wrong("subject", invalid.to_string()),
            }
        }
    }
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
            occurred_at: body.occurred_at,
        };
        (body.profile, DirectoryCommand::EndRole(end))
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Let a person sign in no more
#[utoipa::path(
    post, path = "/accounts/{accountId}/deactivation", tag = "directory",
    operation_id = "deactivateAccount",
    description = "Its roles stay, and hold again if it is activated again.",
    params(("accountId" = schemas::Id, Path, description = "The account."), CommandHeaders),
    request_body = Deactivation,
    responses((status = 200, description = "The account can be used no more.", body = Done)),
)]
pub(super) async fn deactivate(
    State(service): State<Service>,
    Segments(account): Segments<AccountId>,
    command: Command<Deactivation>,
) -> Result<Response, ApiError> {
    let executed = administer(&service, command, |body| {
        let deactivate = DeactivateAccount { account };
        let command = DirectoryCommand::DeactivateAccount(deactivate);
        (body.profile, command)
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
