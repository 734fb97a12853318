//! Every way in which a request can fail, as problem+json (RFC 9457): which status, which words. This is the only file
//! that knows.
//!
//! **Invariants: whoever may not know of a case reads the same as if it were not there. No text of a failure below this
//! service leaves it.** What a client did not cause is logged instead, under the request's correlation id.

use std::{error::Error as _, fmt::Write as _};

use axum::{
    Json,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use ledger_core::{
    command::{Rejection, RejectionCode},
    ledger::{LedgerError, Refusal},
    log::TreeError,
    profile::Requirement,
    sealing::{ChunkError, KeyringError},
    store::{AppendError, ReadError},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error::ApiError, fields::FieldError};
use crate::auth::SignInError;

/// After how long to come back to a service that cannot reach what it needs, in seconds.
const COME_BACK_SECONDS: u64 = 2;

/// What went wrong, and what to do (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:caseledger:problem:refused",
    "title": "The rules do not allow it",
    "status": 403,
    "detail": "the rules of this system do not allow add_note here",
    "requirement": "V24",
}))]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    /// What kind of problem, for programs.
    #[serde(rename = "type")]
    kind: String,
    /// The same for people; always the same words for the same kind.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time, and what to do.
    detail: String,
    /// The requirement that the refusing rule rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[DKMFSVX][1-9][0-9]{0,2}$", example = "V24")]
    requirement: Option<Requirement>,
    /// For `urn:caseledger:problem:rejected`, which kind of rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "not_in_profile")]
    code: Option<RejectionCode>,
    /// Every field that was wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
    #[serde(skip)]
    challenge: Option<&'static str>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:caseledger:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            requirement: None,
            code: None,
            errors: Vec::new(),
            retry_after_seconds: None,
            challenge: None,
        }
    }

    fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same whether it is not there or may not be known.
    fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is nothing here",
            "there is nothing under this address that you may know of",
        )
    }

    /// A defect, or damage: the client can do nothing.
    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong",
            ApiError::Internal.to_string(),
        )
    }

    /// What the service needs cannot be reached or must not be used now.
    fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The service cannot answer now",
            detail,
        )
        .retry_after(COME_BACK_SECONDS)
    }

    fn conflict(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "Somebody else was faster",
            detail,
        )
        .retry_after(1)
    }

    fn too_large(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "It is too large",
            detail,
        )
    }

    fn unprocessable(kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, kind, title, detail)
    }

    fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "The request is malformed",
            detail,
        )
    }
}

impl From<&ApiError> for Problem {
    fn from(error: &ApiError) -> Self {
        let words = error.to_string();
        match error {
            ApiError::Ledger(error) => Self::from(error),
            ApiError::SignIn(missing) => Self {
                challenge: Some(match missing {
                    SignInError::Missing => r#"Bearer realm="caseledger""#,
                    SignInError::Invalid => r#"Bearer realm="caseledger", error="invalid_token""#,
                }),
                ..Self::new(
                    StatusCode::UNAUTHORIZED,
                    "not-signed-in",
                    "Nobody is signed in",
                    words,
                )
            },
            ApiError::Fields(errors) => Self {
                errors: errors.clone(),
                ..Self::new(
                    StatusCode::BAD_REQUEST,
                    "invalid-fields",
                    "Fields are not as they should be",
                    words,
                )
            },
            ApiError::NotJson { .. }
            | ApiError::Header { .. }
            | ApiError::BodyInterrupted
            | ApiError::Multipart(_) => Self::bad_request(words),
            ApiError::IdempotencyKeyMissing => Self::new(
                StatusCode::BAD_REQUEST,
                "idempotency-key-missing",
                "The command cannot be repeated safely",
                words,
            ),
            ApiError::VersionMissing => Self::new(
                StatusCode::PRECONDITION_REQUIRED,
                "version-missing",
                "Say which version you have seen",
                words,
            ),
            ApiError::UnsupportedMediaType { .. }
            | ApiError::UnsupportedFormat { .. }
            | ApiError::FormatDiffers { .. }
            | ApiError::ActiveContent { .. } => Self::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "This kind of content is not taken",
                words,
            ),
            ApiError::NotAcceptable { .. } => Self::new(
                StatusCode::NOT_ACCEPTABLE,
                "not-acceptable",
                "This kind of content is not given",
                words,
            ),
            ApiError::BodyTooLarge { .. } => Self::too_large(words),
            ApiError::UnknownRoute => Self::not_found(),
            ApiError::MethodNotAllowed => Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Not with this method",
                words,
            ),
            ApiError::TooManyRequests {
                retry_after_seconds,
            } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
                words,
            )
            .retry_after(*retry_after_seconds),
            ApiError::TooManyStreams { .. } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-streams",
                "Too many streams",
                words,
            )
            .retry_after(COME_BACK_SECONDS),
            ApiError::ListsBehind { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "lists-behind",
                "The lists are not up to date yet",
                words,
            )
            .retry_after(COME_BACK_SECONDS),
            ApiError::Lists(_) | ApiError::Busy | ApiError::TimedOut => Self::unavailable(words),
            ApiError::Internal => Self::internal(),
        }
    }
}

