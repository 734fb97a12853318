//! Whatever is done to the sealed chunks of a document, what is released is a true beginning of it, and the end is not reached.

use proptest::{prelude::*, sample::Index};

use super::*;
use crate::{clock::SystemEntropy, sealing::commit};

/// A sealed document as a store would hold it.
#[derive(Clone)]
struct Stored {
    key: DataKey,
    tenant: TenantId,
    document: DocumentId,
    commitment: Digest,
    chunks: Vec<(Vec<u8>, bool)>,
}

fn body(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn seal_again(key: &DataKey, body: &[u8]) -> Stored {
    let tenant: TenantId = "kvam".parse().expect("a tenant name");
    let document = DocumentId::from_ulid(7.into());
    let mut sealer = ChunkSealer::new(key, &tenant, document, &SystemEntropy);
    let chunks = chunks_of(body)
        .map(|(chunk, is_final)| (sealer.seal_next(chunk, is_final).expect("seals"), is_final))
        .collect();
    let end = sealer.finish().expect("is complete");
    assert_eq!(end.body_bytes, body.len() as u64);
    Stored {
        key: key.clone(),
        tenant,
        document,
        commitment: end.commitment,
        chunks,
    }
}

fn seal(body: &[u8]) -> Stored {
    seal_again(&DataKey::generate(&SystemEntropy), body)
}

impl Stored {
    /// What was released before the first failure, and how it ended.
    fn open(&self) -> (Vec<u8>, Result<OpenedDocument, ChunkError>) {
        let mut opener = ChunkOpener::new(&self.key, &self.tenant, self.document, self.commitment);
        let mut released = Vec::new();
        for (chunk, is_final) in &self.chunks {
            match opener.open_next(chunk, *is_final) {
                Ok(piece) => released.extend_from_slice(&piece),
                Err(error) => {
                    assert_eq!(
                        opener.open_next(chunk, *is_final),
                        Err(ChunkError::AlreadyFailed)
                    );
                    return (released, Err(error));
                }
            }
        }
        (released, opener.finish())
    }
}

#[test]
fn documents_of_every_shape_open_as_they_were_sealed() {
    for length in [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        3 * CHUNK_BYTES,
    ] {
        let body = body(length);
        let stored = seal(&body);
        let (released, end) = stored.open();
        let end = end.expect("is complete");
        assert!(
            released == body,
            "a body of {length} bytes came back changed"
        );
        assert_eq!(end.body_bytes, length as u64);
        assert_eq!(commit(&end.salt, &body), stored.commitment);
    }
}

#[test]
fn the_largest_document_is_sealed_and_one_byte_more_is_refused() {
    let key = DataKey::generate(&SystemEntropy);
    let tenant = "kvam".parse().expect("a tenant name");
    let full = vec![0; CHUNK_BYTES];
    let mut sealer = ChunkSealer::new(
        &key,
        &tenant,
        DocumentId::from_ulid(7.into()),
        &SystemEntropy,
    );
    for _ in 0..DOCUMENT_BYTES_MAX / CHUNK_BYTES as u64 {
        sealer.seal_next(&full, false).expect("fits");
    }
    assert_eq!(sealer.seal_next(&[0], true), Err(ChunkError::TooLarge));
    sealer.seal_next(&[], true).expect("an empty end fits");
    assert_eq!(
        sealer.finish().map(|sealed| sealed.body_bytes),
        Ok(DOCUMENT_BYTES_MAX)
    );
}

#[test]
fn a_sealer_wants_full_chunks_and_one_end() {
    let key = DataKey::generate(&SystemEntropy);
    let tenant = "kvam".parse().expect("a tenant name");
    let mut sealer = ChunkSealer::new(
        &key,
        &tenant,
        DocumentId::from_ulid(7.into()),
        &SystemEntropy,
    );
    let short = ChunkError::WrongLength { index: 0, given: 1 };
    assert_eq!(sealer.seal_next(&[0], false), Err(short));
    sealer.seal_next(&[0], true).expect("a short final chunk");
    assert_eq!(
        sealer.seal_next(&[0], true),
        Err(ChunkError::AfterFinalChunk)
    );

    let unfinished = ChunkSealer::new(
        &key,
        &tenant,
        DocumentId::from_ulid(7.into()),
        &SystemEntropy,
    );
    assert_eq!(
        unfinished.finish(),
        Err(ChunkError::FinalChunkMissing { chunks: 0 })
    );
}

#[test]
fn a_document_opens_under_its_own_id_tenant_and_key_only() {
    let stored = seal(b"a scanned letter");
    let others = [
        Stored {
            key: DataKey::generate(&SystemEntropy),
            ..stored.clone()
        },
        Stored {
            tenant: "voss".parse().expect("a tenant name"),
            ..stored.clone()
        },
        Stored {
            document: DocumentId::from_ulid(8.into()),
            ..stored.clone()
        },
    ];
    for other in others {
        assert_eq!(
            other.open(),
            (Vec::new(), Err(ChunkError::NotAuthentic { index: 0 }))
        );
    }
}

#[test]
fn the_end_of_a_replaced_document_is_not_released() {
    let original = seal(&body(CHUNK_BYTES + 10));
    let replaced = Stored {
        commitment: original.commitment,
        ..seal_again(&original.key, &body(CHUNK_BYTES + 9))
    };
    let (released, end) = replaced.open();
    assert_eq!(end, Err(ChunkError::NotCommitted));
    assert_eq!(released.len(), CHUNK_BYTES);
}

#[test]
fn neither_direction_prints_what_it_holds() {
    let key = DataKey::from_bytes([3; 32]);
    let tenant = "kvam".parse().expect("a tenant name");
    let document = DocumentId::from_ulid(7.into());
    let sealer = ChunkSealer::new(&key, &tenant, document, &SystemEntropy);
    let opener = ChunkOpener::new(&key, &tenant, document, Digest([0; 32]));
    assert_eq!(format!("{sealer:?}"), "ChunkSealer(0 chunks, redacted)");
    assert_eq!(format!("{opener:?}"), "ChunkOpener(0 chunks, redacted)");
    let end = OpenedDocument {
        salt: [9; 32],
        body_bytes: 5,
    };
    assert_eq!(format!("{end:?}"), "OpenedDocument(5 bytes, redacted)");
}

/// What someone with access to the stored chunks could do to them.
#[derive(Debug, Clone)]
enum Tampering {
    FlipBit {
        chunk: Index,
        byte: Index,
        bit: u8,
    },
    CutShort {
        chunk: Index,
        bytes: Index,
    },
    Lengthen {
        chunk: Index,
        by: u8,
    },
    FlipFinalFlag {
        chunk: Index,
    },
    LeaveOut {
        chunk: Index,
    },
    CutOffFrom {
        chunk: Index,
    },
    Repeat {
        chunk: Index,
    },
    Swap {
        one: Index,
        other: Index,
    },
    /// Of the same place in another sealing of the same body with the same key.
    TakeFromOtherSealing {
        chunk: Index,
    },
}

impl Tampering {
    /// Does it; `false` if that would change nothing.
    fn apply(&self, chunks: &mut Vec<(Vec<u8>, bool)>, other_sealing: &Stored) -> bool {
        let count = chunks.len();
        let place = |index: &Index| index.index(count);
        match self {
            Self::FlipBit { chunk, byte, bit } => {
                let bytes = &mut chunks[place(chunk)].0;
                let at = byte.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Self::CutShort { chunk, bytes } => {
                let chunk = &mut chunks[place(chunk)].0;
                chunk.truncate(bytes.index(chunk.len()));
            }
            Self::Lengthen { chunk, by } => {
                let at = place(chunk);
                chunks[at].0.push(*by);
            }
            Self::FlipFinalFlag { chunk } => {
                let at = place(chunk);
                chunks[at].1 ^= true;
            }
            Self::LeaveOut { chunk } => {
                chunks.remove(place(chunk));
            }
            Self::CutOffFrom { chunk } => chunks.truncate(place(chunk)),
            Self::Repeat { chunk } => {
                let at = place(chunk);
                chunks.insert(at, chunks[at].clone());
            }
            Self::Swap { one, other } => {
                let (one, other) = (place(one), place(other));
                chunks.swap(one, other);
                return one != other;
            }
            Self::TakeFromOtherSealing { chunk } => {
                let at = place(chunk);
                chunks[at] = other_sealing.chunks[at].clone();
                // A document of one chunk was replaced as a whole, which only the commitment can tell.
            }
        }
        true
    }
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let index = any::<Index>;
    prop_oneof![
        (index(), index(), 0_u8..8).prop_map(|(chunk, byte, bit)| Tampering::FlipBit {
            chunk,
            byte,
            bit
        }),
        (index(), index()).prop_map(|(chunk, bytes)| Tampering::CutShort { chunk, bytes }),
        (index(), any::<u8>()).prop_map(|(chunk, by)| Tampering::Lengthen { chunk, by }),
        index().prop_map(|chunk| Tampering::FlipFinalFlag { chunk }),
        index().prop_map(|chunk| Tampering::LeaveOut { chunk }),
        index().prop_map(|chunk| Tampering::CutOffFrom { chunk }),
        index().prop_map(|chunk| Tampering::Repeat { chunk }),
        (index(), index()).prop_map(|(one, other)| Tampering::Swap { one, other }),
        index().prop_map(|chunk| Tampering::TakeFromOtherSealing { chunk }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_tampering_with_the_chunks_goes_unnoticed(
        full_chunks in 0_usize..4,
        rest in prop_oneof![Just(0), 1..CHUNK_BYTES],
        tampering in tampering(),
    ) {
        let body = body(full_chunks * CHUNK_BYTES + rest);
        let mut stored = seal(&body);
        let other_sealing = seal_again(&stored.key, &body);
        prop_assume!(tampering.apply(&mut stored.chunks, &other_sealing));
        let (released, end) = stored.open();
        prop_assert!(end.is_err());
        prop_assert!(body.starts_with(&released), "released what was never sealed");
    }
}
