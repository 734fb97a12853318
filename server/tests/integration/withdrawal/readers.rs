//! Readers over HTTP: every shape in which something of a case can be read, asked again and again at both servers in
//! turn, by people whose right rests on the consents.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::sync::{mpsc::UnboundedSender, watch};

use crate::support::{events::Events, service::Client};

/// A way of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    Single,
    AsKnownAtPosition,
    AsKnownAtTime,
    AsTrueAt,
    Print,
    PrintAsKnown,
    Timeline,
    TimelineAsKnown,
    Parties,
    Services,
    Consents,
    Measures,
    Meetings,
    Agreements,
    Notes,
    Documents,
    List,
    Due,
    Search,
    Document,
    /// One that is fetched so slowly that the right ends in the middle.
    SlowDocument,
    Stream,
}

/// Those that are asked again and again by whoever needs the consents for all of them.
pub(super) const BY_PROFESSIONAL: [Shape; 20] = [
    Shape::Single,
    Shape::AsKnownAtPosition,
    Shape::AsKnownAtTime,
    Shape::AsTrueAt,
    Shape::Print,
    Shape::PrintAsKnown,
    Shape::Timeline,
    Shape::TimelineAsKnown,
    Shape::Parties,
    Shape::Services,
    Shape::Consents,
    Shape::Measures,
    Shape::Meetings,
    Shape::Agreements,
    Shape::Notes,
    Shape::Documents,
    Shape::List,
    Shape::Due,
    Shape::Search,
    Shape::Document,
];
/// Basic data and consents are shown to the baton holder in any case, so lists, searches, and the parts that stand there
/// show nothing more.
pub(super) const BY_HOLDER: [Shape; 14] = [
    Shape::Single,
    Shape::AsKnownAtPosition,
    Shape::AsKnownAtTime,
    Shape::AsTrueAt,
    Shape::Print,
    Shape::PrintAsKnown,
    Shape::Timeline,
    Shape::TimelineAsKnown,
    Shape::Measures,
    Shape::Meetings,
    Shape::Agreements,
    Shape::Notes,
    Shape::Documents,
    Shape::Document,
];

/// A case and what is looked for in it.
pub(super) struct Target {
    pub(super) case: String,
    pub(super) national_id: String,
    /// Stands in everything that is written in the case, its child's name included.
    pub(super) mark: String,
    /// Stands only in what nobody but the family sees without a consent.
    pub(super) secret: String,
    pub(super) document: String,
    pub(super) large_document: String,
    /// An event with the secret, and when it was recorded.
    pub(super) position: u64,
    pub(super) recorded_at: String,
}

/// What a reader was answered about one case.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) by: &'static str,
    pub(super) shape: Shape,
    pub(super) server: usize,
    pub(super) target: usize,
    /// Whether something was shown that needs the consent.
    pub(super) shown: bool,
    /// The view that the answer names, where it names one.
    pub(super) view: Option<(u64, DateTime<Utc>)>,
    /// Of what was sent by a stream: the version of the case.
    pub(super) version: Option<u64>,
    pub(super) correlation_id: String,
    /// Whether the answer ended before it was whole.
    pub(super) cut: bool,
}

/// Somebody who reads, at both servers.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) by: &'static str,
    pub(super) servers: [Client; 2],
    pub(super) targets: Arc<Vec<Target>>,
    pub(super) seen: UnboundedSender<Read>,
    /// For each case, whether the right to it has ended.
    pub(super) ended: watch::Receiver<[bool; 2]>,
}

