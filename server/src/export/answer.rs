//! An auditor's answer as one file that somebody else can check, offline and with other people's tools: the answer, every
//! event that it cites as it was written, with salt and inclusion proof, the signed head that these lead to, and the
//! public keys.
//!
//! What can be checked: that every event that the answer speaks of stands in the ledger, and says what the answer says of
//! it; that the answer was asked, and over which ledger it was computed; and of the case's own events and its views, that
//! none was left out. What cannot: whether the rules were applied rightly. For that they are applied again, to the same
//! events.

mod verify;
mod write;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger_core::{
    ids::{Code, Digest, Position, TenantId},
    ledger::ComputedAt,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::{
    verify::{AnswerVerification, Complaint, verify, verify_with},
    write::{AnswerError, Question, write},
};

/// The name of the form.
const FORMAT: &str = "caseledger-answer";
/// Its version. A later one is read by later programs, which keep on reading this one.
const FORMAT_VERSION: u16 = 1;

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnswerFile {
    /// [`FORMAT`].
    format: String,
    /// [`FORMAT_VERSION`].
    format_version: u16,
    /// Whose ledger.
    tenant: TenantId,
    /// What was asked, as the event of the answer says it.
    question: Code,
    /// Whether everything was asked for, and not only a part: then nothing may be missing from it.
    whole: bool,
    /// The answer, as the command line prints it.
    answer: Box<RawValue>,
    /// The event that the answer left.
    asked: Position,
    /// The ledger that the answer was computed over.
    over: ComputedAt,
    /// The positions that it cites.
    cited: Vec<Position>,
    /// The signed head that every proof leads to (C2SP signed note).
    head: String,
    /// That the ledger of the head begins with that of the answer (RFC 6962 §2.1.2).
    consistency_proof: Vec<Digest>,
    /// The public keys of the ledger (C2SP vkey).
    keys: Vec<String>,
    /// The events, in order.
    events: Vec<ProvenEvent>,
}

/// An event with the proof that it stands in the ledger.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProvenEvent {
    /// Its place in the ledger, and in its Merkle tree.
    position: Position,
    /// `SHA-256(salt ‖ envelopeBytes)`: what stands in the tree.
    leaf_entry: Digest,
    /// The salt of the leaf entry.
    salt: Digest,
    /// The envelope as it was written, in base64.
    envelope_bytes: String,
    /// The same for reading.
    envelope: Box<RawValue>,
    /// The siblings on the way to the root in the head (RFC 6962 §2.1.1).
    inclusion_proof: Vec<Digest>,
}

impl ProvenEvent {
    fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.envelope_bytes).ok()
    }
}
