//! The ledger's proofs: signed heads, keys, receipts, consistency proofs. They reveal how many events there are and
//! nothing of any of them, so they are open to everyone, unless the configuration keeps the log from the public: then
//! whoever asks for more than the keys has signed in.
//!
//! The log in the form that others' tools follow stands in [`tlog`](super::tlog).

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{HeaderMap, HeaderValue, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Response},
};
use ledger_core::{
    ids::{Digest, Position},
    ledger::LedgerError,
    log::{Receipt, SignedHead},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    negotiate,
    request::{Asked, Circumstances, Segments},
    schemas,
    service::Service,
};

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The newest published head.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "the head as text, beside its parts"
)]
pub(super) struct Head {
    /// The name of the log.
    #[schema(example = "caseledger.localhost/solvik")]
    origin: String,
    /// How many events it covers.
    size: u64,
    /// The root of their tree.
    #[schema(value_type = schemas::Hash)]
    root: Digest,
    /// The signed note (C2SP tlog-checkpoint) that says so.
    signed_head: String,
}

/// The keys that sign, or have signed, heads.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    /// Verifier keys (C2SP signed-note), the oldest first.
    #[schema(example = json!(["caseledger.localhost/solvik+1a2b3c4d+AW5v…"]))]
    keys: Vec<String>,
}

/// What a receipt holds.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is only described; `ledger_core` writes it")]
pub(super) struct ReceiptDescription {
    /// Where the event stands.
    position: u64,
    /// What stands there: SHA-256(salt ‖ envelope).
    leaf_entry: schemas::Hash,
    /// The siblings on the way from the leaf to the root (RFC 6962 §2.1.1).
    inclusion_proof: Vec<schemas::Hash>,
    /// A published head that covers the position (C2SP tlog-checkpoint).
    signed_head: String,
}

/// Which two sizes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Sizes {
    /// The earlier size.
    old: u64,
    /// The later size; at most that of the newest published head.
    new: u64,
}

/// That one log is the beginning of the other.
#[derive(Serialize, ToSchema)]
pub(super) struct Consistency {
    /// The earlier size.
    old: u64,
    /// The later size.
    new: u64,
    /// The proof (RFC 6962 §2.1.2).
    #[schema(value_type = Vec<schemas::Hash>)]
    proof: Vec<Digest>,
}

/// Somebody who may see how many events there are: anyone, or whoever has signed in.
pub(super) struct Watcher;

impl FromRequestParts<Service> for Watcher {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, ApiError> {
        if !service.config().public_log {
            let circumstances = parts.extensions.get::<Circumstances>();
            let circumstances =
                circumstances.expect("every request passes the layer that finds them out");
            circumstances.caller.as_ref().map_err(Clone::clone)?;
        }
        Ok(Self)
    }
}

pub(super) async fn newest_head(service: &Service) -> Result<SignedHead, ApiError> {
    let head = service.ledger().head(service.tenant()).await?;
    Ok(head.ok_or(LedgerError::NotFound)?)
}

/// Read the newest signed head
#[utoipa::path(
    get, path = "/ledger/head", tag = "ledger", operation_id = "readHead", security(()),
    responses((status = 200, description = "The head.", body = Head)),
)]
pub(super) async fn head(
    _: Watcher,
    State(service): State<Service>,
) -> Result<Json<Head>, ApiError> {
    let signed = newest_head(&service).await?;
    let claimed = signed.claimed();
    Ok(Json(Head {
        origin: claimed.origin.to_string(),
        size: claimed.size,
        root: claimed.root,
        signed_head: signed.to_string(),
    }))
}

/// Read the keys that heads are verified with
#[utoipa::path(
    get, path = "/ledger/keys", tag = "ledger", operation_id = "readKeys", security(()),
    responses((status = 200, description = "The keys.", body = Keys)),
)]
pub(super) async fn keys(State(service): State<Service>) -> Result<Json<Keys>, ApiError> {
    let keys = service.ledger().verifier_keys(service.tenant()).await?;
    let keys = keys.iter().map(ToString::to_string).collect();
    Ok(Json(Keys { keys }))
}

/// Take a receipt for one event
#[utoipa::path(
    get, path = "/ledger/receipts/{position}", tag = "ledger", operation_id = "readReceipt",
    description = "Anyone can verify it with the public key alone. As `text/plain` it is a C2SP tlog-proof.",
    security(()),
    params(("position" = u64, Path, description = "Where the event stands.")),
    responses(
        (status = 200, description = "The receipt.", content(
            (ReceiptDescription = "application/json"),
            (String = "text/plain", example = "c2sp.org/tlog-proof@v1\nindex 40\n…"),
        )),
    ),
)]
pub(super) async fn receipt(
    _: Watcher,
    State(service): State<Service>,
    Segments(position): Segments<u64>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let position = Position(position);
    let receipt: Receipt = service.ledger().receipt(service.tenant(), position).await?;
    if negotiate::prefers(&headers, "text/plain", "application/json") {
        return Ok(([(CONTENT_TYPE, TEXT)], receipt.to_tlog_proof()).into_response());
    }
    Ok(Json(receipt).into_response())
}

/// Prove that the log of one size is the beginning of that of another
#[utoipa::path(
    get, path = "/ledger/consistency", tag = "ledger", operation_id = "proveConsistency", security(()),
    params(Sizes),
    responses((status = 200, description = "The proof.", body = Consistency)),
)]
pub(super) async fn consistency(
    _: Watcher,
    State(service): State<Service>,
    Asked(sizes): Asked<Sizes>,
) -> Result<Json<Consistency>, ApiError> {
    let Sizes { old, new } = sizes;
    let ledger = service.ledger();
    let proof = ledger.consistency(service.tenant(), old, new).await?;
    Ok(Json(Consistency { old, new, proof }))
}
