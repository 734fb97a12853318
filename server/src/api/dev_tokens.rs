//! Tokens for development: given to anyone who asks, on a machine that nobody else reaches.

use axum::{Json, extract::State, response::IntoResponse as _, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{ids::AccountId, profile::Assurance};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, fields::body, request::Given, schemas, service::Service};

body! {
    /// Whom the token is for.
    NewToken {
        /// The account that will be signed in.
        #[schema(value_type = schemas::Id)]
        account_id: AccountId,
        /// How surely they are taken to be known; left out for `high`.
        #[schema(value_type = Option<schemas::AssuranceLevel>)]
        assurance: Option<Assurance>,
    }
}

/// A token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of RFC 6750")]
pub(super) struct Token {
    /// For the header `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// When it ends.
    expires_at: DateTime<Utc>,
}

/// Get a token, where the service runs for development
#[utoipa::path(
    post, path = "/dev/tokens", tag = "development", operation_id = "issueDevToken",
    description = "Only there while `dev_tokens` is on, which is refused on any address that others reach.",
    security(()), request_body = NewToken,
    responses((status = 201, description = "The token.", body = Token)),
)]
pub(super) async fn issue(
    State(service): State<Service>,
    given: Result<Given<NewToken>, ApiError>,
) -> Result<Response, ApiError> {
    // Where no tokens are given, this is not there, whatever is asked.
    let issuer = service.dev_issuer().ok_or(ApiError::UnknownRoute)?;
    let Given(NewToken {
        account_id,
        assurance,
    }) = given?;
    let issued = issuer.issue(account_id, assurance.unwrap_or(Assurance::High));
    let (access_token, expires_at) = issued.map_err(|error| {
        tracing::error!(%error, "a development token could not be signed");
        ApiError::Internal
    })?;
    let token = Token {
        access_token,
        token_type: "Bearer",
        expires_at,
    };
    Ok((axum::http::StatusCode::CREATED, Json(token)).into_response())
}
