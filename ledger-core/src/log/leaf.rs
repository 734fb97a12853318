//! The hashes at the bottom of the log: commitments to content, leaf entries, leaves and nodes.

use aws_lc_rs::digest::{self, Context, SHA256};

use crate::ids::Digest;

/// The root of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
pub const EMPTY_ROOT: Digest = Digest([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Set before a leaf's input, so that a leaf can never be passed off as a node (RFC 6962 §2.1).
const LEAF_PREFIX: u8 = 0x00;
/// Set before the two children of a node.
const NODE_PREFIX: u8 = 0x01;

/// The 32 bytes that stand in the log for an event: `SHA-256(salt ‖ envelope bytes)`.
///
/// The salt is random and stored with the event. Without it nobody can test a guess at the envelope against the log.
pub fn leaf_entry(salt: &[u8; 32], envelope_bytes: &[u8]) -> Digest {
    salted(salt, envelope_bytes)
}

/// What an envelope says of its content: `SHA-256(salt ‖ plaintext)`, with a salt of its own that is sealed with the content.
///
/// It covers the plaintext, not the ciphertext, so content can be sealed again under another key.
pub fn content_commitment(salt: &[u8; 32], plaintext: &[u8]) -> Digest {
    salted(salt, plaintext)
}

/// The tree's hash of one leaf entry: `SHA-256(0x00 ‖ entry)` (RFC 6962 §2.1).
pub fn leaf_hash(entry: Digest) -> Digest {
    let mut input = [LEAF_PREFIX; 33];
    input[1..].copy_from_slice(&entry.0);
    sha256(&input)
}

/// The tree's hash of two children: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962 §2.1).
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut input = [NODE_PREFIX; 65];
    input[1..33].copy_from_slice(&left.0);
    input[33..].copy_from_slice(&right.0);
    sha256(&input)
}

/// A [`content_commitment`] to a document that arrives in pieces and is never whole in memory.
pub struct CommitmentHasher(Context);

impl CommitmentHasher {
    /// Begins a commitment with its salt.
    pub fn new(salt: &[u8; 32]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(salt);
        Self(context)
    }

    /// Adds the next piece. How the plaintext is cut makes no difference.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The commitment to all pieces given.
    pub fn finish(self) -> Digest {
        to_digest(&self.0.finish())
    }
}

/// Plain SHA-256; allocates nothing.
pub(super) fn sha256(input: &[u8]) -> Digest {
    to_digest(&digest::digest(&SHA256, input))
}

fn salted(salt: &[u8; 32], bytes: &[u8]) -> Digest {
    let mut hasher = CommitmentHasher::new(salt);
    hasher.update(bytes);
    hasher.finish()
}

fn to_digest(digest: &digest::Digest) -> Digest {
    Digest(
        digest
            .as_ref()
            .try_into()
            .expect("SHA-256 gives exactly 32 bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_root_is_the_hash_of_nothing() {
        assert_eq!(EMPTY_ROOT, sha256(b""));
    }

    #[test]
    fn a_commitment_does_not_depend_on_how_a_document_is_cut() {
        let document: Vec<u8> = (0..=255).cycle().take(5_000).collect();
        let whole = content_commitment(&[7; 32], &document);
        for size in [1, 63, 64, 4_096, 5_000] {
            let mut hasher = CommitmentHasher::new(&[7; 32]);
            for piece in document.chunks(size) {
                hasher.update(piece);
            }
            assert_eq!(hasher.finish(), whole, "in pieces of {size}");
        }
    }

    #[test]
    fn a_commitment_is_the_hash_of_salt_and_bytes() {
        let mut input = vec![9; 32];
        input.extend_from_slice(b"moved in with his aunt");
        let expected = sha256(&input);
        assert_eq!(
            content_commitment(&[9; 32], b"moved in with his aunt"),
            expected
        );
        assert_eq!(leaf_entry(&[9; 32], b"moved in with his aunt"), expected);
        assert_ne!(
            content_commitment(&[8; 32], b"moved in with his aunt"),
            expected
        );
    }

    #[test]
    fn a_leaf_cannot_be_mistaken_for_a_node() {
        let entry = sha256(b"entry");
        assert_eq!(leaf_hash(entry), sha256(&[&[0][..], &entry.0].concat()));
        assert_eq!(
            node_hash(entry, EMPTY_ROOT),
            sha256(&[&[1][..], &entry.0, &EMPTY_ROOT.0].concat())
        );
    }
}
