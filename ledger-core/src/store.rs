//! Where events are kept. [`EventStore`] is what the ledger needs of a store; [`memory`] is the reference,
//! [`postgres`] the real one, and both pass the same suite (`tests/contract`).
//!
//! A store keeps order, versions and hashes. It knows neither what events mean nor what keys open their content.

pub mod memory;
pub mod placement;
#[cfg(feature = "postgres")]
pub mod postgres;

use async_trait::async_trait;

use crate::{
    clock::{Span, Timestamp},
    event::Envelope,
    events::{DecodeError, Event},
    ids::{
        AccountId, CaseId, Digest, DocumentId, EventId, KeyId, PartyId, Position, StreamId,
        TenantId,
    },
    log::{Frontier, SubtreeHash},
};

/// An event that is ready to be placed: everything is known but its version and time.
#[derive(Debug, Clone)]
pub struct UnplacedEvent {
    /// The stream that it goes to.
    pub stream: StreamId,
    /// Its id.
    pub event_id: EventId,
    /// The envelope's bytes so far; see [`crate::event::UnplacedEnvelope::encode`].
    pub envelope: Vec<u8>,
    /// The salt of its leaf entry.
    pub salt: Digest,
    /// When it is said to have happened; must not be later than it is recorded.
    pub occurred_at: Option<Timestamp>,
    /// The account of the member of staff who did it, for the index "what did this person do".
    pub account: Option<AccountId>,
    /// Its sealed half.
    pub content: Option<SealedContent>,
}

/// The sealed half of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedContent {
    /// The key that opens it.
    pub key: KeyId,
    /// Nonce, ciphertext and tag.
    pub ciphertext: Vec<u8>,
}

/// A keyed digest by which a case can be found again: of a national id, or of the account of a family member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lookup {
    /// The keyed digest.
    pub index: Digest,
    /// The case that it leads to.
    pub case: CaseId,
    /// The party within the case.
    pub party: PartyId,
}

/// A request that may be repeated without being done twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Whose key: two accounts may use the same one.
    pub account: AccountId,
    /// Keyed digest of the client's key.
    pub key: Digest,
    /// Keyed digest of what was asked, so that a key reused for something else is noticed.
    pub request: Digest,
}

/// What one caller wants appended, all or nothing.
#[derive(Debug, Clone)]
pub struct Append {
    /// Every stream that the decision consulted, with the version it had; 0 = empty.
    pub expected: Vec<(StreamId, u64)>,
    /// The span of time in which the decision holds.
    pub holds: Span,
    /// The events, in order; at least one.
    pub events: Vec<UnplacedEvent>,
    /// For a request that may be repeated.
    pub idempotency: Option<IdempotencyKey>,
    /// Ways to find the case again, kept until it is erased.
    pub lookups: Vec<Lookup>,
}

/// Where a request's events came to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The position of the first; the others follow it.
    pub first: Position,
    /// The version of each in its stream.
    pub versions: Vec<u64>,
    /// The leaf entry of each.
    pub leaf_entries: Vec<Digest>,
    /// When they were recorded.
    pub recorded_at: Timestamp,
}

