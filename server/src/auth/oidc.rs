//! Tokens of OpenID providers: signed access tokens (RFC 9068 and its forerunners) of the issuers that the configuration
//! names.
//!
//! Nothing of a token decides how it is checked but which of the issuer's own keys to take: algorithms, addresses and
//! claims come from the configuration.

mod claims;
mod fetch;
mod key_set;
mod keys;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Validation};
use ledger_core::{
    ids::TenantId,
    ledger::{Caller, Ledger},
};
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use self::fetch::client;
use self::{
    claims::Claims,
    keys::{Keys, NoKey},
};
use super::{SignInError, TokenVerifier, Unverified, unverified};
use crate::{config::IssuerSettings, metrics::Metrics};

/// The types of token that are access tokens, or do not say (RFC 9068 §4, RFC 7519 §5.1).
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];

/// Verifies the tokens of one issuer.
pub(crate) struct OidcIssuer {
    settings: IssuerSettings,
    tenant: TenantId,
    ledger: Arc<Ledger>,
    keys: Keys,
}

/// What of a token's header matters before its signature is known (RFC 7515 §4.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

impl OidcIssuer {
    pub(crate) fn new(
        settings: IssuerSettings,
        tenant: TenantId,
        ledger: Arc<Ledger>,
        client: Client,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            keys: Keys::new(settings.clone(), client, metrics),
            settings,
            tenant,
            ledger,
        }
    }

    /// The claims of a token that this issuer has signed for this service.
    async fn signed(&self, token: &str) -> Result<Claims, SignInError> {
        let header = header_of(token).ok_or(Unverified::Malformed)?;
        let algorithm = self.algorithm_of(&header)?;
        let now = self.ledger.now();
        let key = self.keys.find(header.kid.as_deref(), algorithm, now).await;
        let key = key.map_err(|none| match none {
            NoKey::Unknown => Unverified::Key.into(),
            NoKey::Unavailable => SignInError::Unavailable,
        })?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // By the ledger's clock, not by the machine's: see `Claims`.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation)
            .map_err(|error| unverified::because_of(&error))?
            .claims;
        // The library takes a list of issuers too. A token has one.
        if claims.get("iss").and_then(Value::as_str) != Some(&self.settings.issuer) {
            return Err(Unverified::Issuer.into());
        }
        Ok(Claims(claims))
    }

    /// By which algorithm it is signed, if by one of the issuer's.
    fn algorithm_of(&self, header: &Header) -> Result<Algorithm, Unverified> {
        let is_access_token = header
            .typ
            .as_ref()
            .is_none_or(|named| TYPES.iter().any(|known| named.eq_ignore_ascii_case(known)));
        // Whatever it is that must be understood, it is not understood here (RFC 7515 §4.1.11).
        if !is_access_token || header.crit.is_some() {
            return Err(Unverified::Malformed);
        }
        let algorithm = header.alg.parse().ok();
        algorithm
            .filter(|algorithm| self.settings.algorithms.contains(algorithm))
            .ok_or(Unverified::Algorithm)
    }
}

fn header_of(token: &str) -> Option<Header> {
    let header = token.split('.').next()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

#[async_trait]
impl TokenVerifier for OidcIssuer {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn verify(&self, token: &str) -> Result<Caller, SignInError> {
        let claims = self.signed(token).await?;
        let named = claims.read(&self.settings, &self.tenant, self.ledger.now())?;
        let issuer = &self.settings.name;
        let account = self
            .ledger
            .account_of_identity(&self.tenant, issuer, named.subject.as_str())
            .await
            .map_err(|error| {
                tracing::error!(%error, "the account of an identity cannot be computed");
                SignInError::Unavailable
            })?;
        Ok(Caller {
            tenant: self.tenant.clone(),
            account,
            issuer: issuer.clone(),
            assurance: named.assurance,
        })
    }
}
