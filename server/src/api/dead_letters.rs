//! Messages that could not be delivered: for an administrator, who sees ids and codes and never to whom.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ledger_core::{access::Action, ids::ProfileId, ledger::LedgerError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    fields::{FieldError, body},
    openapi::ReadHeaders,
    request::{Asked, Asker, Question, Segments},
    schemas,
    service::Service,
};
use crate::notify::outbox::DeadLetter;

/// Letters in one page.
const PAGE: u32 = 100;
/// The length of a delivery's id.
const ID_LENGTH: usize = 32;

/// By which rules, and which part.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeadLettersQuery {
    /// By the rules of which system it is decided who may ask.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(max_length = 32, example = "0a1b2c3d4e5f60718293a4b5c6d7e8f9")]
    cursor: Option<String>,
}

body! {
    /// By which rules it is tried once more.
    DeliveryRetry {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
    }
}

/// One page of what could not be delivered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeadLetterList {
    /// Each message.
    dead_letters: Vec<DeadLetterView>,
    /// Asks for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0a1b2c3d4e5f60718293a4b5c6d7e8f9")]
    next_cursor: Option<String>,
}

/// A message that could not be delivered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeadLetterView {
    /// Its id: of a mail the first part of its Message-ID, of a webhook its `webhook-id`.
    #[schema(example = "0a1b2c3d4e5f60718293a4b5c6d7e8f9")]
    id: String,
    /// `email` or `webhook`.
    #[schema(example = "email")]
    channel: String,
    /// Of what it tells.
    #[schema(example = "meeting")]
    kind: String,
    /// The webhook that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    webhook_id: Option<String>,
    /// How often it was tried.
    #[schema(example = 12)]
    attempts: i32,
    /// Why the last try failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "unreachable")]
    why: Option<String>,
    /// When it was planned.
    planned_at: DateTime<Utc>,
    /// When it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_up_at: Option<DateTime<Utc>>,
}

impl From<DeadLetter> for DeadLetterView {
    fn from(letter: DeadLetter) -> Self {
        Self {
            id: letter.delivery_id,
            channel: letter.channel,
            kind: letter.kind,
            webhook_id: letter.webhook_id,
            attempts: letter.attempts,
            why: letter.outcome,
            planned_at: letter.planned_at,
            given_up_at: letter.settled_at,
        }
    }
}

/// Whether it is tried again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetryAnswer {
    /// The message, which waits again.
    #[schema(example = "0a1b2c3d4e5f60718293a4b5c6d7e8f9")]
    id: String,
}

/// See what could not be delivered
#[utoipa::path(
    get, path = "/notifications/dead-letters", tag = "directory", operation_id = "listDeadLetters",
    description = "Messages that were tried as often as the configuration says, or were refused for good. Nobody's \
                   address is shown, nor the case. For whoever the rules let look after deliveries.",
    params(DeadLettersQuery, ReadHeaders),
    responses((status = 200, description = "The messages.", body = DeadLetterList)),
)]
pub(super) async fn list(
    State(service): State<Service>,
    Asked(query): Asked<DeadLettersQuery>,
    asker: Asker,
) -> Result<Json<DeadLetterList>, ApiError> {
    let action = Action::ViewDeliveries;
    service
        .ledger()
        .permit_overview(&asker.caller, &query.profile, action, None)
        .await?;
    if query.cursor.as_deref().is_some_and(|cursor| !is_id(cursor)) {
        let wrong = "is none; give `nextCursor` as the page before gave it";
        return Err(ApiError::Fields(vec![FieldError::new("cursor", wrong)]));
    }
    let outbox = service.instance().outbox();
    let letters = outbox
        .dead_letters(query.cursor.as_deref(), i64::from(PAGE))
        .await
        .map_err(|error| ApiError::Lists(error.into()))?;
    let is_full = letters.len() == PAGE as usize;
    let dead_letters: Vec<DeadLetterView> = letters.into_iter().map(Into::into).collect();
    let last = dead_letters.last().filter(|_| is_full);
    Ok(Json(DeadLetterList {
        next_cursor: last.map(|last| last.id.clone()),
        dead_letters,
    }))
}

/// Try once more to deliver something
#[utoipa::path(
    post, path = "/notifications/dead-letters/{deliveryId}/retry", tag = "directory",
    operation_id = "retryDelivery",
    description = "It is tried from the beginning, and decided anew whether it may be sent at all. Asked twice, it is \
                   tried once: what waits is no dead letter.",
    params(
        ("deliveryId" = String, Path, description = "The message.", pattern = "^[0-9a-f]{32}$",
         example = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ),
    request_body = DeliveryRetry,
    responses((status = 200, description = "It waits again.", body = RetryAnswer)),
)]
pub(super) async fn retry(
    State(service): State<Service>,
    Segments(delivery): Segments<String>,
    question: Question<DeliveryRetry>,
) -> Result<Json<RetryAnswer>, ApiError> {
    let ledger = service.ledger();
    let action = Action::RetryDelivery;
    ledger
        .permit_overview(&question.caller, &question.body.profile, action, None)
        .await?;
    let outbox = service.instance().outbox();
    let retried = is_id(&delivery)
        && outbox
            .retry(&delivery, ledger.now())
            .await
            .map_err(|error| ApiError::Lists(error.into()))?;
    if retried {
        Ok(Json(RetryAnswer { id: delivery }))
    } else {
        Err(LedgerError::NotFound.into())
    }
}

/// Whether it is shaped like the id of a delivery.
fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
