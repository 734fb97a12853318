//! The keys that an issuer publishes (RFC 7517), as far as its tokens may be signed with them.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde_json::Value;

/// How many keys of one issuer are looked at.
const KEYS_MAX: usize = 64;

/// One issuer's keys.
pub(super) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    /// By which of the issuer's algorithms it may be used.
    algorithms: Vec<Algorithm>,
    public: DecodingKey,
}

impl KeySet {
    /// Those keys of a key set that can check a signature by one of these algorithms. The others, and what is not a key
    /// at all, are left out: an issuer may publish more than we understand. `None` if it is not a key set.
    pub(super) fn read(document: &Value, algorithms: &[Algorithm]) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        let usable = keys.iter().take(KEYS_MAX).filter_map(|key| {
            let key: Jwk = serde_json::from_value(key.clone()).ok()?;
            let algorithms: Vec<Algorithm> = algorithms
                .iter()
                .copied()
                .filter(|algorithm| fits(&key, *algorithm))
                .collect();
            if algorithms.is_empty() {
                return None;
            }
            Some(Key {
                public: DecodingKey::from_jwk(&key).ok()?,
                id: key.common.key_id,
                algorithms,
            })
        });
        Some(Self(usable.collect()))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that a token names. A token that names none is checked with the only one that fits, if there is only one
    /// (OpenID Connect Core 1.0 §10.1).
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm))
            .filter(|key| id.is_none() || key.id.as_deref() == id);
        let first = fitting.next()?;
        (id.is_some() || fitting.next().is_none()).then_some(&first.public)
    }
}

/// Whether a key may check signatures by an algorithm: of its type and curve, and not meant for something else.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    let common = &key.common;
    let is_for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature))
        && common
            .key_operations
            .as_ref()
            .is_none_or(|uses| uses.contains(&KeyOperations::Verify));
    let is_for_algorithm = common
        .key_algorithm
        .is_none_or(|named| named.to_string().parse() == Ok(algorithm));
    let is_of_type = match (&key.algorithm, algorithm.family()) {
        (AlgorithmParameters::RSA(_), AlgorithmFamily::Rsa) => true,
        (AlgorithmParameters::EllipticCurve(key), AlgorithmFamily::Ec) => matches!(
            (&key.curve, algorithm),
            (EllipticCurve::P256, Algorithm::ES256) | (EllipticCurve::P384, Algorithm::ES384)
        ),
        (AlgorithmParameters::OctetKeyPair(key), AlgorithmFamily::Ed) => {
            key.curve == EllipticCurve::Ed25519
        }
        // A shared secret among public keys is nobody's signature.
        _ => false,
    };
    is_for_signatures && is_for_algorithm && is_of_type
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(extra: &Value) -> Value {
        let mut key = json!({ "kty": "RSA", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9", "e": "AQAB" });
        for (name, value) in extra.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    }

    fn read(keys: &[Value], algorithms: &[Algorithm]) -> KeySet {
        KeySet::read(&json!({ "keys": keys }), algorithms).unwrap()
    }

    #[test]
    fn a_key_is_used_for_what_it_is_for() {
        let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "a" });
        let p384 = json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA", "kid": "a" });
        for key in [
            rsa(&json!({ "kid": "a", "use": "enc" })),
            rsa(&json!({ "kid": "a", "alg": "RSA-OAEP" })),
            rsa(&json!({ "kid": "a", "alg": "RS512" })),
            rsa(&json!({ "kid": "a", "alg": "of tomorrow" })),
            rsa(&json!({ "kid": "a", "key_ops": ["encrypt"] })),
            secret,
            p384,
            json!({ "kty": "new" }),
            json!("no key"),
        ] {
            let keys = read(
                std::slice::from_ref(&key),
                &[Algorithm::RS256, Algorithm::ES256],
            );
            assert_eq!(keys.len(), 0, "{key}");
        }
        let keys = read(
            &[rsa(&json!({ "kid": "a", "use": "sig" }))],
            &[Algorithm::RS256],
        );
        assert!(keys.find(Some("a"), Algorithm::RS256).is_some());
        assert!(keys.find(Some("a"), Algorithm::PS256).is_none());
        assert!(keys.find(Some("a"), Algorithm::HS256).is_none());
        assert!(keys.find(Some("b"), Algorithm::RS256).is_none());
        let p256 = json!({
            "kty": "EC", "crv": "P-256", "kid": "a", "alg": "ES256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        let keys = read(&[p256], &[Algorithm::ES256, Algorithm::ES384]);
        assert!(keys.find(Some("a"), Algorithm::ES256).is_some());
        assert!(keys.find(Some("a"), Algorithm::ES384).is_none());
    }

    #[test]
    fn a_token_without_a_key_id_needs_an_issuer_with_one_key() {
        let one = rsa(&json!({ "kid": "a" }));
        let only = read(std::slice::from_ref(&one), &[Algorithm::RS256]);
        assert!(only.find(None, Algorithm::RS256).is_some());
        let two = read(&[one, rsa(&json!({ "kid": "b" }))], &[Algorithm::RS256]);
        assert!(two.find(None, Algorithm::RS256).is_none());
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for document in [json!(null), json!([]), json!({}), json!({ "keys": {} })] {
            assert!(KeySet::read(&document, &[Algorithm::RS256]).is_none());
        }
    }
}
