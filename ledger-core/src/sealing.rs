//! Sealing: how content becomes unreadable without its key, and unreadable for ever once its key is destroyed.
//!
//! Here belong the ciphers, the commitments to what was sealed, the blind indexes, and the [`Keyring`] that
//! holds every secret. What may be opened by whom is decided elsewhere; whoever calls [`open`] has already been allowed to.
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
mod keyring;
#[cfg(feature = "sqlite")]
mod master_key;
mod memory_keyring;
mod secret;
#[cfg(feature = "sqlite")]
mod sqlite_keyring;
#[cfg(all(test, feature = "sqlite"))]
mod stored_formats;
#[cfg(feature = "sqlite")]
mod wrapping;

pub use aead::{Binding, OpenError, Opened, SEALING_BYTES, Sealed, open, seal};
pub use blind_index::{BlindIndex, BlindIndexLabel};
pub use chunks::{
    CHUNK_BYTES, ChunkError, ChunkOpener, ChunkSealer, DOCUMENT_BYTES_MAX, OpenedDocument,
    SealedDocument, chunks_of,
};
pub use commitment::{CommitmentHasher, commit};
pub use keyring::{
    DestroyedKey, Destruction, KeyState, Keyring, KeyringError, KeyringSource, Origin,
    PublishedHead, StoredSigningKey,
};
#[cfg(feature = "sqlite")]
pub use master_key::MasterKeyError;
pub use memory_keyring::MemoryKeyring;
pub use secret::{DataKey, IndexKey, MasterKey, SigningSeed};
#[cfg(feature = "sqlite")]
pub use sqlite_keyring::SqliteKeyring;
