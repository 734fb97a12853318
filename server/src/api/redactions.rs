//! Redactions: content that must not stay is destroyed; the events stay.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use ledger_core::{
    case::RedactContent,
    ids::{Code, DocumentId, Position},
};

use super::{
    answer::{self, Done},
    error::ApiError,
    fields::{Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// Content to destroy.
    NewRedaction {
        /// The positions of the events whose content must not stay.
        #[schema(value_type = Vec<u64>, required = false, example = json!([41]))]
        positions: BTreeSet<Position>,
        /// The documents that must not stay.
        #[schema(value_type = Vec<schemas::Id>, required = false)]
        documents: BTreeSet<DocumentId>,
        /// Which of the profile's reasons.
        #[schema(value_type = schemas::CodeWord, example = "wrong_case")]
        reason_code: Code,
        /// Why, in words that do not repeat what was wrong.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Destroy content that must not stay
#[utoipa::path(
    post, path = "/cases/{caseId}/redactions", tag = "cases", operation_id = "redactContent",
    description = "The answer says from when on no backup can hold it either.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewRedaction,
    responses((status = 201, description = "It is destroyed.", body = Done)),
)]
pub(super) async fn redact(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewRedaction>,
) -> Result<Response, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let redact = RedactContent {
        positions: body.positions,
        documents: body.documents,
        reason_code: body.reason_code,
        reason: body.reason.0,
    };
    let ledger = service.ledger().clone();
    let executed = service
        .to_its_end(async move { ledger.redact(&caller, case, redact, &occasion).await })
        .await?;
    Ok(answer::created(&executed))
}
