//! Who is calling: a bearer token is verified and gives a [`Caller`]. What a caller may do is decided by the rules of
//! the ledger, never here.
//!
//! One [`TokenVerifier`] an issuer: [`oidc`] for those of the configuration, [`dev`] for development. A token goes to the
//! one whose `iss` it has.

pub mod dev;
pub(crate) mod oidc;
mod subject;
mod unverified;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ledger_core::{
    ids::TenantId,
    ledger::{Caller, Ledger},
};
use serde::Deserialize;

pub use self::{
    subject::{InvalidSubject, Subject},
    unverified::Unverified,
};
use crate::{config::IssuerSettings, metrics::Metrics};

/// The longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// The header in which a client names the tenant that it has chosen (V9).
pub(crate) const TENANT: &str = "tenant";

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
    Invalid(Unverified),
    /// There is one that cannot be checked now.
    #[error("the token cannot be checked now, because its issuer cannot be reached; try again")]
    Unavailable,
}

impl From<Unverified> for SignInError {
    fn from(why: Unverified) -> Self {
        Self::Invalid(why)
    }
}

/// Verifies the tokens of one issuer.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// The `iss` of the tokens that it verifies.
    fn issuer(&self) -> &str;

    /// Whose token it is.
    async fn verify(&self, token: &str) -> Result<Caller, SignInError>;
}

/// Every issuer whose word is taken, of the one tenant that is served.
#[derive(Clone)]
pub struct Issuers {
    tenant: TenantId,
    verifiers: Vec<Arc<dyn TokenVerifier>>,
}

/// Of the claims of a token, unverified, the one that says who is to verify it.
#[derive(Deserialize)]
struct Issued {
    iss: String,
}

impl Issuers {
    /// Those whom the configuration names.
    pub fn try_new(
        configured: &[IssuerSettings],
        tenant: &TenantId,
        ledger: &Arc<Ledger>,
        metrics: &Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let mut verifiers: Vec<Arc<dyn TokenVerifier>> = Vec::new();
        if !configured.is_empty() {
            let client = oidc::client()?;
            for settings in configured {
                verifiers.push(Arc::new(oidc::OidcIssuer::new(
                    settings.clone(),
                    tenant.clone(),
                    Arc::clone(ledger),
                    client.clone(),
                    Arc::clone(metrics),
                )));
            }
        }
        Ok(Self {
            tenant: tenant.clone(),
            verifiers,
        })
    }

    /// One more.
    pub fn push(&mut self, verifier: Arc<dyn TokenVerifier>) {
        self.verifiers.push(verifier);
    }

    /// Who is calling, by the request's headers.
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, SignInError> {
        let token = bearer_token(headers)?;
        // Whoever has chosen another tenant must not find themselves in this one (V9).
        let mut chosen = headers.get_all(TENANT).iter();
        if chosen.any(|chosen| chosen.as_bytes() != self.tenant.as_str().as_bytes()) {
            return Err(Unverified::Tenant.into());
        }
        let issued_by = issuer_of(token).ok_or(Unverified::Malformed)?;
        let mut why = Unverified::Issuer;
        // Several may have the same issuer, and another audience each.
        for verifier in self
            .verifiers
            .iter()
            .filter(|known| known.issuer() == issued_by)
        {
            match verifier.verify(token).await {
                Err(SignInError::Invalid(found)) => {
                    if matches!(why, Unverified::Issuer | Unverified::Audience) {
                        why = found;
                    }
                }
                known => return known,
            }
        }
        Err(why.into())
    }
}

/// Who claims to have issued a token.
fn issuer_of(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let Issued { iss } = serde_json::from_slice(&claims).ok()?;
    Some(iss)
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1); the scheme's name is not case-sensitive.
fn bearer_token(headers: &HeaderMap) -> Result<&str, SignInError> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(SignInError::Missing);
    };
    let value = value.to_str().map_err(|_| Unverified::Malformed)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            let token = token.trim();
            if token.is_empty() || token.len() > TOKEN_BYTES_MAX {
                return Err(Unverified::Malformed.into());
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
        assert_eq!(
            bearer_token(&with("Bearer ")),
            Err(Unverified::Malformed.into())
        );
        assert_eq!(bearer_token(&HeaderMap::new()), Err(SignInError::Missing));
        let mut twice = with("Bearer a.b.c");
        twice.append(AUTHORIZATION, "Bearer d.e.f".parse().unwrap());
        assert_eq!(bearer_token(&twice), Err(SignInError::Missing));
    }
}
