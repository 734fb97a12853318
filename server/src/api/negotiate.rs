//! What a client wants to be given: `Accept` (RFC 9110 §12.5.1), decided before anything is done, so that a command is
//! not carried out whose answer nobody would take.

use axum::http::{HeaderMap, header::ACCEPT};

use super::error::ApiError;
use crate::export::log::LogFormat;

/// What the operation at a route gives.
fn produced(route: &str) -> &'static [&'static str] {
    match route {
        "/v1/ledger/receipts/{position}" => &["application/json", "text/plain"],
        "/v1/cases/{caseId}/events" => &["text/event-stream"],
        "/metrics"
        | "/tlog/{tenant}/checkpoint"
        | "/tlog/{tenant}/vkey"
        | "/tlog/{tenant}/rotations"
        | "/tlog/{tenant}/rotation/{position}" => &["text/plain"],
        "/tlog/{tenant}/tile/{*tile}" => &["application/octet-stream"],
        "/v1/cases/{caseId}/documents/{documentId}" => {
            &["application/pdf", "image/png", "image/jpeg", "text/plain"]
        }
        "/v1/cases/{caseId}/log-exports/{format}" | "/v1/log-exports/{format}" => {
            LogFormat::MEDIA_TYPES
        }
        _ => &["application/json"],
    }
}

/// Refuses a request whose answer its client would not take.
pub(super) fn check(headers: &HeaderMap, route: &str) -> Result<(), ApiError> {
    let produced = produced(route);
    if produced
        .iter()
        .any(|media_type| quality(headers, media_type) > 0.0)
    {
        return Ok(());
    }
    Err(ApiError::NotAcceptable {
        produced: match produced {
            [only] => only,
            ["application/json", ..] => "application/json or text/plain",
            _ if produced == LogFormat::MEDIA_TYPES => "the type of the format",
            _ => "the type of the document",
        },
    })
}

/// Refuses a request whose client would not take this one type, of those that its route may give.
pub(super) fn check_for(headers: &HeaderMap, media_type: &'static str) -> Result<(), ApiError> {
    if quality(headers, media_type) > 0.0 {
        return Ok(());
    }
    Err(ApiError::NotAcceptable {
        produced: media_type,
    })
}

/// Whether a client would rather have one type than the other.
pub(super) fn prefers(headers: &HeaderMap, one: &str, other: &str) -> bool {
    quality(headers, one) > quality(headers, other)
}

/// How much a client likes a type, from 0 to 1; of several ranges the most exact counts.
fn quality(headers: &HeaderMap, media_type: &str) -> f32 {
    let mut best = (0, 0.0);
    let mut is_given = false;
    let major = media_type.split('/').next().unwrap_or_default();
    for value in headers.get_all(ACCEPT) {
        for range in value.to_str().unwrap_or_default().split(',') {
            is_given = true;
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let exactness = if name == media_type {
                3
            } else if name.strip_suffix("/*") == Some(major) {
                2
            } else if name == "*/*" {
                1
            } else {
                continue;
            };
            let weight = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(Ok(1.0), str::parse)
                .unwrap_or(0.0);
            if exactness > best.0 {
                best = (exactness, weight);
            }
        }
    }
    if is_given { best.1 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, value.parse().unwrap());
        headers
    }

    #[test]
    fn only_what_is_given_can_be_accepted() {
        let route = "/v1/cases";
        assert!(check(&HeaderMap::new(), route).is_ok());
        for accept in ["*/*", "application/*", "text/html, application/json;q=0.1"] {
            assert!(check(&accepting(accept), route).is_ok(), "{accept}");
        }
        for accept in ["text/html", "application/json;q=0, text/*", "image/png"] {
            assert!(check(&accepting(accept), route).is_err(), "{accept}");
        }
    }

    #[test]
    fn the_most_exact_range_counts() {
        let headers = accepting("text/plain, */*;q=0.5");
        assert!(prefers(&headers, "text/plain", "application/json"));
        assert!(!prefers(
            &accepting("*/*"),
            "text/plain",
            "application/json"
        ));
        assert!(!prefers(
            &HeaderMap::new(),
            "text/plain",
            "application/json"
        ));
    }
}
