//! The reference store: everything in memory, under one lock, by the plainest means.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{
    Append, AppendError, Appended, DocumentChunk, EventStore, IdempotencyKey, Lookup, ReadError,
    SealedContent, StoredEvent, StreamKind, Tip,
    placement::{self, Versions},
};
use crate::{
    clock::{Clock, Timestamp},
    ids::{AccountId, CaseId, Digest, DocumentId, Position, StreamId, TenantId},
    log::{Frontier, SubtreeHash},
};

#[derive(Debug)]
struct Ledger {
    tip: Tip,
    versions: Versions,
    events: Vec<(StreamId, u64, Option<AccountId>, StoredEvent)>,
    contents: BTreeMap<Position, SealedContent>,
    subtrees: Vec<SubtreeHash>,
    lookups: Vec<Lookup>,
    idempotency: HashMap<(AccountId, Digest), (Digest, Position, u64)>,
    chunks: BTreeMap<(DocumentId, u32), Vec<u8>>,
    published: BTreeMap<String, (u64, String)>,
}

/// Keeps events until the process ends.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    ledgers: Mutex<BTreeMap<TenantId, Ledger>>,
}

impl MemoryStore {
    /// An empty store whose time is `clock`'s.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            ledgers: Mutex::default(),
        }
    }

    fn with<T>(
        &self,
        tenant: &TenantId,
        read: impl FnOnce(&mut Ledger) -> T,
    ) -> Result<T, ReadError> {
        let mut ledgers = self.lock();
        let ledger = ledgers
            .get_mut(tenant)
            .ok_or_else(|| ReadError::UnknownTenant(tenant.clone()))?;
        Ok(read(ledger))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, Ledger>> {
        self.ledgers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn earlier(ledger: &Ledger, key: &IdempotencyKey) -> Option<AppendError> {
    let (request, first, count) = ledger.idempotency.get(&(key.account, key.key))?;
    Some(if *request == key.request {
        AppendError::Repeated {
            first: *first,
            count: *count,
        }
    } else {
        AppendError::KeyReused
    })
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn open_tenant(&self, tenant: &TenantId) -> Result<(), ReadError> {
        self.lock().entry(tenant.clone()).or_insert_with(|| Ledger {
            tip: Tip {
                frontier: Frontier::EMPTY,
                recorded_at: Timestamp::UNIX_EPOCH,
            },
            versions: Versions::new(),
            events: Vec::new(),
            contents: BTreeMap::new(),
            subtrees: Vec::new(),
            lookups: Vec::new(),
            idempotency: HashMap::new(),
            chunks: BTreeMap::new(),
            published: BTreeMap::new(),
        });
        Ok(())
    }

    async fn tenants(&self) -> Result<Vec<TenantId>, ReadError> {
        Ok(self.lock().keys().cloned().collect())
    }

    async fn append(&self, tenant: &TenantId, request: Append) -> Result<Appended, AppendError> {
        placement::check_limits(&request)?;
        let now = self.clock.now();
        let mut ledgers = self.lock();
        let ledger = ledgers
            .get_mut(tenant)
            .ok_or_else(|| AppendError::UnknownTenant(tenant.clone()))?;
        let at = placement::recording_time(&ledger.tip, now, now)?;
        let repeated = request
            .idempotency
            .as_ref()
            .and_then(|key| earlier(ledger, key));
        let requests = [request];
        let mut placement =
            placement::place(&mut ledger.tip, &mut ledger.versions, at, &requests, |_| {
                repeated.clone()
            });
        let [request] = requests;
        let answer = placement
            .answers
            .pop()
            .unwrap_or(Err(AppendError::Unavailable))?;
        let placed = placement.placed.pop().unwrap_or_default();
        ledger.subtrees.append(&mut placement.subtrees);
        if let Some(key) = request.idempotency {
            let count = request.events.len() as u64;
            ledger
                .idempotency
                .insert((key.account, key.key), (key.request, answer.first, count));
        }
        for (event, placed) in request.events.into_iter().zip(placed) {
            if let Some(content) = event.content {
                ledger.contents.insert(placed.stored.position, content);
            }
            ledger
                .events
                .push((event.stream, placed.version, event.account, placed.stored));
        }
        for lookup in request.lookups {
            if !ledger.lookups.contains(&lookup) {
                ledger.lookups.push(lookup);
            }
        }
        Ok(answer)
    }

    async fn tip(&self, tenant: &TenantId) -> Result<Tip, ReadError> {
        self.with(tenant, |ledger| ledger.tip.clone())
    }

    async fn read_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        after_version: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(tenant, |ledger| {
            let events = ledger
                .events
                .iter()
                .filter(|(of, version, ..)| of == stream && *version > after_version);
            events
                .take(limit)
                .map(|(.., stored)| stored.clone())
                .collect()
        })
    }

    async fn read_from(
        &self,
        tenant: &TenantId,
        from: Position,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(tenant, |ledger| {
            let events = ledger
                .events
                .iter()
                .filter(|(.., stored)| stored.position >= from);
            events
                .take(limit)
                .map(|(.., stored)| stored.clone())
                .collect()
        })
    }

    async fn read_at(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(tenant, |ledger| {
            let events = ledger
                .events
                .iter()
                .filter(|(.., stored)| positions.contains(&stored.position));
            events.map(|(.., stored)| stored.clone()).collect()
        })
    }

    async fn read_account(
        &self,
        tenant: &TenantId,
        account: AccountId,
        before: Option<Position>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(tenant, |ledger| {
            let events = ledger.events.iter().rev().filter(|(_, _, by, stored)| {
                *by == Some(account) && before.is_none_or(|before| stored.position < before)
            });
            events
                .take(limit)
                .map(|(.., stored)| stored.clone())
                .collect()
        })
    }

    async fn leaf_entries(
        &self,
        tenant: &TenantId,
        from: u64,
        until: u64,
    ) -> Result<Vec<Digest>, ReadError> {
        self.with(tenant, |ledger| {
            let events = ledger.events.iter().map(|(.., stored)| stored);
            events
                .filter(|stored| (from..until).contains(&stored.position.0))
                .map(|stored| stored.leaf_entry)
                .collect()
        })
    }

    async fn subtree_hashes(
        &self,
        tenant: &TenantId,
        level: u8,
        from: u64,
        until: u64,
    ) -> Result<Vec<SubtreeHash>, ReadError> {
        self.with(tenant, |ledger| {
            let subtrees = ledger.subtrees.iter().copied();
            subtrees
                .filter(|subtree| subtree.level == level && (from..until).contains(&subtree.index))
                .collect()
        })
    }

    async fn contents(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<Vec<(Position, SealedContent)>, ReadError> {
        self.with(tenant, |ledger| {
            let found = ledger
                .contents
                .iter()
                .filter(|(position, _)| positions.contains(position));
            found
                .map(|(position, content)| (*position, content.clone()))
                .collect()
        })
    }

    async fn delete_contents(
        &self,
        tenant: &TenantId,
        positions: &[Position],
    ) -> Result<u64, ReadError> {
        self.with(tenant, |ledger| {
            positions
                .iter()
                .filter(|position| ledger.contents.remove(position).is_some())
                .count() as u64
        })
    }

    async fn find(&self, tenant: &TenantId, index: Digest) -> Result<Vec<Lookup>, ReadError> {
        self.with(tenant, |ledger| {
            ledger
                .lookups
                .iter()
                .filter(|lookup| lookup.index == index)
                .copied()
                .collect()
        })
    }

    async fn delete_lookups(&self, tenant: &TenantId, case: CaseId) -> Result<(), ReadError> {
        self.with(tenant, |ledger| {
            ledger.lookups.retain(|lookup| lookup.case != case);
        })
    }

    async fn repeated(
        &self,
        tenant: &TenantId,
        key: &IdempotencyKey,
    ) -> Result<Option<AppendError>, ReadError> {
        self.with(tenant, |ledger| earlier(ledger, key))
    }

    async fn put_chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        chunks: Vec<DocumentChunk>,
    ) -> Result<(), ReadError> {
        self.with(tenant, |ledger| {
            ledger.chunks.extend(
                chunks
                    .into_iter()
                    .map(|chunk| ((document, chunk.index), chunk.ciphertext)),
            );
        })
    }

    async fn chunks(
        &self,
        tenant: &TenantId,
        document: DocumentId,
        from: u32,
        limit: usize,
    ) -> Result<Vec<DocumentChunk>, ReadError> {
        self.with(tenant, |ledger| {
            let range = ledger
                .chunks
                .range((document, from)..=(document, u32::MAX))
                .take(limit);
            range
                .map(|((_, index), ciphertext)| DocumentChunk {
                    index: *index,
                    ciphertext: ciphertext.clone(),
                })
                .collect()
        })
    }

    async fn delete_documents(
        &self,
        tenant: &TenantId,
        documents: &[DocumentId],
    ) -> Result<(), ReadError> {
        self.with(tenant, |ledger| {
            ledger
                .chunks
                .retain(|(document, _), _| !documents.contains(document));
        })
    }

    async fn cases(
        &self,
        tenant: &TenantId,
        after: Option<CaseId>,
        limit: usize,
    ) -> Result<Vec<CaseId>, ReadError> {
        self.with(tenant, |ledger| {
            let cases: BTreeSet<CaseId> = ledger
                .events
                .iter()
                .filter_map(|(stream, ..)| match stream {
                    StreamId::Case(case) if after.is_none_or(|after| *case > after) => Some(*case),
                    _ => None,
                })
                .collect();
            cases.into_iter().take(limit).collect()
        })
    }

    async fn read_kind(
        &self,
        tenant: &TenantId,
        kind: StreamKind,
        after: Option<Position>,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let (from, until) = kind.bounds();
        self.with(tenant, |ledger| {
            let events = ledger
                .events
                .iter()
                .filter(|(stream, ..)| (from..until).contains(&stream.to_string().as_str()));
            events
                .map(|(.., stored)| stored.clone())
                .filter(|stored| after.is_none_or(|after| stored.position > after))
                .collect()
        })
    }

    async fn published_head(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<String>, ReadError> {
        self.with(tenant, |ledger| {
            ledger.published.get(name).map(|(_, signed)| signed.clone())
        })
    }

    async fn publish_head(
        &self,
        tenant: &TenantId,
        name: &str,
        size: u64,
        signed: &str,
    ) -> Result<(), ReadError> {
        self.with(tenant, |ledger| {
            if ledger
                .published
                .get(name)
                .is_none_or(|(published, _)| *published < size)
            {
                ledger
                    .published
                    .insert(name.to_owned(), (size, signed.to_owned()));
            }
        })
    }
}
