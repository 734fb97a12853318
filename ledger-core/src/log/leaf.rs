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

/// Plain SHA-256; allocates nothing.
pub(super) fn sha256(input: &[u8]) -> Digest {
    to_digest(&digest::digest(&SHA256, input))
}

fn salted(salt: &[u8; 32], bytes: &[u8]) -> Digest {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(bytes);
    to_digest(&context.finish())
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
    fn a_leaf_entry_is_the_hash_of_salt_and_envelope() {
        let mut input = vec![9; 32];
        input.extend_from_slice(b"{\"tenant\":\"kvam\"}");
        let envelope = &input[32..];
        assert_eq!(leaf_entry(&[9; 32], envelope), sha256(&input));
        assert_ne!(leaf_entry(&[8; 32], envelope), sha256(&input));
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
