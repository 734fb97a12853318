//! Sealing the content of one event.
//!
//! Sealed content is `nonce (12 bytes) ‖ AES-256-GCM(salt (32 bytes) ‖ plaintext) ‖ tag (16 bytes)`. The nonce is random:
//! a key seals the events of one case, far fewer than the 2³² at which NIST SP 800-38D (section 8.3) draws the
//! line. AES-GCM alone does not commit to a key; the commitment, checked at every opening, does.

use std::fmt;

use zeroize::Zeroizing;

use super::{
    cipher::{Cipher, NONCE_BYTES, TAG_BYTES, associated_data},
    commitment::{commit, same},
    secret::DataKey,
};
use crate::{
    clock::Entropy,
    ids::{Digest, EventId, KeyId, TenantId},
};

const SALT_BYTES: usize = 32;

/// By how many bytes a sealed content is longer than its plaintext.
pub const SEALING_BYTES: usize = NONCE_BYTES + SALT_BYTES + TAG_BYTES;

/// What a sealed content belongs to. It opens under the same binding only, so content cannot be moved
/// to another event. Position and version are left out: they are not known yet when content is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Whose ledger.
    pub tenant: &'a TenantId,
    /// The event whose content this is.
    pub event: EventId,
    /// The key it is sealed with.
    pub key_id: KeyId,
}

impl Binding<'_> {
    fn associated_data(&self) -> Vec<u8> {
        associated_data(&[
            b"caseledger/content/v1",
            self.tenant.as_str().as_bytes(),
            self.event.to_string().as_bytes(),
            self.key_id.to_string().as_bytes(),
        ])
    }
}

/// A content that was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What is stored; [`SEALING_BYTES`] longer than the plaintext.
    pub ciphertext: Vec<u8>,
    /// What the envelope holds: SHA-256(salt ‖ plaintext).
    pub commitment: Digest,
}

/// A content that was opened, authentic and equal to what its envelope committed to.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// With the plaintext, lets anyone check the commitment without a key.
    pub salt: [u8; 32],
    /// What was sealed.
    pub plaintext: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} bytes, redacted)", self.plaintext.len())
    }
}

/// Why a content was not opened. Never says anything about the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Fewer bytes than any sealed content has.
    #[error(
        "the sealed content has {given} bytes, fewer than the {SEALING_BYTES} of an empty one: it was cut off; restore it from a backup"
    )]
    TooShort {
        /// The number of bytes given.
        given: usize,
    },
    /// Changed, moved from another event, or sealed with another key.
    #[error(
        "the sealed content is not authentic: it was changed, belongs to another event, or was sealed with another key; restore it from a backup"
    )]
    NotAuthentic,
    /// Authentic, yet not what the envelope committed to.
    #[error(
        "the content is not what the event committed to: it was replaced by someone who holds the key; run `caseledger verify`"
    )]
    NotCommitted,
}

