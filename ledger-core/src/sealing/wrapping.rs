//! Wrapping: how a secret is stored under another secret.
//!
//! A wrapped secret is `nonce (12 bytes) ‖ AES-256-GCM(secret (32 bytes)) ‖ tag (16 bytes)`, 60 bytes, bound to what it
//! is, to its tenant and to its name, so that a record cannot be put in another's place.

use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE_BYTES, TAG_BYTES, associated_data};
use crate::clock::Entropy;

/// Length of a wrapped secret.
pub(super) const WRAPPED_BYTES: usize = NONCE_BYTES + 32 + TAG_BYTES;

/// Which record a wrapped secret belongs to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// What kind of secret, for example `data_key`. Never change one: stored secrets would not open.
    pub(super) kind: &'static str,
    /// Whose; empty for the store itself.
    pub(super) tenant: &'a str,
    /// Which of them; empty where there is only one.
    pub(super) name: &'a str,
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        associated_data(&[
            b"caseledger/wrapped/v1",
            self.kind.as_bytes(),
            self.tenant.as_bytes(),
            self.name.as_bytes(),
        ])
    }
}

pub(super) fn wrap(
    under: &[u8; 32],
    place: Place<'_>,
    secret: &[u8; 32],
    entropy: &dyn Entropy,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    let mut wrapped = Vec::with_capacity(WRAPPED_BYTES);
    wrapped.extend_from_slice(&nonce);
    wrapped.extend_from_slice(secret);
    Cipher::new(under).seal_tail(nonce, &place.associated_data(), &mut wrapped, NONCE_BYTES);
    wrapped
}

/// `None` if it was wrapped under another secret, for another place, or was changed.
pub(super) fn unwrap(
    under: &[u8; 32],
    place: Place<'_>,
    wrapped: &[u8],
) -> Option<Zeroizing<[u8; 32]>> {
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>()?;
    let secret = Cipher::new(under).open(*nonce, &place.associated_data(), sealed)?;
    secret.as_slice().try_into().ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn a_wrapped_secret_opens_in_its_own_place_only() {
        let place = Place {
            kind: "data_key",
            tenant: "kvam",
            name: "case/1",
        };
        let wrapped = wrap(&[1; 32], place, &[2; 32], &SystemEntropy);
        assert_eq!(wrapped.len(), WRAPPED_BYTES);
        assert_eq!(unwrap(&[1; 32], place, &wrapped).as_deref(), Some(&[2; 32]));
        for (under, place) in [
            ([3; 32], place),
            (
                [1; 32],
                Place {
                    kind: "index_key",
                    ..place
                },
            ),
            (
                [1; 32],
                Place {
                    tenant: "voss",
                    ..place
                },
            ),
            (
                [1; 32],
                Place {
                    name: "case/2",
                    ..place
                },
            ),
        ] {
            assert!(unwrap(&under, place, &wrapped).is_none());
        }
    }
}