impl Reader {
    /// What this reader may see with the consent alone.
    fn needs_consent<'a>(&self, target: &'a Target) -> &'a str {
        match self.by {
            "professional" => &target.mark,
            _ => &target.secret,
        }
    }

    fn say(&self, read: Read) {
        // Nobody listens any more when the test is over.
        let _ = self.seen.send(read);
    }

    fn answered(&self, shape: Shape, server: usize, target: usize, response: &Response) -> Read {
        let correlation_id = &response.headers()["x-correlation-id"];
        Read {
            by: self.by,
            shape,
            server,
            target,
            shown: false,
            view: None,
            version: None,
            correlation_id: correlation_id.to_str().unwrap().to_owned(),
            cut: false,
        }
    }

    /// One shape, at both servers in turn, for ever.
    pub(super) async fn read_on(self, shape: Shape) {
        loop {
            for server in [0, 1] {
                if matches!(shape, Shape::List | Shape::Due) {
                    self.read(shape, server, 0).await;
                } else {
                    for target in [0, 1] {
                        self.read(shape, server, target).await;
                    }
                }
            }
        }
    }

    fn request(&self, shape: Shape, server: usize, target: usize) -> RequestBuilder {
        let client = &self.servers[server];
        let target = &self.targets[target];
        let case = format!("/v1/cases/{}", target.case);
        let path = match shape {
            Shape::Single => case,
            Shape::AsKnownAtPosition => format!("{case}?atPosition={}", target.position),
            Shape::AsKnownAtTime => format!("{case}?atTime={}", target.recorded_at),
            Shape::AsTrueAt => format!("{case}?validAt={}", target.recorded_at),
            Shape::Print => format!("{case}/printout"),
            Shape::PrintAsKnown => format!("{case}/printout?atPosition={}", target.position),
            Shape::Timeline => format!("{case}/timeline"),
            Shape::TimelineAsKnown => format!("{case}/timeline?atPosition={}", target.position),
            Shape::Parties => format!("{case}/parties"),
            Shape::Services => format!("{case}/services"),
            Shape::Consents => format!("{case}/consents"),
            Shape::Measures => format!("{case}/measures"),
            Shape::Meetings => format!("{case}/meetings"),
            Shape::Agreements => format!("{case}/agreements"),
            Shape::Notes => format!("{case}/notes"),
            Shape::Documents => format!("{case}/documents"),
            Shape::Document => format!("{case}/documents/{}", target.document),
            Shape::SlowDocument => format!("{case}/documents/{}", target.large_document),
            Shape::Stream => format!("{case}/events"),
            Shape::List => "/v1/cases".to_owned(),
            Shape::Due => "/v1/due?until=2999-01-01".to_owned(),
            Shape::Search => {
                let search = json!({ "nationalId": target.national_id });
                let path = "/v1/cases/search";
                return client.request(Method::POST, path).json(&search);
            }
        };
        client.request(Method::GET, &path)
    }

    async fn read(&self, shape: Shape, server: usize, target: usize) {
        let response = self.request(shape, server, target).send().await.unwrap();
        let status = response.status().as_u16();
        let read = self.answered(shape, server, target, &response);
        let body = match response.text().await {
            Ok(body) => body,
            // Its first pieces were shown before it was cut off.
            Err(_) if status == 200 && shape.is_document() => {
                return self.say(Read {
                    shown: true,
                    cut: true,
                    ..read
                });
            }
            Err(error) => panic!("{shape:?} was cut off: {error}"),
        };
        match status {
            200 => {}
            // Refused, or asked to come back.
            403 | 404 | 503 => {
                for target in self.targets.iter() {
                    assert!(!body.contains(&target.mark), "{shape:?}: {body}");
                }
                if status != 503 {
                    self.say(read);
                }
                return;
            }
            _ => panic!("{shape:?} was answered with {status}: {body}"),
        }
        if shape.is_document() {
            let shown = body.contains(&self.targets[target].secret);
            return self.say(Read { shown, ..read });
        }
        let body: Value = serde_json::from_str(&body).unwrap();
        match shape {
            Shape::List => self.say_of_each(&[0, 1], &body["items"], &read),
            // What is due names its case; all of them stand beside it.
            Shape::Due => self.say_of_each(&[0, 1], &body["cases"], &read),
            Shape::Search => self.say_of_each(&[target], &body["items"], &read),
            _ => self.say(self.shown_by(&body, target, read)),
        }
    }

    /// What a list holds of each case.
    fn say_of_each(&self, targets: &[usize], items: &Value, read: &Read) {
        let items = items.as_array().unwrap();
        for target in targets.iter().copied() {
            let id = &self.targets[target].case;
            let item = items.iter().find(|item| item["caseId"] == id.as_str());
            let read = Read {
                target,
                ..read.clone()
            };
            self.say(match item {
                Some(item) => self.shown_by(item, target, read),
                None => read,
            });
        }
    }

    fn shown_by(&self, body: &Value, target: usize, read: Read) -> Read {
        let mark = self.needs_consent(&self.targets[target]);
        let view = &body["view"];
        let recorded_at = view["recordedAt"].as_str().map(|at| at.parse().unwrap());
        Read {
            shown: body.to_string().contains(mark),
            view: view["position"].as_u64().zip(recorded_at),
            ..read
        }
    }

    /// Begins to fetch a document, takes nothing more of it until the right has ended, and then takes the rest.
    pub(super) async fn fetch_slowly(mut self, server: usize, target: usize) {
        let shape = Shape::SlowDocument;
        let request = self.request(shape, server, target);
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let mut read = self.answered(shape, server, target, &response);
        let first = response.chunk().await.unwrap().unwrap();
        let secret = self.targets[target].secret.as_bytes();
        read.shown = first.windows(secret.len()).any(|piece| piece == secret);
        self.say(read.clone());
        let over = self.ended.wait_for(|ended| ended[target]).await;
        drop(over.expect("the test goes on"));
        read.cut = loop {
            match response.chunk().await {
                Ok(Some(_)) => {}
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        self.say(read);
        loop {
            self.read(shape, server, target).await;
        }
    }

    /// Follows a case for as long as it is let, and comes back again and again.
    pub(super) async fn follow(self, server: usize, target: usize) {
        let shape = Shape::Stream;
        let mark = self.needs_consent(&self.targets[target]).to_owned();
        loop {
            let request = self.request(shape, server, target);
            let response = request.send().await.unwrap();
            if response.status() != 200 {
                drop(response);
                self.read(shape, server, target).await;
                continue;
            }
            let opened = self.answered(shape, server, target, &response);
            let mut events = Events::from(response);
            while let Some(sent) = events.next().await {
                let is_last = sent.name == "ended";
                if is_last {
                    assert_eq!(sent.data, json!({}));
                    assert!(events.next().await.is_none(), "something after the end");
                }
                self.say(Read {
                    // Facts alone need the consent too.
                    shown: !is_last,
                    version: sent.data["version"].as_u64(),
                    cut: is_last,
                    ..self.shown_by(&sent.data, target, opened.clone())
                });
                if is_last {
                    break;
                }
                assert!(
                    sent.name != "note_added" || sent.data.to_string().contains(&mark),
                    "a note without its text: {sent:?}"
                );
            }
        }
    }
}

impl Shape {
    /// Whether it is a reading of one part of a case.
    pub(super) const fn is_excerpt(self) -> bool {
        matches!(
            self,
            Self::Parties
                | Self::Services
                | Self::Consents
                | Self::Measures
                | Self::Meetings
                | Self::Agreements
                | Self::Notes
                | Self::Documents
        )
    }

    pub(super) const fn is_document(self) -> bool {
        matches!(self, Self::Document | Self::SlowDocument)
    }
}
