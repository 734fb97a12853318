//! Commitments: SHA-256 over a random salt and the plaintext.
//!
//! The envelope of an event holds the commitment, the sealed content holds the salt. Without the salt a
//! commitment says nothing, not even to someone who guesses the text; with it, anybody can check the text
//! without any key; and content can be encrypted anew without touching the log.

use aws_lc_rs::{constant_time, digest};

use crate::ids::Digest;

/// The commitment to a plaintext that is all in memory.
pub fn commit(salt: &[u8; 32], plaintext: &[u8]) -> Digest {
    let mut hasher = CommitmentHasher::new(salt);
    hasher.update(plaintext);
    hasher.finish()
}

/// The same commitment, computed piece by piece.
#[derive(Clone)]
pub struct CommitmentHasher(digest::Context);

impl CommitmentHasher {
    /// Begins with the salt.
    pub fn new(salt: &[u8; 32]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(salt);
        Self(context)
    }

    /// Adds the next piece of the plaintext. How it is cut into pieces makes no difference.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The commitment to all that was added.
    pub fn finish(self) -> Digest {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.finish().as_ref());
        Digest(bytes)
    }
}

impl std::fmt::Debug for CommitmentHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommitmentHasher(redacted)")
    }
}

/// Compares in constant time, so that how long a refusal takes says nothing about the content.
pub(super) fn same(one: &Digest, other: &Digest) -> bool {
    constant_time::verify_slices_are_equal(&one.0, &other.0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_commit_to_the_same_as_the_whole() {
        let salt = [7; 32];
        let mut hasher = CommitmentHasher::new(&salt);
        hasher.update(b"a note ");
        hasher.update(b"");
        hasher.update(b"about school");
        assert_eq!(hasher.finish(), commit(&salt, b"a note about school"));
        assert_ne!(
            commit(&[8; 32], b"a note about school"),
            commit(&salt, b"a note about school")
        );
    }

    #[test]
    fn a_commitment_is_plain_sha_256_so_that_anyone_can_check_it() {
        // SHA-256 of 32 zero bytes.
        assert_eq!(
            commit(&[0; 32], b"").to_string(),
            "Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU="
        );
    }
}
