//! Ledgers that are filled as fast as the store takes events.

use std::sync::Arc;

use caseledger::instance::{Instance, MachineClock};
use ledger_core::{
    clock::{Clock as _, Span, SystemEntropy},
    event::{Actor, CorrelationId, UnplacedEnvelope},
    events::{Event, NoteAdded},
    ids::{AccountId, CaseId, Digest, EventId, KeyId, NoteId, StreamId, TenantId},
    ledger::Ledger,
    profile::Assurance,
    sealing::{self, Binding, DataKey, MemoryKeyring},
    store::{
        Append, EventStore, SealedContent, UnplacedEvent,
        postgres::{PostgresSettings, PostgresStore},
    },
};

use crate::{Call, rounds::Caller, world::code};

/// Events of one call while a ledger is filled.
const EVENTS_A_CALL: usize = 500;

/// A tenant that is filled below the rules: sealed, committed, hashed and checked, but not decided.
pub(crate) struct BulkTenant {
    pub(crate) tenant: TenantId,
    store: Arc<PostgresStore>,
    ledger: Ledger,
    key: DataKey,
    case: CaseId,
    account: AccountId,
}

impl BulkTenant {
    pub(crate) async fn open(instance: &Instance, name: &str) -> anyhow::Result<Self> {
        let tenant: TenantId = name.parse()?;
        let clock: Arc<dyn ledger_core::clock::Clock> = Arc::new(MachineClock);
        let store = Arc::new(PostgresStore::new(
            instance.writer.clone(),
            Arc::clone(&clock),
            PostgresSettings::default(),
            Arc::new(()),
        ));
        store.open_tenant(&tenant).await?;
        let entropy = Arc::new(SystemEntropy);
        let keyring = Arc::new(MemoryKeyring::new(entropy.clone()));
        let ledger = Ledger::new(ledger_core::ledger::Parts {
            store: store.clone(),
            keyring,
            clock,
            entropy,
            observer: Arc::new(()),
            settings: ledger_core::ledger::LedgerSettings::default(),
        });
        ledger
            .open_ledger(&tenant, &format!("bench.example/{name}").parse()?)
            .await?;
        let now = MachineClock.now();
        Ok(Self {
            tenant,
            store,
            ledger,
            key: DataKey::generate(&SystemEntropy),
            case: CaseId::generate(now, &SystemEntropy),
            account: AccountId::generate(now, &SystemEntropy),
        })
    }

    fn event(&self, stream: &StreamId) -> UnplacedEvent {
        let (now, entropy) = (MachineClock.now(), SystemEntropy);
        let event_id = EventId::generate(now, &entropy);
        let key_id = KeyId::Case(self.case);
        let binding = Binding {
            tenant: &self.tenant,
            event: event_id,
            key_id,
        };
        let sealed = sealing::seal(&self.key, &binding, &[7; 300], &entropy);
        let facts = Event::NoteAdded(NoteAdded {
            note: NoteId::generate(now, &entropy),
            section: code("notes"),
        });
        let actor = Actor::Staff {
            account: self.account,
            role: Some(code("baton_holder")),
            organisation: None,
            on_behalf_of: None,
            issuer: code("bench"),
            assurance: Assurance::High,
        };
        let raw = facts.to_facts();
        let envelope = UnplacedEnvelope {
            tenant: &self.tenant,
            stream,
            event_id,
            event_type: facts.event_type(),
            schema_version: facts.schema_version(),
            occurred_at: None,
            actor: &actor,
            case: Some(self.case),
            purpose: None,
            basis: None,
            correlation_id: CorrelationId::generate(&entropy),
            facts: &raw,
            content_commitment: Some(sealed.commitment),
        };
        let mut salt = [0; 32];
        ledger_core::clock::Entropy::fill(&entropy, &mut salt);
        UnplacedEvent {
            stream: stream.clone(),
            event_id,
            envelope: envelope.encode(),
            salt: Digest(salt),
            occurred_at: None,
            account: Some(self.account),
            content: Some(SealedContent {
                key: key_id,
                ciphertext: sealed.ciphertext,
            }),
        }
    }

    /// A caller with a stream of its own, whose version it expects.
    pub(crate) fn appending(self: &Arc<Self>, _: usize, events: usize) -> Caller {
        let tenant = Arc::clone(self);
        let stream = StreamId::Case(CaseId::generate(MachineClock.now(), &SystemEntropy));
        let mut version = 0;
        let call: Call = Box::new(move || {
            let (tenant, stream, expected) = (Arc::clone(&tenant), stream.clone(), version);
            version += events as u64;
            Box::pin(async move {
                let request = Append {
                    expected: vec![(stream.clone(), expected)],
                    holds: Span::ALWAYS,
                    events: (0..events).map(|_| tenant.event(&stream)).collect(),
                    idempotency: None,
                    lookups: Vec::new(),
                };
                tenant.store.append(&tenant.tenant, request).await?;
                Ok(events as u64)
            })
        });
        call.into()
    }

    /// One event a call.
    pub(crate) fn caller(self: &Arc<Self>, number: usize) -> Caller {
        self.appending(number, 1)
    }

    /// Appends until so many events are there.
    pub(crate) async fn fill_to(
        self: &Arc<Self>,
        size: u64,
        progress: impl Fn(u64, u64),
    ) -> anyhow::Result<()> {
        const AT_ONCE: u64 = 8;
        loop {
            let have = self.store.tip(&self.tenant).await?.frontier.size();
            progress(have, size);
            if have >= size {
                return Ok(());
            }
            let calls = (size - have)
                .div_ceil(EVENTS_A_CALL as u64)
                .min(AT_ONCE * 8);
            let callers = (0..calls).map(|_| {
                let Caller(mut call) = self.appending(0, EVENTS_A_CALL);
                tokio::spawn(async move { call().await })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await??;
            }
        }
    }

    /// Recomputes commitments and tree from the first event on; how many events.
    pub(crate) async fn verify(&self) -> anyhow::Result<u64> {
        let verification = self.ledger.verify(&self.tenant, false, &|_, _| ()).await?;
        anyhow::ensure!(verification.errors.is_empty(), "{:?}", verification.errors);
        Ok(verification.events)
    }
}
