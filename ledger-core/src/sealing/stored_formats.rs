//! The formats in which sealed things are stored, pinned: whatever changes one of these bytes makes stored content unreadable.
//!
//! The expected bytes were computed with another implementation (pyca/cryptography 48), from the layouts that the
//! modules describe, with a source of randomness that counts 0, 1, 2, ….

use std::sync::atomic::{AtomicU8, Ordering};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Binding, ChunkSealer, DataKey, seal,
    wrapping::{Place, wrap},
};
use crate::{
    clock::Entropy,
    ids::{DocumentId, EventId, KeyId, TenantId},
};

#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

fn kvam() -> TenantId {
    "kvam".parse().expect("a tenant name")
}

#[test]
fn sealed_content_keeps_its_format() {
    let binding = Binding {
        tenant: &kvam(),
        event: EventId::from_ulid(1.into()),
        key_id: KeyId::Tenant,
    };
    let key = DataKey::from_bytes([1; 32]);
    let sealed = seal(&key, &binding, b"Trives", &Counting::default());
    assert_eq!(
        STANDARD.encode(sealed.ciphertext),
        "AAECAwQFBgcICQoLt6ubKTDvFGrqf/HTOHDSuLLbdRXVsGcjVe8ep4muF5kGobPSFLBQxU62gXLR9PZWDyeqRoL2"
    );
    assert_eq!(
        sealed.commitment.to_string(),
        "b2q6pUFLjzp4DxsN8HUzAIuLwhe5XwT74jodpzDrqPA="
    );
}

#[test]
fn a_sealed_chunk_keeps_its_format() {
    let key = DataKey::from_bytes([1; 32]);
    let document = DocumentId::from_ulid(7.into());
    let mut sealer = ChunkSealer::new(&key, &kvam(), document, &Counting::default());
    let chunk = sealer.seal_next(b"Trives", true).expect("seals");
    assert_eq!(
        STANDARD.encode(chunk),
        "AAECAwQFBrviIImzAshR5KLXd6kBdMLIogwAXvugShVrtVeYNlGojflswmYqSiaHUOwXrNnlj2v5tGafcA=="
    );
    assert_eq!(
        sealer.finish().expect("is complete").commitment.to_string(),
        "OahDTTy9PHxSYScwaFzZumWxxQ/+W34ylXc6LBNG6t4="
    );
}

#[test]
fn a_wrapped_key_keeps_its_format() {
    let place = Place {
        kind: "data_key",
        tenant: "kvam",
        name: "tenant",
    };
    let wrapped = wrap(&[1; 32], place, &[2; 32], &Counting::default());
    assert_eq!(
        STANDARD.encode(wrapped),
        "AAECAwQFBgcICQoLuaSXJCL8BHv8aOXGImvKoazEaQj3k0cCc8g6gqOFP7BNv1jXHF0m+FnvWdOu8fWw"
    );
}