/// Seals a content under a fresh salt and nonce.
pub fn seal(
    key: &DataKey,
    binding: &Binding<'_>,
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Sealed {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let mut salt = Zeroizing::new([0; SALT_BYTES]);
    entropy.fill(&mut *salt);

    let mut ciphertext = Vec::with_capacity(plaintext.len() + SEALING_BYTES);
    ciphertext.extend_from_slice(&nonce);
    ciphertext.extend_from_slice(&*salt);
    ciphertext.extend_from_slice(plaintext);
    Cipher::new(key.expose()).seal_tail(
        nonce,
        &binding.associated_data(),
        &mut ciphertext,
        NONCE_BYTES,
    );
    Sealed {
        ciphertext,
        commitment: commit(&salt, plaintext),
    }
}

/// Opens a content and checks it against the commitment of its envelope.
pub fn open(
    key: &DataKey,
    binding: &Binding<'_>,
    ciphertext: &[u8],
    expected: &Digest,
) -> Result<Opened, OpenError> {
    let too_short = OpenError::TooShort {
        given: ciphertext.len(),
    };
    if ciphertext.len() < SEALING_BYTES {
        return Err(too_short);
    }
    let (nonce, sealed) = ciphertext
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(too_short)?;
    let mut plaintext = Cipher::new(key.expose())
        .open(*nonce, &binding.associated_data(), sealed)
        .ok_or(OpenError::NotAuthentic)?;
    let salt = *plaintext
        .first_chunk::<SALT_BYTES>()
        .ok_or(OpenError::NotAuthentic)?;
    plaintext.drain(..SALT_BYTES);
    if same(&commit(&salt, &plaintext), expected) {
        Ok(Opened { salt, plaintext })
    } else {
        Err(OpenError::NotCommitted)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::SystemEntropy;

    fn tenant(name: &str) -> TenantId {
        name.parse().expect("a tenant name")
    }

    fn event(number: u128) -> EventId {
        EventId::from_ulid(number.into())
    }

    fn case(number: u128) -> KeyId {
        KeyId::Case(crate::ids::CaseId::from_ulid(number.into()))
    }

    #[test]
    fn content_opens_under_its_own_key_and_binding_only() {
        let (kvam, voss) = (tenant("kvam"), tenant("voss"));
        let key = DataKey::generate(&SystemEntropy);
        let binding = Binding {
            tenant: &kvam,
            event: event(1),
            key_id: case(2),
        };
        let sealed = seal(&key, &binding, b"Trives bedre i klassen", &SystemEntropy);
        let opened = open(&key, &binding, &sealed.ciphertext, &sealed.commitment).expect("opens");
        assert_eq!(opened.plaintext.as_slice(), b"Trives bedre i klassen");
        assert_eq!(commit(&opened.salt, &opened.plaintext), sealed.commitment);

        let elsewhere = [
            Binding {
                tenant: &voss,
                ..binding
            },
            Binding {
                event: event(2),
                ..binding
            },
            Binding {
                key_id: case(3),
                ..binding
            },
            Binding {
                key_id: KeyId::Tenant,
                ..binding
            },
        ];
        for other in elsewhere {
            assert_eq!(
                open(&key, &other, &sealed.ciphertext, &sealed.commitment),
                Err(OpenError::NotAuthentic)
            );
        }
        let other_key = DataKey::generate(&SystemEntropy);
        assert_eq!(
            open(&other_key, &binding, &sealed.ciphertext, &sealed.commitment),
            Err(OpenError::NotAuthentic)
        );
    }

    #[test]
    fn content_that_was_replaced_with_its_own_key_is_refused() {
        let kvam = tenant("kvam");
        let key = DataKey::generate(&SystemEntropy);
        let binding = Binding {
            tenant: &kvam,
            event: event(1),
            key_id: case(2),
        };
        let original = seal(&key, &binding, b"as it was", &SystemEntropy);
        let replaced = seal(&key, &binding, b"as it never was", &SystemEntropy);
        assert_eq!(
            open(&key, &binding, &replaced.ciphertext, &original.commitment),
            Err(OpenError::NotCommitted)
        );
    }

    #[test]
    fn the_same_text_sealed_twice_has_nothing_in_common() {
        let kvam = tenant("kvam");
        let key = DataKey::generate(&SystemEntropy);
        let binding = Binding {
            tenant: &kvam,
            event: event(1),
            key_id: case(2),
        };
        let [one, two] = [(); 2].map(|()| seal(&key, &binding, b"the same", &SystemEntropy));
        assert_ne!(one.ciphertext, two.ciphertext);
        assert_ne!(one.commitment, two.commitment);
    }

    #[test]
    fn opened_content_is_not_printed() {
        let opened = Opened {
            salt: [9; 32],
            plaintext: Zeroizing::new(b"Ola".to_vec()),
        };
        assert_eq!(format!("{opened:?}"), "Opened(3 bytes, redacted)");
    }

    proptest! {
        #[test]
        fn any_change_to_a_sealed_content_is_found(
            plaintext in proptest::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
            cut in 1_usize..300,
        ) {
            let kvam = tenant("kvam");
            let key = DataKey::generate(&SystemEntropy);
            let binding = Binding { tenant: &kvam, event: event(1), key_id: case(2) };
            let sealed = seal(&key, &binding, &plaintext, &SystemEntropy);
            prop_assert_eq!(sealed.ciphertext.len(), plaintext.len() + SEALING_BYTES);

            let mut flipped = sealed.ciphertext.clone();
            let at = at.index(flipped.len());
            flipped[at] ^= 1 << bit;
            prop_assert_eq!(open(&key, &binding, &flipped, &sealed.commitment), Err(OpenError::NotAuthentic));

            let shorter = &sealed.ciphertext[..sealed.ciphertext.len().saturating_sub(cut)];
            prop_assert!(open(&key, &binding, shorter, &sealed.commitment).is_err());

            let opened = open(&key, &binding, &sealed.ciphertext, &sealed.commitment);
            prop_assert_eq!(opened.map(|opened| opened.plaintext.to_vec()), Ok(plaintext));
        }
    }
}
