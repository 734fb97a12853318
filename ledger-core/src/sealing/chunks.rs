//! Sealing the body of a document, chunk by chunk, so that neither side holds a whole file in memory and
//! nothing unauthenticated is ever released.
//!
//! The plaintext is `salt (32 bytes) ‖ body`. The body is cut into chunks of [`CHUNK_BYTES`]; only the final one may be shorter (or
//! empty); the salt travels in front of the first. The salt is sealed with the body, not with the event's
//! other content, so that destroying the document's key also takes away the means to test a guess at the body.
//!
//! A sealed chunk is `prefix (7 bytes) ‖ AES-256-GCM(chunk) ‖ tag (16 bytes)`, with
//! `nonce = prefix ‖ index (4 bytes) ‖ final flag (1 byte)`: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár,
//! "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015). It is safe because
//! - within one sealing the index makes every nonce different, and [`ChunkSealer`] counts it itself;
//! - the prefix is random for each sealing; a document's key seals one document, a handful of times at most if
//!   an upload is repeated, and two of 56-bit prefixes meet only after about 2²⁸ sealings;
//! - all chunks of one sealing share the prefix, so that chunks of two sealings of the same document cannot be mixed,
//!   which a random nonce for each chunk would have allowed;
//! - index and final flag are authenticated, so that chunks cannot be reordered, repeated, left out or cut off at the end.

#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use super::{
    cipher::{Cipher, NONCE_BYTES, TAG_BYTES, associated_data},
    commitment::{CommitmentHasher, same},
    secret::DataKey,
};
use crate::{
    clock::Entropy,
    ids::{Digest, DocumentId, TenantId},
};

/// Length of every chunk of the body but the final one: 64 KiB. Large enough that the 23 bytes added to each do not
/// count (0.04 %), small enough that a slow download holds little memory.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// The longest body that is sealed: 25 MiB, what a scanned report of some hundred pages needs.
pub const DOCUMENT_BYTES_MAX: u64 = 25 * 1024 * 1024;

const PREFIX_BYTES: usize = 7;
const SALT_BYTES: usize = 32;

/// Why a chunk was not sealed or opened. Never says anything about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The body is longer than [`DOCUMENT_BYTES_MAX`].
    #[error(
        "the document is larger than {DOCUMENT_BYTES_MAX} bytes: split it, or scan it at a lower resolution"
    )]
    TooLarge,
    /// A chunk before the final one that is not full, or a final one that is too long.
    #[error(
        "chunk {index} has {given} bytes: every chunk must have {CHUNK_BYTES}, only the final one may have fewer"
    )]
    WrongLength {
        /// Which chunk, from 0.
        index: u32,
        /// Its length.
        given: usize,
    },
    /// Changed, cut, out of order, from another document or another sealing, or sealed with another key.
    #[error(
        "chunk {index} of the document is not authentic: it was changed, moved or left out; restore the document from a backup"
    )]
    NotAuthentic {
        /// The place, from 0, at which it was offered.
        index: u32,
    },
    /// Every chunk is authentic, yet the body is not what the event committed to.
    #[error(
        "the document is not what the event committed to: it was replaced by someone who holds the key; run `caseledger verify`"
    )]
    NotCommitted,
    /// The document stops before its final chunk.
    #[error(
        "the document stops after {chunks} chunks, before its final one: restore it from a backup"
    )]
    FinalChunkMissing {
        /// How many chunks there were.
        chunks: u32,
    },
    /// There is something after the final chunk.
    #[error(
        "there is another chunk after the final one: the document was added to; restore it from a backup"
    )]
    AfterFinalChunk,
    /// An earlier chunk has failed.
    #[error("an earlier chunk of the document has failed: begin again from the first")]
    AlreadyFailed,
}

/// A document whose every chunk was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedDocument {
    /// What the envelope holds: SHA-256(salt ‖ body).
    pub commitment: Digest,
    /// Length of the body in bytes.
    pub body_bytes: u64,
    /// Number of chunks; at least one.
    pub chunks: u32,
}

/// A document whose every chunk was opened, and that is what its envelope committed to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OpenedDocument {
    /// With the body, lets anyone check the commitment without a key.
    pub salt: [u8; 32],
    /// Length of the body in bytes.
    pub body_bytes: u64,
}

impl fmt::Debug for OpenedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedDocument({} bytes, redacted)", self.body_bytes)
    }
}