/// A request was not appended. Nothing of it was written, except where [`AppendError::OutcomeUnknown`] says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Somebody else was faster.
    #[error(
        "stream {stream} is at version {actual}, not {expected}; read it again and decide again"
    )]
    Conflict {
        /// Which stream has moved.
        stream: StreamId,
        /// What the decision had seen.
        expected: u64,
        /// What is there.
        actual: u64,
    },
    /// A dated fact that the decision rested on has ended (or not begun) at the time under the lock.
    #[error("the decision does not hold at {at}; decide again")]
    NoLongerHolds {
        /// The database's time under the lock.
        at: Timestamp,
    },
    /// The same request was appended before.
    #[error("this request was already appended at position {first}")]
    Repeated {
        /// Position of its first event.
        first: Position,
        /// How many events it has.
        count: u64,
    },
    /// The client's key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// An event would have happened after it is recorded.
    #[error(
        "an event cannot have occurred at {occurred_at}, after it is recorded at {recorded_at}"
    )]
    OccursInFuture {
        /// What the event says.
        occurred_at: Timestamp,
        /// The time under the lock.
        recorded_at: Timestamp,
    },
    /// The database's clock is too far from the server's or from the last event; it is not believed.
    #[error(
        "the database's clock says {database}, {reference} was expected within {limit_seconds} s; set the clocks right"
    )]
    ClockJumped {
        /// The time that was refused.
        database: Timestamp,
        /// The time it was compared with.
        reference: Timestamp,
        /// How far apart they may be.
        limit_seconds: i64,
    },
    /// No ledger was opened for this tenant.
    #[error("no ledger is open for tenant {0}")]
    UnknownTenant(TenantId),
    /// More than the store takes in one request.
    #[error("a request may hold {max} {unit}, this one has {given}")]
    TooLarge {
        /// What is limited.
        unit: &'static str,
        /// The limit.
        max: usize,
        /// What was given.
        given: usize,
    },
    /// The store cannot be reached; nothing was written.
    #[error("the event store cannot be reached; nothing was written, try again")]
    Unavailable,
    /// The store went away while it was committing, and has not come back to say how it ended.
    #[error(
        "the event store went away while committing; repeat the request with the same idempotency key to learn how it ended"
    )]
    OutcomeUnknown,
    /// The database holds less than this process has seen in it: it was restored from a backup.
    #[error(
        "the ledger went back from {seen} to {found} events: the database was restored; run `caseledger recover`"
    )]
    WentBack {
        /// The size this process had seen.
        seen: u64,
        /// The size found now.
        found: u64,
    },
}

/// Something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store cannot be reached.
    #[error("the event store cannot be reached; try again")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An envelope is not what this program writes.
    #[error("the envelope at position {position} cannot be read")]
    Envelope {
        /// Where.
        position: Position,
        /// What the parser found.
        source: serde_json::Error,
    },
    /// An event's facts cannot be read.
    #[error("the event at position {position} cannot be read")]
    Facts {
        /// Where.
        position: Position,
        /// Why.
        source: DecodeError,
    },
    /// No ledger was opened for this tenant.
    #[error("no ledger is open for tenant {0}")]
    UnknownTenant(TenantId),
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the ledger.
    pub position: Position,
    /// The envelope's bytes as they were written.
    pub envelope: Vec<u8>,
    /// The salt of its leaf entry.
    pub salt: Digest,
    /// `SHA-256(salt ‖ envelope)`.
    pub leaf_entry: Digest,
}

/// A stored event that was read and brought up to date.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its place in the ledger.
    pub position: Position,
    /// Its envelope.
    pub envelope: Envelope,
    /// Its facts in their current shape.
    pub event: Event,
}

impl StoredEvent {
    /// Reads the envelope and the facts.
    pub fn decode(&self) -> Result<Recorded, ReadError> {
        let position = self.position;
        let envelope: Envelope = serde_json::from_slice(&self.envelope)
            .map_err(|source| ReadError::Envelope { position, source })?;
        let event = Event::decode(
            &envelope.event_type,
            envelope.schema_version,
            &envelope.facts,
        )
        .map_err(|source| ReadError::Facts { position, source })?;
        Ok(Recorded {
            position,
            envelope,
            event,
        })
    }
}

/// How far a ledger has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The right edge of its tree, and with it the number of events.
    pub frontier: Frontier,
    /// When the last event was recorded.
    pub recorded_at: Timestamp,
}

/// One sealed piece of a document's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentChunk {
    /// Its place, from 0.
    pub index: u32,
    /// Ciphertext and tag.
    pub ciphertext: Vec<u8>,
}

/// The name of the newest signed head.
pub const LATEST_HEAD: &str = "latest";

/// Streams that can be read all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Everyone who signs in.
    Accounts,
    /// Every organisation.
    Organisations,
}

