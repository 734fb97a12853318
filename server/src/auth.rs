//! Who is calling: a bearer token is verified and gives a [`Caller`]. What a caller may do is decided by the rules of
//! the ledger, never here.
//!
//! One [`TokenVerifier`] an issuer. A new kind of issuer is a new file in the folder beside this one and a line where
//! the service is put together.

pub mod dev;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use ledger_core::ledger::Caller;

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Why nobody is signed in. Says nothing about what was wrong with a token: that helps nobody but a forger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// There is no bearer token.
    #[error(
        "this needs a sign-in: send the header 'Authorization: Bearer' with a token of your identity provider"
    )]
    Missing,
    /// There is one, but it is not valid here and now.
    #[error(
        "the token is not valid: it may have expired, be meant for another service or another tenant; sign in again"
    )]
    Invalid,
}

/// Verifies the tokens of one issuer.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// Whose token it is; `None` if this issuer did not issue it, or it is not valid here and now.
    async fn verify(&self, token: &str) -> Option<Caller>;
}

/// Every issuer whose word is taken.
#[derive(Clone, Default)]
pub struct Issuers(Vec<Arc<dyn TokenVerifier>>);

impl Issuers {
    /// These issuers.
    pub fn new(verifiers: Vec<Arc<dyn TokenVerifier>>) -> Self {
        Self(verifiers)
    }

    /// Who is calling, by the request's header.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, SignInError> {
        let token = bearer_token(headers)?;
        for verifier in &self.0 {
            if let Some(caller) = verifier.verify(token).await {
                return Ok(caller);
            }
        }
        Err(SignInError::Invalid)
    }
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's name is not case-sensitive.
fn bearer_token(headers: &HeaderMap) -> Result<&str, SignInError> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(SignInError::Missing);
    };
    let value = value.to_str().map_err(|_| SignInError::Invalid)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            let token = token.trim();
            if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
                return Err(SignInError::Invalid);
            }
            Ok(token)
        }
        _ => Err(SignInError::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        headers
    }

    #[test]
    fn only_one_bearer_token_is_taken() {
        assert_eq!(bearer_token(&with("Bearer a.b.c")), Ok("a.b.c"));
        assert_eq!(bearer_token(&with("bearer a.b.c")), Ok("a.b.c"));
        assert_eq!(bearer_token(&with("Basic YTpi")), Err(SignInError::Missing));
        assert_eq!(bearer_token(&with("Bearer ")), Err(SignInError::Invalid));
        assert_eq!(bearer_token(&HeaderMap::new()), Err(SignInError::Missing));
        let mut twice = with("Bearer a.b.c");
        twice.append(AUTHORIZATION, "Bearer d.e.f".parse().unwrap());
        assert_eq!(bearer_token(&twice), Err(SignInError::Missing));
    }
}
