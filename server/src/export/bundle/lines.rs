//! The JSON of a bundle, one type a kind of line or file.
//!
//! Bytes that a hash covers stand in base64, exactly as they were written, and beside them once more as readable JSON.
//! So a person can read the file, and a tool in any language can check it without knowing how JSON was written here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger_core::{
    clock::Timestamp,
    ids::{CaseId, Code, Digest, DocumentId, Position, TenantId},
    ledger::OpenedContent,
    log::{Origin, Receipt},
    store::StoredEvent,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

/// Bytes as they were written, in padded base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text);
        bytes
            .map(Self)
            .map_err(|_| D::Error::custom("not padded base64"))
    }
}

/// One event, in `events.jsonl`, `cited.jsonl` and `package-built.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EventLine {
    /// Its place in the ledger, and in its Merkle tree.
    pub(super) position: Position,
    /// `SHA-256(salt ‖ envelopeBytes)`: what stands in the tree.
    pub(super) leaf_entry: Digest,
    /// The salt of the leaf entry.
    pub(super) salt: Digest,
    /// The envelope as it was written.
    pub(super) envelope_bytes: Bytes,
    /// The same for reading.
    pub(super) envelope: Box<RawValue>,
    /// The sealed half, opened; absent where the event has none or it was destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<ContentPart>,
}

/// An opened content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ContentPart {
    /// The salt of the commitment.
    pub(super) salt: Digest,
    /// The content as it was sealed: `SHA-256(salt ‖ bytes)` is the envelope's `contentCommitment`.
    pub(super) bytes: Bytes,
    /// The same for reading.
    pub(super) json: Box<RawValue>,
}

impl EventLine {
    pub(super) fn new(
        event: &StoredEvent,
        content: Option<&OpenedContent>,
    ) -> Result<Self, serde_json::Error> {
        let content = content
            .map(|content| {
                Ok::<_, serde_json::Error>(ContentPart {
                    salt: content.salt,
                    bytes: Bytes(content.json.to_vec()),
                    json: serde_json::from_slice(&content.json)?,
                })
            })
            .transpose()?;
        Ok(Self {
            position: event.position,
            leaf_entry: event.leaf_entry,
            salt: event.salt,
            envelope_bytes: Bytes(event.envelope.clone()),
            envelope: serde_json::from_slice(&event.envelope)?,
            content,
        })
    }

    /// The event as a store would give it.
    pub(super) fn stored(&self) -> StoredEvent {
        StoredEvent {
            position: self.position,
            envelope: self.envelope_bytes.0.clone(),
            salt: self.salt,
            leaf_entry: self.leaf_entry,
        }
    }
}

/// One document, in `documents.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DocumentLine {
    /// Its id.
    pub(super) document: DocumentId,
    /// The event that added it; the event's content gives title and file name.
    pub(super) position: Position,
    /// The body's file within the bundle.
    pub(super) file: String,
    /// What kind of file.
    pub(super) format: Code,
    /// Length of the body in bytes.
    pub(super) size_bytes: u64,
    /// The salt of the commitment.
    pub(super) salt: Digest,
    /// `SHA-256(salt ‖ body)`, as the event says.
    pub(super) commitment: Digest,
}

/// The proof that one event stands in the ledger, in `inclusion.jsonl`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct InclusionLine {
    /// Its place.
    pub(super) position: Position,
    /// What stands there.
    pub(super) leaf_entry: Digest,
    /// The siblings on the way to the root in `head.txt` (RFC 6962 §2.1.1).
    pub(super) inclusion_proof: Vec<Digest>,
}

/// What the bundle covers: `cut.json`.
#[expect(
    clippy::struct_field_names,
    reason = "the field is called what events call it"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Cut {
    /// The package format.
    pub(super) format: Code,
    /// The version of its layout.
    pub(super) format_version: u16,
    /// Whose ledger.
    pub(super) tenant: TenantId,
    /// The name of the ledger's log.
    pub(super) origin: Origin,
    /// Which case.
    pub(super) case: CaseId,
    /// The last position that is covered.
    pub(super) cut: Position,
    /// The last version of the case's own stream.
    pub(super) case_version: u64,
    /// The last version of its views.
    pub(super) views_version: u64,
    /// The size of the tree in `head.txt`.
    pub(super) head_size: u64,
    /// When the bundle was written.
    pub(super) written_at: Timestamp,
}

/// The event that commits to the payload, with its receipt: `package-built.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PackageBuiltFile {
    /// The event.
    pub(super) event: EventLine,
    /// Its place in the ledger and the proof of it.
    pub(super) receipt: Receipt,
}
