//! What handlers are given: who asks and in which circumstances, a command's body, typed parts of path and query.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::QueryRejection},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use ledger_core::{
    event::CorrelationId,
    ids::{CaseId, Code},
    ledger::{Caller, LedgerError, Occasion, Repeatable},
};
use serde::de::DeserializeOwned;

use super::{
    error::ApiError,
    fields::{self, Body, FieldError},
    service::Service,
};
use crate::auth::SignInError;

/// The longest key of a request that may be repeated, in bytes.
const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

/// What was found out about a request before it was routed.
#[derive(Clone)]
pub(super) struct Circumstances {
    /// Ties its events and log lines together.
    pub(super) correlation_id: CorrelationId,
    /// Who signed in, or why nobody did.
    pub(super) caller: Result<Caller, SignInError>,
}

/// Who asks, and the circumstances.
pub(super) struct Asker {
    pub(super) caller: Caller,
    pub(super) occasion: Occasion,
}

impl FromRequestParts<Service> for Asker {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self, ApiError> {
        let circumstances = parts
            .extensions
            .get::<Circumstances>()
            .expect("every request passes the layer that finds them out");
        let mut occasion = Occasion::new(circumstances.correlation_id);
        occasion.purpose = purpose(&parts.headers)?;
        Ok(Self {
            caller: circumstances.caller.clone()?,
            occasion,
        })
    }
}

/// A command that can be repeated: who asks, and what.
pub(super) struct Command<T> {
    pub(super) caller: Caller,
    pub(super) occasion: Occasion,
    pub(super) body: T,
}

impl<T: Body> FromRequest<Service> for Command<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Service) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Asker {
            caller,
            mut occasion,
        } = Asker::from_request_parts(&mut parts, service).await?;
        let key = idempotency_key(&parts.headers)?;
        occasion.case_version = if_match(&parts.headers)?;
        let asked = what_is_asked(&parts);
        let bytes = json(Request::from_parts(parts, body), service).await?;
        let body = fields::read(&bytes)?;
        occasion.repeatable = Some(Repeatable {
            key,
            request: [asked.as_bytes(), &bytes[..]].concat(),
        });
        Ok(Self {
            caller,
            occasion,
            body,
        })
    }
}

impl<T> Command<T> {
    /// For commands that end something: refuses those who do not say which version of the case they have seen.
    pub(super) fn with_version(self) -> Result<Self, ApiError> {
        if self.occasion.case_version.is_none() {
            return Err(ApiError::VersionMissing);
        }
        Ok(self)
    }
}

/// A question that is too sensitive for an address, asked by POST. Nothing changes, so nothing needs repeating.
pub(super) struct Question<T> {
    pub(super) caller: Caller,
    pub(super) occasion: Occasion,
    pub(super) body: T,
}

impl<T: Body> FromRequest<Service> for Question<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Service) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Asker { caller, occasion } = Asker::from_request_parts(&mut parts, service).await?;
        let bytes = json(Request::from_parts(parts, body), service).await?;
        Ok(Self {
            caller,
            occasion,
            body: fields::read(&bytes)?,
        })
    }
}

/// A body that anyone may send, signed in or not.
pub(super) struct Given<T>(pub(super) T);

impl<T: Body> FromRequest<Service> for Given<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Service) -> Result<Self, ApiError> {
        let bytes = json(request, service).await?;
        Ok(Self(fields::read(&bytes)?))
    }
}

/// Typed parts of the path. What is not even shaped like an id is not there.
pub(super) struct Segments<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Service> for Segments<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, service).await;
        path.map(|Path(segments)| Self(segments))
            .map_err(|_| LedgerError::NotFound.into())
    }
}

/// The case that the path names.
pub(super) type InCase = Segments<CaseId>;

/// The typed query.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Service> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, service).await;
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|rejection| ApiError::Fields(vec![wrong_query(&rejection)]))
    }
}

