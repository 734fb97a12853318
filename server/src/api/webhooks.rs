//! Other programs that are told that something has happened.

use std::collections::BTreeSet;

use axum::{Json, extract::State, response::Response};
use ledger_core::{
    directory::{AddWebhook, RemoveWebhook},
    ids::{Code, Position, ProfileId, WebhookId},
    ledger::DirectoryCommand,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{self, Done},
    error::ApiError,
    fields::{FieldError, Line, body},
    openapi::{CommandHeaders, ReadHeaders},
    own_contact::administer,
    request::{Asked, Asker, Command, Segments},
    schemas,
    service::Service,
};
use crate::notify::{target, webhook::new_secret};

body! {
    /// A program that is to be told.
    NewWebhook {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// Where it listens: https alone.
        #[schema(value_type = String, max_length = 300, example = "https://hooks.school.example/caseledger")]
        url: Line,
        /// The kinds of notification that it is told of; left out for all of them.
        #[schema(value_type = Option<Vec<schemas::CodeWord>>, example = json!(["meeting"]))]
        kinds: BTreeSet<Code>,
    }
}

body! {
    /// A program that is to be told no more.
    WebhookRemoval {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
    }
}

/// By which rules.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WebhooksQuery {
    /// By the rules of which system it is decided who may ask.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
}

/// A program that is told from here on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookAddedAnswer {
    /// What was done.
    #[serde(flatten)]
    done: Done,
    /// The secret that messages are signed with. It is shown now and never again; where the request is repeated, it is not
    /// there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=")]
    secret: Option<String>,
}

/// The programs that are told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookList {
    /// Each of them.
    webhooks: Vec<WebhookView>,
}

/// A program that is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    id: WebhookId,
    /// Where it listens.
    #[schema(example = "https://hooks.school.example/caseledger")]
    url: String,
    /// The kinds that it is told of; empty for all of them.
    #[schema(value_type = Vec<schemas::CodeWord>, example = json!(["meeting"]))]
    kinds: BTreeSet<Code>,
    /// The position of the event that added it.
    #[schema(value_type = u64, example = 41)]
    position: Position,
}

/// Let another program be told what happens
#[utoipa::path(
    post, path = "/webhooks", tag = "directory", operation_id = "addWebhook",
    description = "Messages are CloudEvents 1.0 in JSON with ids and codes alone, signed as Standard Webhooks describes: \
                   `webhook-id`, `webhook-timestamp`, `webhook-signature`. They come at least once; `webhook-id` stays \
                   the same. Redirects are not followed. For whoever the rules let add one.",
    params(CommandHeaders), request_body = NewWebhook,
    responses((status = 201, description = "It is told from here on.", body = WebhookAddedAnswer)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    command: Command<NewWebhook>,
) -> Result<Response, ApiError> {
    let private_too = service.config().webhooks_to_private_addresses;
    if let Err(wrong) = target::parse(&command.body.url.0, private_too) {
        let wrong = FieldError::new("url", wrong.to_string());
        return Err(ApiError::Fields(vec![wrong]));
    }
    let ledger = service.ledger();
    let webhook = WebhookId::generate(ledger.now(), ledger.entropy());
    let secret = new_secret(ledger.entropy());
    let shown = secret.clone();
    let executed = administer(&service, command, |body| {
        let add = AddWebhook {
            webhook,
            url: body.url.0,
            secret,
            kinds: body.kinds,
        };
        (body.profile, DirectoryCommand::AddWebhook(add))
    })
    .await?;
    let secret = (!executed.repeated).then_some(shown);
    Ok(answer::created_with(&executed, |done| WebhookAddedAnswer {
        done,
        secret,
    }))
}

/// See which programs are told
#[utoipa::path(
    get, path = "/webhooks", tag = "directory", operation_id = "listWebhooks",
    description = "Without their secrets. For whoever the rules let look after deliveries.",
    params(WebhooksQuery, ReadHeaders),
    responses((status = 200, description = "The programs that are told.", body = WebhookList)),
)]
pub(super) async fn list(
    State(service): State<Service>,
    Asked(query): Asked<WebhooksQuery>,
    asker: Asker,
) -> Result<Json<WebhookList>, ApiError> {
    let known = service
        .ledger()
        .describe_webhooks(&asker.caller, &query.profile)
        .await?;
    let webhooks = known.into_iter().map(|webhook| WebhookView {
        id: webhook.id,
        url: webhook.url,
        kinds: webhook.kinds,
        position: webhook.added,
    });
    Ok(Json(WebhookList {
        webhooks: webhooks.collect(),
    }))
}

/// Let another program be told no more
#[utoipa::path(
    post, path = "/webhooks/{webhookId}/removal", tag = "directory", operation_id = "removeWebhook",
    description = "Its address and its secret are deleted.",
    params(("webhookId" = schemas::Id, Path, description = "The webhook."), CommandHeaders),
    request_body = WebhookRemoval,
    responses((status = 200, description = "It is told no more.", body = Done)),
)]
pub(super) async fn remove(
    State(service): State<Service>,
    Segments(webhook): Segments<WebhookId>,
    command: Command<WebhookRemoval>,
) -> Result<Response, ApiError> {
    let executed = administer(&service, command, |body| {
        let remove = RemoveWebhook { webhook };
        (body.profile, DirectoryCommand::RemoveWebhook(remove))
    })
    .await?;
    Ok(answer::done(&executed))
}
