//! How waiting requests come to stand in the ledger: one by one, each against what those before it have left behind.
//!
//! Both stores call this, so that a withdrawal and a view in one batch end the same way everywhere: the later one loses.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{Append, AppendError, Appended, StoredEvent, Tip};
use crate::{
    clock::{Timestamp, to_micros},
    event::complete_envelope,
    ids::{Position, StreamId},
    log::{self, SubtreeHash},
};

/// How far the database's clock may be from the server's, and how far behind the last event.
pub const CLOCK_LIMIT: TimeDelta = TimeDelta::minutes(5);

/// The most events in one request.
pub const REQUEST_EVENTS_MAX: usize = 1_000;

/// The most bytes of envelopes and contents in one request.
pub const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The current version of each stream that was looked at; a stream that is not here has not been looked at.
pub type Versions = HashMap<StreamId, u64>;

/// An event that has its place.
#[derive(Debug, Clone)]
pub struct Placed {
    /// As it will be stored.
    pub stored: StoredEvent,
    /// Its version in its stream.
    pub version: u64,
}

/// Everything that a batch adds.
#[derive(Debug, Default)]
pub struct Placement {
    /// The answer to each request, in the order in which they came.
    pub answers: Vec<Result<Appended, AppendError>>,
    /// For each request that has a place, its events.
    pub placed: Vec<Vec<Placed>>,
    /// Subtrees that the batch completed.
    pub subtrees: Vec<SubtreeHash>,
}

/// Refuses what no batch could hold, before anyone waits for it.
pub fn check_limits(request: &Append) -> Result<(), AppendError> {
    let given = request.events.len();
    if given == 0 || given > REQUEST_EVENTS_MAX {
        return Err(AppendError::TooLarge {
            unit: "events (at least 1)",
            max: REQUEST_EVENTS_MAX,
            given,
        });
    }
    let bytes = request_bytes(request);
    if bytes > REQUEST_BYTES_MAX {
        return Err(AppendError::TooLarge {
            unit: "bytes",
            max: REQUEST_BYTES_MAX,
            given: bytes,
        });
    }
    Ok(())
}

/// How many bytes of envelopes and contents a request has.
pub fn request_bytes(request: &Append) -> usize {
    request
        .events
        .iter()
        .map(|event| {
            event.envelope.len()
                + event
                    .content
                    .as_ref()
                    .map_or(0, |content| content.ciphertext.len())
        })
        .sum()
}

/// The time at which a batch is recorded: the database's, never before the last event's, never far from the server's.
pub fn recording_time(
    tip: &Tip,
    database: Timestamp,
    server: Timestamp,
) -> Result<Timestamp, AppendError> {
    let refused = |reference| AppendError::ClockJumped {
        database,
        reference,
        limit_seconds: CLOCK_LIMIT.num_seconds(),
    };
    if (database - server).abs() > CLOCK_LIMIT {
        return Err(refused(server));
    }
    if tip.recorded_at - database > CLOCK_LIMIT {
        return Err(refused(tip.recorded_at));
    }
    Ok(to_micros(database).max(tip.recorded_at))
}

/// Every stream whose version a batch needs to know.
pub fn streams_of<'a>(
    requests: impl IntoIterator<Item = &'a Append>,
) -> impl Iterator<Item = &'a StreamId> {
    requests.into_iter().flat_map(|request| {
        let expected = request.expected.iter().map(|(stream, _)| stream);
        expected.chain(request.events.iter().map(|event| &event.stream))
    })
}

/// Places the requests after `tip`, which moves on. `versions` holds every stream of [`streams_of`].
/// A request that cannot be placed is refused alone; its neighbours go on. `earlier` tells whether a request was
/// appended before under the same idempotency key.
pub fn place(
    tip: &mut Tip,
    versions: &mut Versions,
    at: Timestamp,
    requests: &[Append],
    mut earlier: impl FnMut(usize) -> Option<AppendError>,
) -> Placement {
    let mut placement = Placement::default();
    let mut keys_in_batch = HashMap::new();
    for (index, request) in requests.iter().enumerate() {
        let repeated = earlier(index).or_else(|| {
            let key = request.idempotency.as_ref()?;
            keys_in_batch
                .get(&(key.account, key.key))
                .map(|(digest, first, count)| {
                    if *digest == key.request {
                        AppendError::Repeated {
                            first: *first,
                            count: *count,
                        }
                    } else {
                        AppendError::KeyReused
                    }
                })
        });
        let refusal = repeated.or_else(|| refuse(request, versions, at));
        if let Some(refusal) = refusal {
            placement.answers.push(Err(refusal));
            placement.placed.push(Vec::new());
            continue;
        }
        let first = Position(tip.frontier.size());
        let mut appended = Appended {
            first,
            versions: Vec::new(),
            leaf_entries: Vec::new(),
            recorded_at: at,
        };
        let mut placed = Vec::with_capacity(request.events.len());
        for event in &request.events {
            let version = versions.get(&event.stream).copied().unwrap_or(0) + 1;
            match versions.get_mut(&event.stream) {
                Some(known) => *known = version,
                None => drop(versions.insert(event.stream.clone(), version)),
            }
            let envelope = complete_envelope(&event.envelope, version, at);
            let leaf_entry = log::leaf_entry(&event.salt.0, &envelope);
            let position = Position(tip.frontier.size());
            tip.frontier
                .push(log::leaf_hash(leaf_entry), &mut placement.subtrees);
            appended.versions.push(version);
            appended.leaf_entries.push(leaf_entry);
            let stored = StoredEvent {
                position,
                envelope,
                salt: event.salt,
                leaf_entry,
            };
            placed.push(Placed { stored, version });
        }
        tip.recorded_at = at;
        if let Some(key) = &request.idempotency {
            keys_in_batch.insert(
                (key.account, key.key),
                (key.request, first, request.events.len() as u64),
            );
        }
        placement.answers.push(Ok(appended));
        placement.placed.push(placed);
    }
    placement
}

fn refuse(request: &Append, versions: &Versions, at: Timestamp) -> Option<AppendError> {
    for (stream, expected) in &request.expected {
        let actual = versions.get(stream).copied().unwrap_or(0);
        if actual != *expected {
            return Some(AppendError::Conflict {
                stream: stream.clone(),
                expected: *expected,
                actual,
            });
        }
    }
    if !request.holds.contains(at) {
        return Some(AppendError::NoLongerHolds { at });
    }
    let future = request
        .events
        .iter()
        .filter_map(|event| event.occurred_at)
        .find(|occurred_at| *occurred_at > at);
    future.map(|occurred_at| AppendError::OccursInFuture {
        occurred_at,
        recorded_at: at,
    })
}