/// Which parameter of a query cannot be read, as far as the library says it.
pub(super) fn wrong_query(rejection: &QueryRejection) -> FieldError {
    let text = rejection.body_text();
    let message = text
        .strip_prefix("Failed to deserialize query string: ")
        .unwrap_or(&text);
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    // `limit: invalid digit found in string`, or "missing field `profile`".
    if let Some((name, message)) = message.split_once(": ").filter(|(name, _)| is_name(name)) {
        return FieldError::new(name, message);
    }
    let quoted = message.split('`').nth(1).filter(is_name);
    FieldError::new(quoted.unwrap_or("query"), message)
}

/// The key under which a command may be repeated.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let value = headers
        .get("idempotency-key")
        .ok_or(ApiError::IdempotencyKeyMissing)?;
    let key = value.to_str().ok().map(str::trim);
    key.filter(|key| (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()))
        .map(str::to_owned)
        .ok_or(ApiError::Header {
            name: "Idempotency-Key",
            expected: "1 to 255 printable ASCII characters, such as a new UUID",
        })
}

/// The version of the case that the caller has seen.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<u64>, ApiError> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let quoted = value.to_str().ok().and_then(|text| {
        let version = text.trim().strip_prefix('"')?.strip_suffix('"')?;
        version.parse().ok()
    });
    quoted.map(Some).ok_or(ApiError::Header {
        name: "If-Match",
        expected: "one ETag as a reading of the case gave it, such as \"12\" in its quotation marks",
    })
}

/// Method and path: what a repeated request must have in common beside its body.
pub(super) fn what_is_asked(parts: &Parts) -> String {
    format!("{} {}\n", parts.method, parts.uri.path())
}

fn purpose(headers: &HeaderMap) -> Result<Option<Code>, ApiError> {
    let Some(value) = headers.get("purpose") else {
        return Ok(None);
    };
    let code = value.to_str().ok().and_then(|text| text.parse().ok());
    code.map(Some).ok_or(ApiError::Header {
        name: "Purpose",
        expected: "a code: 1 to 40 of a-z, 0-9 and '_', beginning with a letter",
    })
}

/// The bytes of a JSON body.
async fn json(request: Request, service: &Service) -> Result<Bytes, ApiError> {
    let content_type = request.headers().get(CONTENT_TYPE).cloned();
    let bytes = Bytes::from_request(request, service)
        .await
        .map_err(|rejection| match rejection.into_response_status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::BodyTooLarge {
                bytes_max: service.config().request_body_bytes_max as u64,
            },
            _ => ApiError::BodyInterrupted,
        })?;
    let is_json = content_type.as_ref().is_some_and(|value| {
        let media_type = value.as_bytes().split(|byte| *byte == b';').next();
        media_type.is_some_and(|name| name.trim_ascii().eq_ignore_ascii_case(b"application/json"))
    });
    if is_json || (bytes.is_empty() && content_type.is_none()) {
        Ok(bytes)
    } else {
        Err(ApiError::UnsupportedMediaType {
            accepted: "application/json",
        })
    }
}

/// What axum would have answered.
trait RejectionStatus {
    fn into_response_status(self) -> StatusCode;
}

impl<T: axum::response::IntoResponse> RejectionStatus for T {
    fn into_response_status(self) -> StatusCode {
        self.into_response().status()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_version_is_read_from_its_etag_alone() {
        assert!(matches!(if_match(&HeaderMap::new()), Ok(None)));
        assert!(matches!(
            if_match(&with("if-match", "\"12\"")),
            Ok(Some(12))
        ));
        for text in ["12", "W/\"12\"", "*", "\"twelve\"", "\"1\", \"2\""] {
            assert!(if_match(&with("if-match", text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_command_needs_a_key_of_bearable_length() {
        assert!(matches!(
            idempotency_key(&HeaderMap::new()),
            Err(ApiError::IdempotencyKeyMissing)
        ));
        assert!(idempotency_key(&with("idempotency-key", "a")).is_ok());
        assert!(idempotency_key(&with("idempotency-key", " ")).is_err());
    }

    #[test]
    fn a_purpose_is_a_code() {
        assert!(matches!(purpose(&HeaderMap::new()), Ok(None)));
        assert!(matches!(
            purpose(&with("purpose", "follow_up")),
            Ok(Some(_))
        ));
        assert!(purpose(&with("purpose", "Per Hansen")).is_err());
    }
}
