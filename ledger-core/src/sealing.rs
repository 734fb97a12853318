//! Sealing: how content becomes unreadable without its key, and unreadable for ever once its key is destroyed.
//!
//! Here belong the ciphers, the commitments to what was sealed and the blind indexes. What may be opened by whom is decided elsewhere; whoever calls [`open`] has already been allowed to.
//!
//! **Invariant: a plaintext leaves this module only after its authentication tag was checked**, and the
//! last part of it only after the commitment in the event's envelope was checked as well.
//!
//! **Invariant: no secret can be printed.** Every type that holds one writes `(redacted)` as its `Debug` and has no `Display`.

mod aead;
mod blind_index;
mod chunks;
mod cipher;
mod commitment;
mod secret;

pub use aead::{Binding, OpenError, Opened, SEALING_BYTES, Sealed, open, seal};
pub use blind_index::{BlindIndex, BlindIndexLabel};
pub use chunks::{
    CHUNK_BYTES, ChunkError, ChunkOpener, ChunkSealer, DOCUMENT_BYTES_MAX, OpenedDocument,
    SealedDocument, chunks_of,
};
pub use commitment::{CommitmentHasher, commit};
pub use secret::{DataKey, IndexKey, MasterKey, SigningSeed};