/// Cuts a body that is all in memory into chunks, each with whether it is the final one. An empty body is one empty chunk.
pub fn chunks_of(body: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let last = body.len().saturating_sub(1) / CHUNK_BYTES;
    (0..=last).map(move |index| {
        let from = index * CHUNK_BYTES;
        let until = body.len().min(from + CHUNK_BYTES);
        (&body[from..until], index == last)
    })
}

/// What both directions share: the key, what the chunks are bound to, and how far one has come.
struct Progress {
    cipher: Cipher,
    tenant: TenantId,
    document: DocumentId,
    next: u32,
    body_bytes: u64,
    final_seen: bool,
}

impl Progress {
    fn new(key: &DataKey, tenant: &TenantId, document: DocumentId) -> Self {
        Self {
            cipher: Cipher::new(key.expose()),
            tenant: tenant.clone(),
            document,
            next: 0,
            body_bytes: 0,
            final_seen: false,
        }
    }

    fn nonce(&self, prefix: [u8; PREFIX_BYTES], is_final: bool) -> [u8; NONCE_BYTES] {
        let mut nonce = [0; NONCE_BYTES];
        nonce[..PREFIX_BYTES].copy_from_slice(&prefix);
        nonce[PREFIX_BYTES..NONCE_BYTES - 1].copy_from_slice(&self.next.to_be_bytes());
        nonce[NONCE_BYTES - 1] = u8::from(is_final);
        nonce
    }

    fn associated_data(&self, is_final: bool) -> Vec<u8> {
        associated_data(&[
            b"caseledger/document/v1",
            self.tenant.as_str().as_bytes(),
            self.document.to_string().as_bytes(),
            &self.next.to_be_bytes(),
            &[u8::from(is_final)],
        ])
    }

    /// Checks that a chunk of the body of this length may come next, and gives the length of the body with it.
    fn check_length(&self, length: usize, is_final: bool) -> Result<u64, ChunkError> {
        let fits = if is_final {
            length <= CHUNK_BYTES
        } else {
            length == CHUNK_BYTES
        };
        if !fits {
            return Err(ChunkError::WrongLength {
                index: self.next,
                given: length,
            });
        }
        let body_bytes = self.body_bytes + length as u64;
        if body_bytes > DOCUMENT_BYTES_MAX {
            return Err(ChunkError::TooLarge);
        }
        Ok(body_bytes)
    }

    fn advance(&mut self, body_bytes: u64, is_final: bool) {
        self.next += 1;
        self.body_bytes = body_bytes;
        self.final_seen = is_final;
    }

    /// Whether the salt stands in front of the next chunk.
    fn salt_bytes(&self) -> usize {
        if self.next == 0 { SALT_BYTES } else { 0 }
    }
}

/// Seals the chunks of one document in their order.
pub struct ChunkSealer {
    progress: Progress,
    prefix: [u8; PREFIX_BYTES],
    salt: Zeroizing<[u8; SALT_BYTES]>,
    commitment: CommitmentHasher,
}

impl fmt::Debug for ChunkSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkSealer({} chunks, redacted)", self.progress.next)
    }
}

impl ChunkSealer {
    /// Begins a document with a fresh salt and prefix.
    pub fn new(
        key: &DataKey,
        tenant: &TenantId,
        document: DocumentId,
        entropy: &dyn Entropy,
    ) -> Self {
        let mut prefix = [0; PREFIX_BYTES];
        entropy.fill(&mut prefix);
        let mut salt = Zeroizing::new([0; SALT_BYTES]);
        entropy.fill(&mut *salt);
        Self {
            progress: Progress::new(key, tenant, document),
            prefix,
            commitment: CommitmentHasher::new(&salt),
            salt,
        }
    }

    /// Seals the next chunk of the body: [`CHUNK_BYTES`] long, or shorter and final.
    ///
    /// Nothing is sealed by a call that fails, so that it may be repeated with a chunk of the right length.
    pub fn seal_next(&mut self, plaintext: &[u8], is_final: bool) -> Result<Vec<u8>, ChunkError> {
        let progress = &mut self.progress;
        if progress.final_seen {
            return Err(ChunkError::AfterFinalChunk);
        }
        let body_bytes = progress.check_length(plaintext.len(), is_final)?;
        let mut sealed =
            Vec::with_capacity(PREFIX_BYTES + SALT_BYTES + plaintext.len() + TAG_BYTES);
        sealed.extend_from_slice(&self.prefix);
        sealed.extend_from_slice(&self.salt[..progress.salt_bytes()]);
        sealed.extend_from_slice(plaintext);
        progress.cipher.seal_tail(
            progress.nonce(self.prefix, is_final),
            &progress.associated_data(is_final),
            &mut sealed,
            PREFIX_BYTES,
        );
        self.commitment.update(plaintext);
        progress.advance(body_bytes, is_final);
        Ok(sealed)
    }

