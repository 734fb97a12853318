//! How the caller wants to be told that something new is waiting. Everybody's own, and nobody else's.

use std::collections::BTreeMap;

use axum::{Json, extract::State, response::Response};
use ledger_core::{
    directory::{SetContact, SetNotificationPreferences},
    ids::{Code, ProfileId},
    ledger::{DirectoryCommand, Executed},
    profile::Language,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{self, Done},
    error::ApiError,
    fields::body,
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command},
    schemas,
    service::Service,
};

body! {
    /// How somebody can be reached. What is left out is not there any more.
    NewContact {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The address for e-mail; left out, nothing is sent. The one before is deleted.
        #[schema(value_type = Option<String>, max_length = 254, example = "kari@mail.example")]
        email: Option<String>,
        /// The language to be written to in: nn, nb, nl or en. Left out, that of the system.
        #[schema(value_type = Option<String>, pattern = "^(nn|nb|nl|en)$", example = "nn")]
        language: Option<Language>,
    }
}

body! {
    /// Of what somebody wants to be told.
    NewPreferences {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// By kind of notification: `email` or `none`. Of a kind that is left out they are told by e-mail.
        #[schema(value_type = BTreeMap<String, String>, example = json!({"case_changed": "none", "meeting": "email"}))]
        preferences: BTreeMap<Code, Code>,
    }
}

/// By which rules.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OwnContactQuery {
    /// By the rules of which system it is decided.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
}

/// What the caller has said about being told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnContactView {
    /// The address for e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "kari@mail.example")]
    email: Option<String>,
    /// The language to be written to in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "nn")]
    language: Option<Language>,
    /// By kind of notification: `email` or `none`.
    #[schema(value_type = BTreeMap<String, String>, example = json!({"case_changed": "none"}))]
    preferences: BTreeMap<Code, Code>,
}

/// See one's own contact data
#[utoipa::path(
    get, path = "/account/notifications", tag = "directory", operation_id = "readOwnContact",
    description = "The caller's own address, language and preferences. That they were opened is an event. Nobody else \
                   is shown them, administrators included.",
    params(OwnContactQuery, ReadHeaders),
    responses((status = 200, description = "What the caller has said.", body = OwnContactView)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Asked(query): Asked<OwnContactQuery>,
    asker: Asker,
) -> Result<Json<OwnContactView>, ApiError> {
    let own = service
        .ledger()
        .own_contact(&asker.caller, &query.profile, &asker.occasion)
        .await?;
    Ok(Json(OwnContactView {
        email: own.email,
        language: own.language,
        preferences: own.preferences,
    }))
}

/// Set one's own contact data
#[utoipa::path(
    post, path = "/account/contact", tag = "directory", operation_id = "setContact",
    description = "The address is sealed with a key of the account. It is opened to send messages there that say that \
                   something is waiting, and nothing else; each time is an event.",
    params(CommandHeaders), request_body = NewContact,
    responses((status = 200, description = "It is set.", body = Done)),
)]
pub(super) async fn set(
    State(service): State<Service>,
    command: Command<NewContact>,
) -> Result<Response, ApiError> {
    let account = command.caller.account;
    let executed = administer(&service, command, |body| {
        let set = SetContact {
            account,
            email: body.email,
            language: body.language,
        };
        (body.profile, DirectoryCommand::SetContact(set))
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Say of what one wants to be told
#[utoipa::path(
    post, path = "/account/notification-preferences", tag = "directory",
    operation_id = "setNotificationPreferences",
    description = "All of them at once. The kinds stand in the rule book, under `notifications`.",
    params(CommandHeaders), request_body = NewPreferences,
    responses((status = 200, description = "They are set.", body = Done)),
)]
pub(super) async fn set_preferences(
    State(service): State<Service>,
    command: Command<NewPreferences>,
) -> Result<Response, ApiError> {
    let account = command.caller.account;
    let executed = administer(&service, command, |body| {
        let set = SetNotificationPreferences {
            account,
            preferences: body.preferences,
        };
        let command = DirectoryCommand::SetNotificationPreferences(set);
        (body.profile, command)
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Carries out a command after which what it replaces is deleted.
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
                .administer_contacts(&caller, &profile, command, &occasion)
                .await
        })
        .await
}
