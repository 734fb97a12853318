//! Who signs a log's heads: its origin, its signing keys, and the verifier keys that go to everybody.

use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::leaf::sha256;
use crate::ids::serde_as_text;

/// The signature type byte of Ed25519 (C2SP signed-note, "Signature types").
const ED25519_TYPE: u8 = 0x01;

/// A log's unique name, for example `caseledger.example/solvik`; also the name of its keys.
///
/// A URL without scheme is recommended, which need not lead anywhere. 1 to 255 bytes without Unicode spaces, control
/// characters or `+` (C2SP signed-note, "Format").
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(Box<str>);

impl Origin {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An origin or a verifier key that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a name that a log may have.
    #[error(
        "{0:?} is not a log origin: it takes 1 to 255 bytes without spaces, control characters or '+', such as 'caseledger.example/solvik'"
    )]
    Origin(String),
    /// Not of the form `name+hex+base64`.
    #[error(
        "{0:?} is not a verifier key: it takes the form '<origin>+<8 hexadecimal digits>+<base64>'"
    )]
    Form(String),
    /// A key for another kind of signature.
    #[error(
        "the verifier key of {origin} is not an Ed25519 key (type 1), the only kind that logs here sign with"
    )]
    NotEd25519 {
        /// The key's name.
        origin: Origin,
    },
    /// The key id does not follow from name and key.
    #[error(
        "the verifier key of {origin} has the id {found:08x}, but its name and key give {expected:08x}: it was altered or mistyped"
    )]
    Id {
        /// The key's name.
        origin: Origin,
        /// The id as written.
        found: u32,
        /// The id that follows from name and key.
        expected: u32,
    },
}

/// An error shows this much of what was given.
const SHOWN_CHARS_MAX: usize = 80;

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

impl FromStr for Origin {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if (1..=255).contains(&text.len()) && !text.contains(forbidden) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKey::Origin(shown(text)))
        }
    }
}

serde_as_text!(Origin);

/// A log's private Ed25519 key. It never leaves the process; the seed lives in the key store.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key that this seed (RFC 8032 §5.1.5) gives.
    ///
    /// The seed is borrowed, so that the caller's zeroizing buffer is the only copy outside of the key pair itself.
    pub fn from_seed(origin: Origin, seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .expect("every 32 bytes are a seed of Ed25519");
        let public_key = pair
            .public_key()
            .as_ref()
            .try_into()
            .expect("an Ed25519 public key has 32 bytes");
        Self {
            pair,
            verifier: VerifierKey::new(origin, public_key),
        }
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The Ed25519 signature of these bytes; the same every time.
    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.pair.sign(text).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier)
    }
}

/// A log's public key, written `name+id+key` as C2SP tools expect ("vkey").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    origin: Origin,
    id: u32,
    public_key: [u8; 32],
}

impl VerifierKey {
    /// The key of this name. Bytes that are no point of the curve verify nothing.
    pub fn new(origin: Origin, public_key: [u8; 32]) -> Self {
        let mut named = origin.as_str().as_bytes().to_vec();
        named.extend_from_slice(&[b'\n', ED25519_TYPE]);
        named.extend_from_slice(&public_key);
        let [a, b, c, d, ..] = sha256(&named).0;
        Self {
            origin,
            id: u32::from_be_bytes([a, b, c, d]),
            public_key,
        }
    }

    /// The log whose heads this key verifies.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key id: the first four bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)` (C2SP signed-note, "Signatures").
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The Ed25519 public key (RFC 8032 §5.1.5).
    pub fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// Whether this is the key's signature of these bytes.
    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public_key)
            .verify(text, signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut typed = [ED25519_TYPE; 33];
        typed[1..].copy_from_slice(&self.public_key);
        write!(
            f,
            "{}+{:08x}+{}",
            self.origin,
            self.id,
            STANDARD.encode(typed)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let form = || InvalidKey::Form(shown(text));
        // Only the first two '+' divide: base64 has that sign too.
        let mut parts = text.splitn(3, '+');
        let (Some(origin), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form());
        };
        let origin: Origin = origin.parse()?;
        if id.len() != 8 || !id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(form());
        }
        let found = u32::from_str_radix(id, 16).map_err(|_| form())?;
        let typed = STANDARD.decode(key).map_err(|_| form())?;
        let (kind, public_key) = typed.split_first().ok_or_else(form)?;
        if *kind != ED25519_TYPE {
            return Err(InvalidKey::NotEd25519 { origin });
        }
        let key = Self::new(origin, public_key.try_into().map_err(|_| form())?);
        if key.id != found {
            return Err(InvalidKey::Id {
                expected: key.id,
                origin: key.origin,
                found,
            });
        }
        Ok(key)
    }
}

serde_as_text!(VerifierKey);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::tests::reference::unhex;

    /// The verifier key in the documentation of Go's `note` package, from which C2SP signed-note arose.
    const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_published_verifier_key_reads_back_as_written() {
        let key: VerifierKey = NEUMANN.parse().unwrap();
        assert_eq!(key.id(), 0xc74f_20a3);
        assert_eq!(key.origin().as_str(), "PeterNeumann");
        assert_eq!(key.to_string(), NEUMANN);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("{NEUMANN:?}"));
        assert_eq!(serde_json::from_str::<VerifierKey>(&json).unwrap(), key);
    }

    #[test]
    fn an_altered_verifier_key_is_refused() {
        let altered = NEUMANN.replace("Peter", "Petra");
        assert!(matches!(
            altered.parse::<VerifierKey>(),
            Err(InvalidKey::Id { .. })
        ));
        let other_type = NEUMANN.replace("+AR", "+BB");
        assert!(matches!(
            other_type.parse::<VerifierKey>(),
            Err(InvalidKey::NotEd25519 { .. })
        ));
        for text in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a3",
            "PeterNeumann+c74f20a3+",
            "PeterNeumann+c74f20a3+A",
            "PeterNeumann+c74f20a3+ARpc",
            "PeterNeumann+c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann++c74f20a+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert!(
                text.parse::<VerifierKey>().is_err(),
                "{text:?} was accepted"
            );
        }
    }

    #[test]
    fn an_origin_holds_no_space_plus_or_line_break() {
        assert!("caseledger.example/kvam".parse::<Origin>().is_ok());
        let long = "x".repeat(256);
        for text in [
            "",
            "a b",
            "a+b",
            "a\n",
            "a\u{a0}b",
            "a\u{2003}b",
            "a\0",
            &long,
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn debug_output_shows_only_the_public_half() {
        let seed = [0x5e; 32];
        let key = SigningKey::from_seed("log.example".parse().unwrap(), &seed);
        assert_eq!(
            format!("{key:?}"),
            format!("SigningKey({})", key.verifier())
        );
    }

    #[test]
    fn the_first_vector_of_the_ed25519_standard_holds() {
        // RFC 8032 §7.1, TEST 1: the signature of nothing.
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = unhex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        let origin: Origin = "log.example".parse().unwrap();
        let key = SigningKey::from_seed(origin, &seed.try_into().unwrap());
        assert_eq!(key.verifier().public_key(), public.as_slice());
        assert_eq!(key.sign(b""), signature);
        assert!(key.verifier().verifies(b"", &signature));
        assert!(!key.verifier().verifies(b"x", &signature));
    }
}
