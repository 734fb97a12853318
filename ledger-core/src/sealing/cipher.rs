//! AES-256-GCM (NIST SP 800-38D) as the rest of sealing uses it, and the encoding of associated data.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

/// Length of a nonce: 96 bits.
pub(super) const NONCE_BYTES: usize = 12;
/// Length of the authentication tag: 128 bits.
pub(super) const TAG_BYTES: usize = 16;

/// One key, ready to use. Its key schedule is wiped by the library when it is dropped.
pub(super) struct Cipher(LessSafeKey);

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM, key).expect("an AES-256 key has 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Encrypts `message[from..]` in place and appends the tag. The caller must have reserved room for the tag, so
    /// that the plaintext is not left behind in a buffer that grew; and must never give the same nonce twice.
    pub(super) fn seal_tail(
        &self,
        nonce: [u8; NONCE_BYTES],
        associated_data: &[u8],
        message: &mut Vec<u8>,
        from: usize,
    ) {
        debug_assert!(message.capacity() >= message.len() + TAG_BYTES);
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated_data),
                &mut message[from..],
            )
            .expect("a message of at most a few megabytes is far below the limit of AES-GCM");
        message.extend_from_slice(tag.as_ref());
    }

    /// Decrypts `sealed` (ciphertext and tag); `None` if anything about it, the nonce or the associated data is not as it was sealed.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        associated_data: &[u8],
        sealed: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self
            .0
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated_data),
                &mut buffer,
            )
            .ok()?
            .len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// Joins the parts so that no two lists of parts give the same bytes: each is preceded by its length
/// (4 bytes, big-endian). The first part names the use, so that a ciphertext made for one use can never be opened in another.
pub(super) fn associated_data(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(parts.iter().map(|part| part.len() + 4).sum());
    for part in parts {
        let length = u32::try_from(part.len()).expect("ids and labels are short");
        encoded.extend_from_slice(&length.to_be_bytes());
        encoded.extend_from_slice(part);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_between_parts_changes_the_associated_data() {
        assert_ne!(
            associated_data(&[b"ab", b"c"]),
            associated_data(&[b"a", b"bc"])
        );
        assert_ne!(associated_data(&[b"ab"]), associated_data(&[b"ab", b""]));
    }

    #[test]
    fn agrees_with_the_published_test_case_for_aes_256_gcm() {
        // The GCM specification (McGrew, Viega), test case 14: key, nonce and one block, all zero.
        let cipher = Cipher::new(&[0; 32]);
        let mut message = Vec::with_capacity(16 + TAG_BYTES);
        message.resize(16, 0);
        cipher.seal_tail([0; NONCE_BYTES], b"", &mut message, 0);
        let expected = [
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3,
            0x9d, 0x18, 0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5,
            0xd4, 0x8a, 0xb9, 0x19,
        ];
        assert_eq!(message, expected);
        assert_eq!(
            cipher.open([0; NONCE_BYTES], b"", &message).as_deref(),
            Some(&vec![0; 16])
        );
    }
}
