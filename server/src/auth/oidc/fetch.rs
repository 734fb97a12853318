//! Getting an issuer's keys: briefly, without following it anywhere else, and never more than fits.

use std::time::Duration;

use reqwest::{Client, Url, redirect::Policy};
use serde_json::Value;

use crate::config::{IssuerSettings, is_protected};

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long one document may take.
const DOCUMENT_WITHIN: Duration = Duration::from_secs(5);
/// How large one document may be.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// Why an issuer's keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("it cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer is larger than {DOCUMENT_BYTES_MAX} bytes")]
    TooLarge,
    #[error("its answer is not JSON")]
    NotJson,
    #[error("its discovery document is that of another issuer")]
    OtherIssuer,
    #[error("its discovery document names no https address of its keys")]
    NoAddress,
    #[error("its answer is not a key set")]
    NotKeys,
}

/// What all issuers are asked with.
pub(in crate::auth) fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        // An issuer that has moved says so to whoever configures it, not to us.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(DOCUMENT_WITHIN)
        .user_agent(concat!("caseledger/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// An issuer's key set, from where the configuration or its discovery document (OpenID Connect Discovery 1.0 §4) says.
pub(super) async fn key_set(
    client: &Client,
    settings: &IssuerSettings,
) -> Result<Value, FetchError> {
    let address = match &settings.jwks_uri {
        Some(address) => address.clone(),
        None => discovered(client, &settings.issuer).await?,
    };
    let address = Url::parse(&address).ok().filter(is_protected);
    document(client, address.ok_or(FetchError::NoAddress)?).await
}

async fn discovered(client: &Client, issuer: &str) -> Result<String, FetchError> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let address = Url::parse(&address).map_err(|_| FetchError::NoAddress)?;
    let found = document(client, address).await?;
    if found["issuer"].as_str() != Some(issuer) {
        return Err(FetchError::OtherIssuer);
    }
    let address = found["jwks_uri"].as_str();
    address.map(str::to_owned).ok_or(FetchError::NoAddress)
}

async fn document(client: &Client, address: Url) -> Result<Value, FetchError> {
    let request = client.get(address).header("accept", "application/json");
    let mut response = request.send().await.map_err(FetchError::Unreachable)?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(FetchError::Status(response.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(FetchError::Unreachable)? {
        if bytes.len() + piece.len() > DOCUMENT_BYTES_MAX {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    serde_json::from_slice(&bytes).map_err(|_| FetchError::NotJson)
}