impl From<&LedgerError> for Problem {
    fn from(error: &LedgerError) -> Self {
        let words = error.to_string();
        match error {
            LedgerError::NotFound => Self::not_found(),
            LedgerError::Refused(refusal) => Self::from(&**refusal),
            LedgerError::Rejected(rejection) => Self::from(rejection),
            LedgerError::VersionDiffers { .. } => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "version-differs",
                "The case has changed since you read it",
                words,
            ),
            LedgerError::TooBusy => Self::conflict(words),
            LedgerError::Append(error) => Self::from(error),
            LedgerError::Read(error) => Self::from(error),
            LedgerError::Keyring(error) => Self::from(error),
            LedgerError::NoProfile(_) => {
                Self::unprocessable("no-rule-book", "No such rule book is in force", words)
            }
            LedgerError::Document(ChunkError::TooLarge) => Self::too_large(words),
            LedgerError::Tree(TreeError::Shrinking { .. } | TreeError::OutsideTree { .. }) => {
                Self::unprocessable("no-such-proof", "There is no such proof", words)
            }
            LedgerError::Restored { .. } => Self::unavailable(NOT_SERVING),
            LedgerError::Profile { .. }
            | LedgerError::ContentUnreadable(_)
            | LedgerError::Document(
                ChunkError::WrongLength { .. }
                | ChunkError::NotAuthentic { .. }
                | ChunkError::NotCommitted
                | ChunkError::FinalChunkMissing { .. }
                | ChunkError::AfterFinalChunk
                | ChunkError::AlreadyFailed,
            )
            | LedgerError::Tree(TreeError::Missing { .. })
            | LedgerError::Head(_)
            | LedgerError::KeyStoreContent { .. } => Self::internal(),
        }
    }
}

/// For whoever runs the service, the log says more.
const NOT_SERVING: &str = "the ledger needs its operator before it can go on";

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        Self {
            requirement: refusal.requirement().copied(),
            ..Self::new(
                StatusCode::FORBIDDEN,
                "refused",
                "The rules do not allow it",
                format!(
                    "the rules of this system do not allow {} here",
                    refusal.action
                ),
            )
        }
    }
}

impl From<&Rejection> for Problem {
    fn from(rejection: &Rejection) -> Self {
        Self {
            requirement: rejection.requirement,
            code: Some(rejection.code),
            ..Self::unprocessable("rejected", "It cannot be so", &rejection.message)
        }
    }
}

