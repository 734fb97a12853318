//! The kinds of secret: 32 bytes each, wiped when dropped, compared in constant time, never printed.

use std::fmt;

use aws_lc_rs::constant_time;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::clock::Entropy;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The secret with exactly these bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// A new random secret.
            pub fn generate(entropy: &dyn Entropy) -> Self {
                let mut secret = Self([0; 32]);
                entropy.fill(&mut secret.0);
                secret
            }

            /// The secret itself. Named so that every place that touches it can be found.
            pub const fn expose(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    )*};
}

secrets! {
    /// Seals the content of one case, one document, one account or one tenant (AES-256).
    DataKey;
    /// Keys the blind indexes of one tenant (HMAC-SHA-256).
    IndexKey;
    /// The seed of an Ed25519 key that signs tree heads (RFC 8032, section 5.1.5).
    SigningSeed;
    /// Wraps the tenant keys of a key store (AES-256). Whoever holds it and the key store can read everything,
    /// so it is kept, and backed up, apart from the key store.
    MasterKey;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_can_be_printed() {
        let bytes = [0xAB; 32];
        for shown in [
            format!("{:?}", DataKey::from_bytes(bytes)),
            format!("{:?}", IndexKey::from_bytes(bytes)),
            format!("{:?}", SigningSeed::from_bytes(bytes)),
            format!("{:#?}", MasterKey::from_bytes(bytes)),
        ] {
            assert!(shown.ends_with("(redacted)"), "{shown}");
            assert!(!shown.contains("171") && !shown.to_lowercase().contains("ab, "));
        }
    }
}