    /// Ends the document; fails if its final chunk was not sealed.
    pub fn finish(self) -> Result<SealedDocument, ChunkError> {
        if !self.progress.final_seen {
            return Err(ChunkError::FinalChunkMissing {
                chunks: self.progress.next,
            });
        }
        Ok(SealedDocument {
            commitment: self.commitment.finish(),
            body_bytes: self.progress.body_bytes,
            chunks: self.progress.next,
        })
    }
}

/// Opens the chunks of one document in their order.
pub struct ChunkOpener {
    progress: Progress,
    expected: Digest,
    first: Option<First>,
    failed: bool,
}

/// What the first chunk told.
struct First {
    prefix: [u8; PREFIX_BYTES],
    salt: Zeroizing<[u8; SALT_BYTES]>,
    commitment: CommitmentHasher,
}

impl fmt::Debug for ChunkOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkOpener({} chunks, redacted)", self.progress.next)
    }
}

impl ChunkOpener {
    /// Begins a document whose envelope committed to `expected`.
    pub fn new(key: &DataKey, tenant: &TenantId, document: DocumentId, expected: Digest) -> Self {
        Self {
            progress: Progress::new(key, tenant, document),
            expected,
            first: None,
            failed: false,
        }
    }

    /// Opens the next chunk and gives its part of the body. The final chunk is given only if the whole body is
    /// what the event committed to. After an error nothing more is opened.
    pub fn open_next(
        &mut self,
        ciphertext: &[u8],
        is_final: bool,
    ) -> Result<Zeroizing<Vec<u8>>, ChunkError> {
        if self.failed {
            return Err(ChunkError::AlreadyFailed);
        }
        let outcome = self.try_open_next(ciphertext, is_final);
        self.failed = outcome.is_err();
        outcome
    }

    fn try_open_next(
        &mut self,
        ciphertext: &[u8],
        is_final: bool,
    ) -> Result<Zeroizing<Vec<u8>>, ChunkError> {
        let progress = &mut self.progress;
        let not_authentic = ChunkError::NotAuthentic {
            index: progress.next,
        };
        if progress.final_seen {
            return Err(ChunkError::AfterFinalChunk);
        }
        let salt_bytes = progress.salt_bytes();
        // The length of the body follows from that of the ciphertext, so an overlong one is refused before any work.
        let body_length = ciphertext
            .len()
            .checked_sub(PREFIX_BYTES + salt_bytes + TAG_BYTES)
            .ok_or(not_authentic)?;
        let body_bytes = progress.check_length(body_length, is_final)?;
        let (prefix, sealed) = ciphertext
            .split_first_chunk::<PREFIX_BYTES>()
            .ok_or(not_authentic)?;
        if self
            .first
            .as_ref()
            .is_some_and(|first| first.prefix != *prefix)
        {
            return Err(not_authentic);
        }
        let mut chunk = progress
            .cipher
            .open(
                progress.nonce(*prefix, is_final),
                &progress.associated_data(is_final),
                sealed,
            )
            .ok_or(not_authentic)?;

        let first = match &mut self.first {
            Some(first) => first,
            none => {
                let salt = Zeroizing::new(*chunk.first_chunk().ok_or(not_authentic)?);
                chunk.drain(..SALT_BYTES);
                none.insert(First {
                    prefix: *prefix,
                    commitment: CommitmentHasher::new(&salt),
                    salt,
                })
            }
        };
        first.commitment.update(&chunk);
        if is_final && !same(&first.commitment.clone().finish(), &self.expected) {
            return Err(ChunkError::NotCommitted);
        }
        progress.advance(body_bytes, is_final);
        Ok(chunk)
    }

    /// Ends the document; fails if its final chunk was not opened. Without this call a body that was cut off would
    /// look complete.
    pub fn finish(self) -> Result<OpenedDocument, ChunkError> {
        match self.first {
            _ if self.failed => Err(ChunkError::AlreadyFailed),
            Some(first) if self.progress.final_seen => Ok(OpenedDocument {
                salt: *first.salt,
                body_bytes: self.progress.body_bytes,
            }),
            _ => Err(ChunkError::FinalChunkMissing {
                chunks: self.progress.next,
            }),
        }
    }
}
