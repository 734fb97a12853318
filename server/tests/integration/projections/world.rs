//! A database with an open ledger, and the connections that each role has to it.

use std::sync::Arc;

use caseledger::instance::{MachineClock, migrate};
use ledger_core::{
    clock::{Span, SystemEntropy},
    event::{Actor, CorrelationId, UnplacedEnvelope},
    events::Event,
    ids::{AccountId, Digest, EventId, Position, StreamId, TenantId},
    store::{
        Append, EventStore as _, UnplacedEvent,
        postgres::{PostgresSettings, PostgresStore},
    },
};
use projections::{Projection, Runner};
use serde_json::value::RawValue;
use sqlx::{
    AssertSqlSafe, Executor as _, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use ulid::Ulid;

use crate::support::postgres::{TestDatabase, database_from};

/// Something that happens, in the stream where it happens.
pub(super) struct Happening {
    pub(super) stream: StreamId,
    pub(super) event: Event,
    pub(super) actor: Actor,
}

pub(super) struct World {
    pub(super) store: Arc<PostgresStore>,
    pub(super) tenant: TenantId,
    /// Acts as `ledger_projector`.
    pub(super) projector: PgPool,
    /// Acts as `ledger_writer`.
    pub(super) writer: PgPool,
    /// Acts as superuser: sees everything.
    pub(super) superuser: PgPool,
    database: TestDatabase,
}

pub(super) async fn world() -> World {
    let migrated = async |options: PgConnectOptions| {
        migrate(&options).await.unwrap();
    };
    let database = database_from("projections_template", migrated).await;
    let world = connected(database).await;
    world.store.open_tenant(&world.tenant).await.unwrap();
    world
}

async fn connected(database: TestDatabase) -> World {
    let writer = pool(&database, "SET ROLE ledger_writer").await;
    World {
        store: store(&writer),
        tenant: "kvam".parse().unwrap(),
        projector: pool(&database, "SET ROLE ledger_projector").await,
        writer,
        superuser: pool(&database, "RESET ROLE").await,
        database,
    }
}

fn store(writer: &PgPool) -> Arc<PostgresStore> {
    Arc::new(PostgresStore::new(
        writer.clone(),
        Arc::new(MachineClock),
        PostgresSettings::default(),
        Arc::new(()),
    ))
}

async fn pool(database: &TestDatabase, act_as: &'static str) -> PgPool {
    PgPoolOptions::new()
        .max_connections(6)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(act_as).await?;
                Ok(())
            })
        })
        .connect_with(database.options.clone())
        .await
        .unwrap()
}

impl World {
    /// Another server on the same database.
    pub(super) async fn another_server(&self) -> Self {
        connected(self.database.clone()).await
    }

    /// The same connections, and a ledger of another tenant. Close its store when it is done with: a store keeps a
    /// connection for each tenant that was appended to.
    pub(super) async fn with_tenant(&self, tenant: &str) -> Self {
        let world = Self {
            store: store(&self.writer),
            tenant: tenant.parse().unwrap(),
            projector: self.projector.clone(),
            writer: self.writer.clone(),
            superuser: self.superuser.clone(),
            database: self.database.clone(),
        };
        world.store.open_tenant(&world.tenant).await.unwrap();
        world
    }

    pub(super) fn runner(&self, projections: Vec<Box<dyn Projection>>) -> Runner {
        Runner::new(
            self.projector.clone(),
            self.store.clone(),
            self.tenant.clone(),
            projections,
        )
    }

    /// Appends in one request; the position of the first.
    pub(super) async fn append(&self, happenings: Vec<Happening>) -> Position {
        let events = happenings
            .iter()
            .map(|happening| {
                let event = &happening.event;
                let facts = event.to_facts();
                let written = (event.event_type(), event.schema_version(), &*facts);
                self.unplaced(&happening.stream, &happening.actor, written)
            })
            .collect();
        self.append_unplaced(events).await
    }

    /// Appends an event of a type that only a later version of the program knows.
    pub(super) async fn append_from_the_future(&self) -> Position {
        let facts = RawValue::from_string("{}".to_owned()).unwrap();
        let written = ("time_travelled", 1, &*facts);
        let event = self.unplaced(&StreamId::Ledger, &Actor::Operator, written);
        self.append_unplaced(vec![event]).await
    }

    async fn append_unplaced(&self, events: Vec<UnplacedEvent>) -> Position {
        let request = Append {
            expected: Vec::new(),
            holds: Span::ALWAYS,
            events,
            idempotency: None,
            lookups: Vec::new(),
        };
        let appended = self.store.append(&self.tenant, request).await;
        appended.unwrap().first
    }

    fn unplaced(
        &self,
        stream: &StreamId,
        actor: &Actor,
        (event_type, schema_version, facts): (&'static str, u16, &RawValue),
    ) -> UnplacedEvent {
        let event_id = EventId::from_ulid(Ulid::from_parts(1, 1));
        let case = match stream {
            StreamId::Case(case) | StreamId::Views(case) => Some(*case),
            _ => None,
        };
        let envelope = UnplacedEnvelope {
            tenant: &self.tenant,
            stream,
            event_id,
            event_type,
            schema_version,
            occurred_at: None,
            actor,
            case,
            purpose: None,
            basis: None,
            correlation_id: CorrelationId::generate(&SystemEntropy),
            facts,
            content_commitment: None,
        };
        UnplacedEvent {
            stream: stream.clone(),
            event_id,
            envelope: envelope.encode(),
            salt: Digest([7; 32]),
            occurred_at: None,
            account: None,
            content: None,
        }
    }

    /// The rows of a table that answer queries, as text, in order.
    pub(super) async fn live_rows(&self, projection: &str, table: &str) -> Vec<String> {
        let statement = format!(
            "SELECT (to_jsonb(rows) - 'generation')::text AS line FROM {table} AS rows
             WHERE tenant_id = $1 AND generation = (
                 SELECT generation FROM projection_generations
                 WHERE tenant_id = $1 AND projection = $2 AND state = 'live')
             ORDER BY line"
        );
        sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(self.tenant.as_str())
            .bind(projection)
            .fetch_all(&self.superuser)
            .await
            .unwrap()
    }

    /// Everything that the real read models hold.
    pub(super) async fn everything(&self) -> Vec<String> {
        let mut everything = Vec::new();
        for projection in projections::all() {
            for table in projection.tables() {
                everything.extend(self.live_rows(projection.name(), table).await);
            }
        }
        everything
    }

    /// Generation, state, version and next position of a read model's generations.
    pub(super) async fn generations(&self, projection: &str) -> Vec<(i64, String, i32, i64)> {
        sqlx::query_as(
            "SELECT generation, state, version, next_position FROM projection_generations
             WHERE tenant_id = $1 AND projection = $2 ORDER BY generation",
        )
        .bind(self.tenant.as_str())
        .bind(projection)
        .fetch_all(&self.superuser)
        .await
        .unwrap()
    }
}

pub(super) fn staff(account: AccountId) -> Actor {
    Actor::Staff {
        account,
        role: None,
        organisation: None,
        on_behalf_of: None,
        issuer: "test".parse().unwrap(),
        assurance: ledger_core::profile::Assurance::High,
    }
}
