//! The log as others watch it: C2SP tlog-tiles below `/tlog/<tenant>`, for programs that are not ours.
//!
//! It shows what the last published head covers, and nothing beyond: salted hashes and their number. It asks nobody who
//! they are, so a setting can switch it off; then there is nothing here. The protocol is described at
//! <https://c2sp.org/tlog-tiles>, not in the OpenAPI description, which is of this service's own API.
//!
//! **Invariant: whatever is not there answers with the same 404**: another tenant, a tile beyond the head, a path that
//! names none, a log that is switched off. It is never kept by a cache, for it may be there a moment later.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use ledger_core::{
    ids::{Position, TenantId},
    ledger::LedgerError,
    log::TilePath,
};

use super::{error::ApiError, ledger, request::Segments, service::Service};

const TEXT: &str = "text/plain; charset=utf-8";
const OCTETS: &str = "application/octet-stream";

/// For what the next event changes: "its headers SHOULD prevent caching beyond a few seconds".
const CHANGES: &str = "public, max-age=2";
/// For what changes only when the operator does something.
const SELDOM_CHANGES: &str = "public, max-age=60";
/// For what never changes under an origin. A week and not for ever: a ledger that was recovered goes on at the same
/// address under another origin, with other tiles.
const NEVER_CHANGES: &str = "public, max-age=604800, immutable";

/// The log, if it is this tenant's and open to the public.
fn of<'a>(service: &'a Service, tenant: &str) -> Result<&'a TenantId, ApiError> {
    let own = service.tenant();
    if service.config().public_log && own.as_str() == tenant {
        Ok(own)
    } else {
        Err(LedgerError::NotFound.into())
    }
}

/// The newest signed head.
pub(super) async fn checkpoint(
    State(service): State<Service>,
    Segments(tenant): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    of(&service, &tenant)?;
    let signed = ledger::newest_head(&service).await?;
    Ok(answer(&headers, TEXT, CHANGES, signed.to_string().into()))
}

/// The verifier keys of the log, the oldest first, one a line. The last one signs.
pub(super) async fn keys(
    State(service): State<Service>,
    Segments(tenant): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tenant = of(&service, &tenant)?;
    let keys = service.ledger().verifier_keys(tenant).await?;
    let lines = keys.iter().fold(String::new(), |mut lines, key| {
        writeln!(lines, "{key}").expect("writing to a String cannot fail");
        lines
    });
    Ok(answer(&headers, TEXT, SELDOM_CHANGES, lines.into()))
}

/// Where the signing key was changed, the oldest first, one path below the log a line.
pub(super) async fn rotations(
    State(service): State<Service>,
    Segments(tenant): Segments<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tenant = of(&service, &tenant)?;
    let mut lines = String::new();
    for position in service.ledger().rotations(tenant).await? {
        writeln!(lines, "rotation/{position}").expect("writing to a String cannot fail");
    }
    Ok(answer(&headers, TEXT, SELDOM_CHANGES, lines.into()))
}

/// The head that the old and the new key signed when the key was changed.
pub(super) async fn rotation(
    State(service): State<Service>,
    Segments((tenant, position)): Segments<(String, u64)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tenant = of(&service, &tenant)?;
    let signed = service.ledger().rotation_head(tenant, Position(position));
    let signed = signed.await?.ok_or(LedgerError::NotFound)?;
    Ok(answer(
        &headers,
        TEXT,
        NEVER_CHANGES,
        signed.to_string().into(),
    ))
}

/// Hashes of the tree, or leaf entries.
pub(super) async fn tile(
    State(service): State<Service>,
    Segments((tenant, tile)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let tenant = of(&service, &tenant)?;
    let path: TilePath = format!("tile/{tile}")
        .parse()
        .map_err(|_| LedgerError::NotFound)?;
    let bytes = service.ledger().tile(tenant, &path).await?;
    Ok(answer(&headers, OCTETS, NEVER_CHANGES, bytes))
}

/// Open to pages of any origin, kept as long as it may be, and not sent to whoever has it (RFC 9110 §13.1.2).
fn answer(
    asked: &HeaderMap,
    content_type: &'static str,
    kept: &'static str,
    bytes: Vec<u8>,
) -> Response {
    let tag = entity_tag(&bytes);
    let known = asked.get_all(IF_NONE_MATCH).iter().any(|value| {
        let mut tags = value.to_str().unwrap_or_default().split(',');
        tags.any(|known| {
            matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag
        })
    });
    let headers = [
        (CACHE_CONTROL, HeaderValue::from_static(kept)),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            ETAG,
            HeaderValue::try_from(tag).expect("digits and quotes may stand in a header"),
        ),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let content_type = [(CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (headers, content_type, bytes).into_response()
}

/// Says of bytes which they are.
fn entity_tag(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    let mut tag = String::from("\"");
    for byte in &digest.as_ref()[..16] {
        write!(tag, "{byte:02x}").expect("writing to a String cannot fail");
    }
    tag.push('"');
    tag
}