impl From<&AppendError> for Problem {
    fn from(error: &AppendError) -> Self {
        match error {
            AppendError::Conflict { .. } | AppendError::NoLongerHolds { .. } => {
                Self::conflict("the case changed while this was decided; read it and try again")
            }
            AppendError::Repeated { .. } => Self::conflict(
                "the same request is being carried out; repeat it to learn how it ended",
            ),
            AppendError::KeyReused => Self::unprocessable(
                "idempotency-key-reused",
                "The Idempotency-Key was used for another request",
                "choose a new Idempotency-Key for each new request",
            ),
            AppendError::OccursInFuture { .. } => Self::unprocessable(
                "occurs-in-future",
                "It has not happened yet",
                error.to_string(),
            ),
            AppendError::TooLarge { .. } => Self::too_large(error.to_string()),
            AppendError::Unavailable | AppendError::OutcomeUnknown => {
                Self::unavailable(error.to_string())
            }
            AppendError::ClockJumped { .. }
            | AppendError::UnknownTenant(_)
            | AppendError::WentBack { .. } => Self::unavailable(NOT_SERVING),
        }
    }
}

impl From<&ReadError> for Problem {
    fn from(error: &ReadError) -> Self {
        match error {
            ReadError::Unavailable(_) => {
                Self::unavailable("the event store cannot be reached; try again")
            }
            ReadError::UnknownTenant(_) => Self::unavailable(NOT_SERVING),
            ReadError::Envelope { .. } | ReadError::Facts { .. } => Self::internal(),
        }
    }
}

impl From<&KeyringError> for Problem {
    fn from(error: &KeyringError) -> Self {
        match error {
            // What was sealed with it is gone, as if it had never been.
            KeyringError::Destroyed(_) => Self::not_found(),
            KeyringError::Storage { .. } | KeyringError::Stopped => {
                Self::unavailable("the key store cannot be reached; try again")
            }
            KeyringError::UnknownTenant(_)
            | KeyringError::OriginDiffers { .. }
            | KeyringError::OriginUsedBefore { .. }
            | KeyringError::BelowPublished { .. }
            | KeyringError::WrongMasterKey
            | KeyringError::OpenToOthers { .. }
            | KeyringError::NewerFormat { .. } => Self::unavailable(NOT_SERVING),
            KeyringError::UnknownSigningKey { .. }
            | KeyringError::LastSigningKey { .. }
            | KeyringError::Damaged { .. } => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem::from(&self);
        if problem.status >= 500 && !matches!(self, Self::Busy) {
            tracing::error!(error = %with_causes(&self), "a request could not be answered");
        }
        problem.into_response()
    }
}

/// The error with what lies below it, for the log.
fn with_causes(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        write!(text, ": {below}").expect("writing to a string cannot fail");
        cause = below.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.status).expect("every problem is made with a status");
        let retry_after = self.retry_after_seconds;
        let challenge = self.challenge;
        let mut response = (status, Json(self)).into_response();
        let mut set = |name: HeaderName, value: HeaderValue| {
            response.headers_mut().insert(name, value);
        };
        set(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = retry_after {
            set(RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge {
            set(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_known_reads_like_what_is_not_there() {
        let hidden = Problem::from(&ApiError::Ledger(LedgerError::NotFound));
        let nothing = Problem::from(&ApiError::UnknownRoute);
        assert_eq!(
            serde_json::to_value(hidden).unwrap(),
            serde_json::to_value(nothing).unwrap()
        );
    }

    #[test]
    fn the_text_of_a_failure_below_stays_here() {
        let below = "password authentication failed for user \"ledger\"";
        let error = ApiError::Ledger(ReadError::Unavailable(below.into()).into());
        let shown = serde_json::to_string(&Problem::from(&error)).unwrap();
        assert!(!shown.contains("password"), "{shown}");
        assert!(with_causes(&error).contains("password"));
    }

    #[test]
    fn a_rejection_names_its_kind_and_its_requirement() {
        let rejection = Rejection::new(RejectionCode::NotInProfile, "no such role")
            .because("V4".parse().ok().as_ref());
        let problem = serde_json::to_value(Problem::from(&rejection)).unwrap();
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["code"], "not_in_profile");
        assert_eq!(problem["requirement"], "V4");
    }
}
