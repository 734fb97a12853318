//! Getting what a log serves, over HTTP: briefly, and never more than fits. Nothing is believed here.

use std::time::Duration;

use async_trait::async_trait;
use ledger_core::log::TilePath;
use reqwest::{Client, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};

use super::MonitorError;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long one answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The longest head or list that is read: as long as the longest signed note.
const TEXT_BYTES_MAX: usize = 128 * 1024;
/// The largest tile or bundle: 256 entries of 32 bytes, each after two bytes of length.
const TILE_BYTES_MAX: usize = 256 * 34;
/// How often something is asked for again that the log is too busy to give.
const TRIES: u32 = 5;
/// How long a busy log is waited for at most.
const WAIT_SECONDS_MAX: u64 = 30;

/// Something that serves a log.
#[async_trait]
pub(crate) trait Source: Send + Sync {
    /// Where it is, for messages.
    fn address(&self) -> String;

    /// A text by its path below the log, such as `checkpoint`; nothing where there is none.
    async fn text(&self, path: &str) -> Result<Option<String>, MonitorError>;

    /// A tile or an entry bundle; nothing where there is none.
    async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, MonitorError>;
}

/// A log at an address.
pub(crate) struct HttpSource {
    client: Client,
    /// Without a slash at its end.
    prefix: String,
}

impl HttpSource {
    /// The log at an address, which may be given with or without `/checkpoint`.
    pub(crate) fn try_new(address: &Url) -> Result<Self, reqwest::Error> {
        let prefix = address.as_str().trim_end_matches('/');
        let prefix = prefix.strip_suffix("/checkpoint").unwrap_or(prefix);
        Ok(Self {
            prefix: prefix.to_owned(),
            client: Client::builder()
                // A log that has moved says so to whoever watches it, not to a program.
                .redirect(Policy::none())
                .connect_timeout(CONNECT_WITHIN)
                .timeout(ANSWER_WITHIN)
                .user_agent(concat!("caseledger-monitor/", env!("CARGO_PKG_VERSION")))
                .build()?,
        })
    }

    async fn get(&self, path: &str, bytes_max: usize) -> Result<Option<Vec<u8>>, MonitorError> {
        let url = format!("{}/{path}", self.prefix);
        let unreachable = |why: String| MonitorError::Unreachable {
            url: url.clone(),
            why,
        };
        for _ in 0..TRIES {
            // Without its query or the address once more: the message names that already.
            let failed = |error: reqwest::Error| unreachable(causes(&error.without_url()));
            let mut response = self.client.get(&url).send().await.map_err(failed)?;
            match response.status() {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(None),
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                    let wait = response.headers().get(RETRY_AFTER);
                    let wait = wait.and_then(|value| value.to_str().ok()?.parse().ok());
                    let wait: u64 = wait.unwrap_or(1);
                    tokio::time::sleep(Duration::from_secs(wait.min(WAIT_SECONDS_MAX))).await;
                    continue;
                }
                other => return Err(unreachable(format!("it answered with status {other}"))),
            }
            let mut bytes = Vec::new();
            while let Some(piece) = response.chunk().await.map_err(failed)? {
                if bytes.len() + piece.len() > bytes_max {
                    return Err(unreachable(format!(
                        "its answer is larger than {bytes_max} bytes"
                    )));
                }
                bytes.extend_from_slice(&piece);
            }
            return Ok(Some(bytes));
        }
        Err(unreachable(format!("it was too busy {TRIES} times")))
    }
}

#[async_trait]
impl Source for HttpSource {
    fn address(&self) -> String {
        self.prefix.clone()
    }

    async fn text(&self, path: &str) -> Result<Option<String>, MonitorError> {
        let Some(bytes) = self.get(path, TEXT_BYTES_MAX).await? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).map_err(|_| MonitorError::Unreachable {
            url: format!("{}/{path}", self.prefix),
            why: "its answer is not text".into(),
        })?;
        Ok(Some(text))
    }

    async fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, MonitorError> {
        self.get(&path.to_string(), TILE_BYTES_MAX).await
    }
}

/// An error of the client with what lies below it, in one line.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(below) = cause {
        text = format!("{text}: {below}");
        cause = below.source();
    }
    text
}