impl StreamKind {
    /// What the names of these streams begin with, and the first text that sorts after all of them.
    pub const fn bounds(self) -> (&'static str, &'static str) {
        match self {
            Self::Accounts => ("account/", "account0"),
            Self::Organisations => ("organisation/", "organisation0"),
        }
    }
}

/// Keeps the events of many tenants.
///
/// Appends of one tenant have one order, without gaps. An append is durable when [`EventStore::append`] returns.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Makes room for a tenant; does nothing if it is there.
    async fn open_tenant(&self, tenant: &TenantId) -> Result<(), ReadError>;

    /// Every tenant that has a ledger here.
    async fn tenants(&self) -> Result<Vec<TenantId>, ReadError>;

    /// Appends a request's events at the end, if every expected version still stands and the decision still holds.
    async fn append(&self, tenant: &TenantId, request: Append) -> Result<Appended, AppendError>;

    /// The end of the ledger.
    async fn tip(&self, tenant: &TenantId) -> Result<Tip, ReadError>;

    /// Events of a stream after a version, in order, at most `limit`.
    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// Events from a position on, in order, at most `limit`.
    async fn read_from(
        &self,
        tenant: &TenantId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// Events at these positions, in order of position; missing ones are left out.
    async fn read_at(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// What one account did, newest first, before a position, at most `limit`.
    async fn read_account(
        &self,
        tenant: &TenantId,
        account: AccountId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// Leaf entries of the positions `from..until`.
    async fn leaf_entries(
        &self,
        tenant: &TenantId,
        from: u64,
        until: u64,
    ) -> Result<Vec<Digest>, ReadError>;

    /// Stored subtree hashes of one level, indexes `from..until`.
    async fn subtree_hashes(
        &self,
        tenant: &TenantId,
        level: u8,
        from: u64,
        until: u64,
    ) -> Result<Vec<SubtreeHash>, ReadError>;

    /// Sealed contents at these positions, in order of position; those that were deleted are left out.
    async fn contents(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<(Position, SealedContent)>, ReadError>;

    /// Deletes the contents at these positions; how many there were.
    async fn delete_contents(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<u64, ReadError>;

    /// Cases that a keyed digest leads to.
    async fn find(&self, tenant: &TenantId, index: Digest) -> Result<Vec<Lookup>, ReadError>;

    /// Forgets every way to find a case.
    async fn delete_lookups(&self, tenant: &TenantId, case: CaseId) -> Result<(), ReadError>;

    /// The request that was appended under this key, if any.
    async fn repeated(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<AppendError>, ReadError>;

    /// Keeps pieces of a document's body. They are found only once an event names the document.
    async fn put_chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        chunks: Vec<DocumentChunk>,
    ) -> Result<(), ReadError>;

    /// Pieces of a document's body from an index on, in order, at most `limit`.
    async fn chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<DocumentChunk>, ReadError>;

    /// Deletes the bodies of documents.
    async fn delete_documents(
        &self,
        tenant: &TenantId,
        documents: &[DocumentId],
    ) -> Result<(), ReadError>;

    /// Cases that have a stream, after this one, in order of their ids, at most `limit`. A case whose opening was cleared
    /// and that was never opened is among them. Whoever reads on after the last of a page misses no case that was there
    /// when the reading began.
    async fn cases(
        &self,
        tenant: &TenantId,
        after: Option<CaseId>,
        limit: usize,
    ) -> Result<Vec<CaseId>, ReadError>;

    /// The events of the streams of one kind after a position, in order of position: every account, every organisation.
    async fn read_kind(
        &self,
        tenant: &TenantId,
        kind: StreamKind,
        after: Option<Position>,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// A signed head by its name: [`LATEST_HEAD`], or that of a key rotation.
    async fn published_head(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<String>, ReadError>;

    /// Serves a signed head under a name from here on, if it is larger than the one served until now.
    async fn publish_head(
        &self,
        tenant: &TenantId,
        name: &str,
        size: u64,
        signed: &str,
    ) -> Result<(), ReadError>;
}
