//! A client of server-sent events.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::Value;
use tokio::time::timeout;

use super::service::Client;

/// Longer than anything takes on a busy machine.
const WITHIN: Duration = Duration::from_mins(1);

/// A stream of events.
pub(crate) struct Events {
    response: Response,
    received: String,
}

/// One event that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Events {
    /// Opens a stream, after an event or from now on.
    pub(crate) async fn open(client: &Client, path: &str, after: Option<&str>) -> Self {
        let mut request = client.request(Method::GET, path);
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = request.send().await.expect("the service answers");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self::from(response)
    }

    /// The next event; nothing, when the stream has ended.
    pub(crate) async fn next(&mut self) -> Option<Sent> {
        loop {
            while let Some(end) = self.received.find("\n\n") {
                let block: String = self.received.drain(..end + 2).collect();
                let field = |name: &str| {
                    let mut lines = block.lines();
                    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    value.map(|value| value.trim_start().to_owned())
                };
                let name = field("event");
                let sent = name.map(|name| Sent {
                    id: field("id").unwrap_or_default(),
                    name,
                    data: serde_json::from_str(&field("data").expect("each has data"))
                        .expect("it is JSON"),
                });
                // A comment keeps the connection alive and says nothing.
                if sent.is_some() {
                    return sent;
                }
            }
            let chunk = timeout(WITHIN, self.response.chunk()).await;
            let chunk = chunk.expect("something comes").expect("it arrives whole")?;
            self.received
                .push_str(std::str::from_utf8(&chunk).expect("it is text"));
        }
    }

    /// The next event, which there is.
    pub(crate) async fn expect(&mut self, name: &str) -> Sent {
        let sent = self.next().await;
        let sent = sent.unwrap_or_else(|| panic!("the stream ended before {name}"));
        assert_eq!(sent.name, name, "{sent:?}");
        sent
    }
}

impl From<Response> for Events {
    /// The stream of an answer that was looked at already.
    fn from(response: Response) -> Self {
        Self {
            response,
            received: String::new(),
        }
    }
}
