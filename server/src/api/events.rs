//! What happens in a case, while it happens, as server-sent events (WHATWG HTML §9.2). What may be sent is decided by
//! [`ledger_core::ledger::Watch`]; here is how often it is asked, and when the stream ends.
//!
//! **Invariant: when the right ends so does the stream, within the recheck period, and its last event says nothing but
//! that.** Several servers append to one ledger, so each stream looks into the store for what is new.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{
        Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::stream;
use ledger_core::{
    ids::{CaseId, Position},
    ledger::{LedgerError, Watch},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::View,
    cloud_events::CloudEvents,
    error::ApiError,
    language,
    open_streams::Place,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
    timeline::EventView,
};
use crate::words::{Wishes, Words};

/// How often a stream looks for what is new.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// How often something is sent although nothing happens, so that nobody on the way takes the connection for dead.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);
/// When a client is to come back after an interruption.
const COME_BACK_AFTER: Duration = Duration::from_secs(2);
/// How long a stream lasts. Its client comes back and shows a token again: what was signed in once is not believed for
/// ever.
const STREAM_LASTS: Duration = Duration::from_mins(5);

/// Where to go on after an interruption.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it is only described")]
pub(super) struct ResumeHeaders {
    /// The id of the last event that arrived. Left out, the stream begins with what happens from now on.
    #[param(rename = "Last-Event-ID", example = 57)]
    last_event_id: Option<u64>,
}

/// After which position to go on.
pub(super) struct ResumeAfter(Option<Position>);

impl FromRequestParts<Service> for ResumeAfter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Service) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get("last-event-id") else {
            return Ok(Self(None));
        };
        let position = value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok());
        let position = position.ok_or(ApiError::Header {
            name: "Last-Event-ID",
            expected: "the id of the last event that arrived, a whole number",
        })?;
        Ok(Self(Some(Position(position))))
    }
}

/// How each event is written.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FollowQuery {
    /// `cloudevents`: the `data` of each is a CloudEvents 1.0 event, with what it would otherwise be as its own `data`.
    #[param(inline)]
    envelope: Option<EnvelopeKind>,
}

/// What stands around an event.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum EnvelopeKind {
    /// A CloudEvents 1.0 event in JSON.
    CloudEvents,
}

/// That a case is followed from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Watching {
    /// The case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// What stands in the ledger for following it.
    view: View,
}

/// One event of the stream, field by field.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct StreamEvent {
    /// `watching`, the type of an event of the case, or `ended`.
    #[schema(example = "watching")]
    event: String,
    /// JSON: the view at the beginning, then an event of the timeline each time.
    #[schema(example = "{}")]
    data: String,
    /// The position, for `Last-Event-ID`.
    #[schema(example = "57")]
    id: Option<String>,
    /// In how many milliseconds to come back after an interruption.
    #[schema(example = 2000)]
    retry: Option<u64>,
}

/// Follow a case
#[utoipa::path(
    get, path = "/cases/{caseId}/events", tag = "cases", operation_id = "followCase",
    description = "Server-sent events. First `watching`, then one event for each thing that happens in the case: its \
                   `id` is the position, its `event` the type, its `data` the same JSON as in the timeline. It is \
                   decided again whenever something is sent, and every few seconds. When the right to see the case \
                   ends, `ended` is the last event. A stream lasts five minutes; the client then comes back with \
                   `Last-Event-ID`, as browsers do by themselves. With `envelope=cloudevents` each `data` is a \
                   CloudEvents 1.0 event whose attributes hold ids and codes alone.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        FollowQuery, ResumeHeaders, ReadHeaders,
    ),
    responses((
        status = 200, description = "What happens, while it happens.",
        content((StreamEvent = "text/event-stream")),
    )),
)]
pub(super) async fn follow(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<FollowQuery>,
    ResumeAfter(after): ResumeAfter,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let place = service.open_streams().take_place(caller.account)?;
    let watch = service
        .ledger()
        .watch(caller, case, after, occasion)
        .await?;
    let opening = Watching {
        case_id: case,
        view: View::from(watch.view()),
    };
    let origin = service.ledger().origin(&caller.tenant).await?;
    let cloud_events = query.envelope.map(|_| CloudEvents::of(&origin, case));
    let after = watch.after();
    let said = match &cloud_events {
        None => named("watching", &opening),
        Some(cloud_events) => {
            let id = format!("watching-{after}");
            let at = Some(watch.view().recorded_at);
            named(
                "watching",
                &cloud_events.message("watching", &id, at, &opening),
            )
        }
    };
    let opening = said.id(after.to_string()).retry(COME_BACK_AFTER);
    let words = wishes.vocabulary(watch.profile()).words();
    let language = words.language();
    let following = Following {
        words,
        watch,
        cloud_events,
        opening: Some(opening),
        until: Instant::now() + STREAM_LASTS,
        closing: service.closing().clone(),
        ended: false,
        _place: place,
    };
    let span = tracing::Span::current();
    let events = stream::unfold(following, move |following| {
        following.next().instrument(span.clone())
    });
    let alive = KeepAlive::new().interval(KEEP_ALIVE_EVERY);
    Ok(language::spoken(
        [language],
        Sse::new(events).keep_alive(alive),
    ))
}

/// A stream and what it rests on.
struct Following {
    watch: Watch,
    words: Words,
    cloud_events: Option<CloudEvents>,
    opening: Option<Event>,
    until: Instant,
    closing: CancellationToken,
    ended: bool,
    _place: Place,
}

impl Following {
    /// The next event to send, when there is one; `None` ends the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if let Some(opening) = self.opening.take() {
            return Some((Ok(opening), self));
        }
        while !self.ended && Instant::now() < self.until {
            match self.watch.next().await {
                Ok(Some(recorded)) => {
                    let view = EventView::of(&recorded, self.watch.contents(), self.words);
                    let name = recorded.envelope.event_type.as_str();
                    let event = match &self.cloud_events {
                        None => named(name, &view),
                        Some(cloud_events) => named(name, &cloud_events.event(&recorded, &view)),
                    };
                    let event = event.id(recorded.position.to_string());
                    return Some((Ok(event), self));
                }
                Ok(None) => tokio::select! {
                    () = self.closing.cancelled() => return None,
                    () = sleep(LOOK_EVERY) => {}
                },
                Err(LedgerError::NotFound | LedgerError::Refused(_)) => {
                    self.ended = true;
                    // Without data a browser would not be told.
                    let event = match &self.cloud_events {
                        None => Event::default().event("ended").data("{}"),
                        Some(cloud_events) => {
                            let id = format!("ended-{}", self.watch.after());
                            named(
                                "ended",
                                &cloud_events.message("ended", &id, None, &json!({})),
                            )
                        }
                    };
                    return Some((Ok(event), self));
                }
                // Its client comes back and goes on where it was.
                Err(error) => {
                    tracing::warn!(%error, "a stream was cut off");
                    return None;
                }
            }
        }
        None
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    Event::default()
        .event(name)
        .json_data(data)
        .expect("views have text keys only and no failing serializer")
}
