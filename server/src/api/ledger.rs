//! The ledger's proofs, open to everyone: signed heads, keys, receipts, consistency proofs, tiles. They reveal how many
//! events there are and nothing of any of them.
//!
//! `checkpoint` and `tile/…` stand where C2SP tlog-tiles expects them below `/v1/ledger`, so that others' tools can
//! follow this log.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use ledger_core::{
    ids::{Digest, Position},
    ledger::LedgerError,
    log::{Receipt, SignedHead, TilePath},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    negotiate,
    request::{Asked, Segments},
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

async fn newest_head(service: &Service) -> Result<SignedHead, ApiError> {
    let head = service.ledger().head(service.tenant()).await?;
    Ok(head.ok_or(LedgerError::NotFound)?)
}

/// Read the newest signed head
#[utoipa::path(
    get, path = "/ledger/head", tag = "ledger", operation_id = "readHead", security(()),
    responses((status = 200, description = "The head.", body = Head)),
)]
pub(super) async fn head(State(service): State<Service>) -> Result<Json<Head>, ApiError> {
    let signed = newest_head(&service).await?;
    let claimed = signed.claimed();
    Ok(Json(Head {
        origin: claimed.origin.to_string(),
        size: claimed.size,
        root: claimed.root,
        signed_head: signed.to_string(),
    }))
}

/// Read the newest signed head as others' tools read it
#[utoipa::path(
    get, path = "/ledger/checkpoint", tag = "ledger", operation_id = "readCheckpoint", security(()),
    responses(
        (status = 200, description = "A signed note (C2SP tlog-checkpoint).",
         body = String, content_type = "text/plain",
         example = "caseledger.localhost/solvik\n61\nYIK0rLqxXS4HtKEO0N4CEbmH4QF01e0uTXObhrHD0nk=\n\n…"),
    ),
)]
pub(super) async fn checkpoint(State(service): State<Service>) -> Result<Response, ApiError> {
    let signed = newest_head(&service).await?;
    Ok(([(CONTENT_TYPE, TEXT)], signed.to_string()).into_response())
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
    State(service): State<Service>,
    Asked(sizes): Asked<Sizes>,
) -> Result<Json<Consistency>, ApiError> {
    let Sizes { old, new } = sizes;
    let ledger = service.ledger();
    let proof = ledger.consistency(service.tenant(), old, new).await?;
    Ok(Json(Consistency { old, new, proof }))
}

/// Read a tile of the tree
#[utoipa::path(
    get, path = "/ledger/tile/{*tile}", tag = "ledger", operation_id = "readTile",
    description = "Hashes or leaf entries, as C2SP tlog-tiles lays them out, for example `0/000` or \
                   `entries/000.p/17`.",
    security(()),
    params(("tile" = String, Path, description = "Level or `entries`, and place.", example = "0/000")),
    responses(
        (status = 200, description = "The tile.",
         body = String, content_type = "application/octet-stream"),
    ),
)]
pub(super) async fn tile(
    State(service): State<Service>,
    Segments(tile): Segments<String>,
) -> Result<Response, ApiError> {
    let path: TilePath = format!("tile/{tile}")
        .parse()
        .map_err(|_| LedgerError::NotFound)?;
    let bytes = service.ledger().tile(service.tenant(), &path).await?;
    let octets = HeaderValue::from_static("application/octet-stream");
    Ok(([(CONTENT_TYPE, octets)], bytes).into_response())
}
