//! The development issuer: gives a token to anyone who asks, so that the demo and the tests need no identity
//! provider. The configuration refuses it on any address that others can reach, and so does the service.

use std::sync::Arc;

use anyhow::ensure;
use async_trait::async_trait;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ledger_core::{
    clock::{Clock, Entropy, Timestamp},
    ids::{AccountId, TenantId},
    ledger::Caller,
    profile::Assurance,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{SignInError, TokenVerifier, Unverified, unverified};

/// The issuer's name, also in the ledger.
const ISSUER: &str = "dev";
/// Whom its tokens are for.
const AUDIENCE: &str = "caseledger";
/// How long a token is valid: a working day.
const VALID_HOURS: i64 = 8;
/// The shortest secret: as long as the hash of HS256 (RFC 7518 §3.2).
const SECRET_BYTES_MIN: usize = 32;
/// How far clocks may differ, in seconds.
const LEEWAY_SECONDS: u64 = 5;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    tenant: TenantId,
    assurance: Assurance,
    iat: i64,
    exp: i64,
}

/// Issues tokens of one tenant, and verifies them.
pub struct DevIssuer {
    tenant: TenantId,
    clock: Arc<dyn Clock>,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl DevIssuer {
    /// With a secret of at least 32 bytes, or a new one that ends with this process.
    pub fn try_new(
        tenant: TenantId,
        secret: Option<&SecretString>,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
    ) -> anyhow::Result<Self> {
        let mut random = [0; SECRET_BYTES_MIN];
        entropy.fill(&mut random);
        let secret = secret.map_or(&random[..], |secret| secret.expose_secret().as_bytes());
        ensure!(
            secret.len() >= SECRET_BYTES_MIN,
            "`dev_token_secret` has {} bytes; give at least {SECRET_BYTES_MIN}, or leave it out for a random one",
            secret.len()
        );
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.leeway = LEEWAY_SECONDS;
        Ok(Self {
            tenant,
            clock,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        })
    }

    /// A token for an account, and the moment at which it ends.
    pub fn issue(
        &self,
        account: AccountId,
        assurance: Assurance,
    ) -> anyhow::Result<(String, Timestamp)> {
        let now = self.clock.now();
        let ends = now + TimeDelta::hours(VALID_HOURS);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: account,
            tenant: self.tenant.clone(),
            assurance,
            iat: now.timestamp(),
            exp: ends.timestamp(),
        };
        let header = Header::new(Algorithm::HS256);
        Ok((
            jsonwebtoken::encode(&header, &claims, &self.encoding)?,
            ends,
        ))
    }
}

#[async_trait]
impl TokenVerifier for DevIssuer {
    fn issuer(&self) -> &str {
        ISSUER
    }

    async fn verify(&self, token: &str) -> Result<Caller, SignInError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|error| unverified::because_of(&error))?
            .claims;
        if claims.tenant != self.tenant {
            return Err(Unverified::Tenant.into());
        }
        let valid_seconds = claims.exp.checked_sub(claims.iat);
        if !valid_seconds.is_some_and(|valid| (0..=VALID_HOURS * 3600).contains(&valid)) {
            return Err(Unverified::Malformed.into());
        }
        Ok(Caller {
            tenant: claims.tenant,
            account: claims.sub,
            issuer: ISSUER.parse().expect("a word of a-z is a code"),
            assurance: claims.assurance,
        })
    }
}

#[cfg(test)]
mod tests {
    use ledger_core::clock::SystemEntropy;

    use super::*;
    use crate::instance::MachineClock;

    const SECRET: &str = "a secret for tests of 32 bytes or more";

    fn issuer(tenant: &str, secret: Option<&str>) -> DevIssuer {
        let secret = secret.map(SecretString::from);
        DevIssuer::try_new(
            tenant.parse().unwrap(),
            secret.as_ref(),
            Arc::new(MachineClock),
            &SystemEntropy,
        )
        .unwrap()
    }

    fn account() -> AccountId {
        AccountId::generate(MachineClock.now(), &SystemEntropy)
    }

    #[tokio::test]
    async fn a_token_names_the_account_that_it_was_issued_for() {
        let issuer = issuer("kvam", None);
        let account = account();
        let (token, _) = issuer.issue(account, Assurance::Substantial).unwrap();
        let caller = issuer.verify(&token).await.unwrap();
        assert_eq!(caller.account, account);
        assert_eq!(caller.assurance, Assurance::Substantial);
    }

    #[tokio::test]
    async fn tokens_of_another_secret_tenant_or_algorithm_are_refused() {
        let here = issuer("kvam", Some(SECRET));
        let another_secret = issuer("kvam", None);
        let another_tenant = issuer("bergen", Some(SECRET));
        for issuer in [another_secret, another_tenant] {
            let (token, _) = issuer.issue(account(), Assurance::High).unwrap();
            assert!(here.verify(&token).await.is_err());
        }
        // {"alg":"none"} before the same claims.
        let (token, _) = here.issue(account(), Assurance::High).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
        assert!(here.verify(&unsigned).await.is_err());
    }

    #[tokio::test]
    async fn tokens_that_ended_or_live_longer_than_a_day_are_refused() {
        let issuer = issuer("kvam", Some(SECRET));
        let now = MachineClock.now().timestamp();
        for (iat, exp) in [(now - 7_200, now - 60), (now, now + 30 * 86_400)] {
            let claims = Claims {
                iss: ISSUER.to_owned(),
                aud: AUDIENCE.to_owned(),
                sub: account(),
                tenant: "kvam".parse().unwrap(),
                assurance: Assurance::High,
                iat,
                exp,
            };
            let token = jsonwebtoken::encode(&Header::default(), &claims, &issuer.encoding);
            assert!(issuer.verify(&token.unwrap()).await.is_err());
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        let secret = SecretString::from("short");
        let refused = DevIssuer::try_new(
            "kvam".parse().unwrap(),
            Some(&secret),
            Arc::new(MachineClock),
            &SystemEntropy,
        );
        assert!(refused.is_err());
    }
}
