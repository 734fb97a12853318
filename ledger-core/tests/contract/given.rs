//! What promises are shown on: a store, its clock, and the events that they append.

use std::sync::Arc;

use ledger_core::{
    clock::{Entropy as _, Span, SystemEntropy, Timestamp},
    event::{Actor, CorrelationId, UnplacedEnvelope},
    events::{CaseListed, Event},
    ids::{AccountId, CaseId, Digest, DocumentId, EventId, KeyId, PartyId, StreamId, TenantId},
    store::{
        Append, AppendError, Appended, DocumentChunk, EventStore, IdempotencyKey, Lookup,
        SealedContent, StoredEvent, UnplacedEvent,
    },
};

use super::MovableClock;

/// A store that is fresh and empty, and the server's clock.
pub(crate) struct Given {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) clock: Arc<MovableClock>,
}

impl Given {
    /// The store with the ledger of [`kvam`] open.
    pub(crate) async fn open(self) -> Arc<dyn EventStore> {
        self.store.open_tenant(&kvam()).await.expect("opens");
        self.store
    }
}

pub(crate) fn kvam() -> TenantId {
    "kvam".parse().expect("a tenant name")
}

pub(crate) fn sula() -> TenantId {
    "sula".parse().expect("a tenant name")
}

pub(crate) fn case_id(number: u128) -> CaseId {
    CaseId::from_ulid(number.into())
}

pub(crate) fn case(number: u128) -> StreamId {
    StreamId::Case(case_id(number))
}

pub(crate) fn views(number: u128) -> StreamId {
    StreamId::Views(case_id(number))
}

pub(crate) fn account(number: u128) -> AccountId {
    AccountId::from_ulid(number.into())
}

pub(crate) fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// An event for a stream of Kvam, unlike any other.
pub(crate) fn event(stream: &StreamId) -> UnplacedEvent {
    let entropy = SystemEntropy;
    let event_id = EventId::generate(Timestamp::UNIX_EPOCH, &entropy);
    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let event = Event::from(CaseListed {});
    let envelope = UnplacedEnvelope {
        tenant: &kvam(),
        stream,
        event_id,
        event_type: event.event_type(),
        schema_version: event.schema_version(),
        occurred_at: None,
        actor: &Actor::Operator,
        case: None,
        purpose: None,
        basis: None,
        correlation_id: CorrelationId::generate(&entropy),
        facts: &event.to_facts(),
        content_commitment: None,
    };
    UnplacedEvent {
        stream: stream.clone(),
        event_id,
        envelope: envelope.encode(),
        salt: Digest(salt),
        occurred_at: None,
        account: None,
        content: None,
    }
}

/// An event with a sealed half.
pub(crate) fn event_with_content(stream: &StreamId, ciphertext: &[u8]) -> UnplacedEvent {
    let content = SealedContent {
        key: KeyId::Case(case_id(1)),
        ciphertext: ciphertext.to_vec(),
    };
    UnplacedEvent {
        content: Some(content),
        ..event(stream)
    }
}

/// A request for these events, without any condition.
pub(crate) fn request(events: Vec<UnplacedEvent>) -> Append {
    Append {
        expected: Vec::new(),
        holds: Span::ALWAYS,
        events,
        idempotency: None,
        lookups: Vec::new(),
    }
}

/// A request for one event.
pub(crate) fn one(stream: &StreamId) -> Append {
    request(vec![event(stream)])
}

/// A request for one event that has seen these streams at these versions.
pub(crate) fn having_seen(seen: &[(&StreamId, u64)], stream: &StreamId) -> Append {
    let expected = seen
        .iter()
        .map(|(stream, version)| ((*stream).clone(), *version));
    Append {
        expected: expected.collect(),
        ..one(stream)
    }
}

/// A request for one event that may be repeated.
pub(crate) fn repeatable(by: AccountId, key: u8, asked: u8, stream: &StreamId) -> Append {
    Append {
        idempotency: Some(idempotency(by, key, asked)),
        ..one(stream)
    }
}

pub(crate) fn idempotency(by: AccountId, key: u8, asked: u8) -> IdempotencyKey {
    IdempotencyKey {
        account: by,
        key: digest(key),
        request: digest(asked),
    }
}

/// A document.
pub(crate) fn document(number: u128) -> DocumentId {
    DocumentId::from_ulid(number.into())
}

/// One sealed piece of it.
pub(crate) fn chunk(index: u32) -> DocumentChunk {
    DocumentChunk {
        index,
        ciphertext: format!("piece {index}").into_bytes(),
    }
}

/// A way to find a case.
pub(crate) fn lookup(index: u8, case: u128, party: u128) -> Lookup {
    Lookup {
        index: digest(index),
        case: case_id(case),
        party: PartyId::from_ulid(party.into()),
    }
}

pub(crate) async fn append(store: &dyn EventStore, request: Append) -> Appended {
    let appended = store.append(&kvam(), request).await;
    appended.expect("is appended")
}

pub(crate) async fn refused(store: &dyn EventStore, request: Append) -> AppendError {
    let outcome = store.append(&kvam(), request).await;
    outcome.expect_err("is refused")
}

/// How many events there are.
pub(crate) async fn size(store: &dyn EventStore) -> u64 {
    let tip = store.tip(&kvam()).await.expect("a tip");
    tip.frontier.size()
}

/// The whole ledger.
pub(crate) async fn everything(store: &dyn EventStore) -> Vec<StoredEvent> {
    store
        .read_from(&kvam(), ledger_core::ids::Position(0), 100_000)
        .await
        .expect("reads")
}
