//! A running instance: database, key store and ledger, put together from the configuration. The service, the command
//! line and the demo all begin here.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use chrono::{TimeDelta, Utc};
use ledger_core::{
    clock::{Clock, SystemEntropy, Timestamp, to_micros},
    ids::TenantId,
    ledger::{Ledger, LedgerError, LedgerSettings, Parts},
    log::Origin,
    sealing::{MasterKey, SqliteKeyring},
    store::{
        EventStore,
        postgres::{MIGRATOR, PostgresSettings, PostgresStore},
    },
};
use secrecy::ExposeSecret as _;
use sqlx::{
    Connection as _, Executor as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::{
    config::Config,
    embedded_postgres::{Durability, EmbeddedPostgres, EmbeddedSettings},
    metrics::Metrics,
    notify::outbox::Outbox,
};

/// The most connections of the service's own pool. A tenant's appender keeps one of them.
const CONNECTIONS_MAX: u32 = 16;
/// The most connections that messages are kept by.
const NOTIFIER_CONNECTIONS_MAX: u32 = 4;

/// The writer's statements insert whole batches from arrays. A plan made for each batch would look at every element
/// and be the same.
const WRITER: &str = "SET ROLE ledger_writer; SET plan_cache_mode = force_generic_plan";

/// The name of the database in a Postgres of our own.
const DATABASE: &str = "caseledger";

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the time comes from"
    )]
    fn now(&self) -> Timestamp {
        to_micros(Utc::now())
    }
}

/// Everything that a command of this program works with.
pub struct Instance {
    /// The configuration that it was made from.
    pub config: Config,
    /// The one door.
    pub ledger: Arc<Ledger>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Connections that act as `ledger_projector`: read models and envelopes, never a content.
    pub projector: PgPool,
    /// Connections that act as `ledger_writer`.
    pub writer: PgPool,
    outbox: Outbox,
    notifier: PgPool,
    store: Arc<PostgresStore>,
    postgres: Option<EmbeddedPostgres>,
}

impl Instance {
    /// Finds or starts the database, brings its schema up to date, opens the key store and the tenant's ledger.
    /// Refuses a database that was restored from before what was published.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let instance = Self::open_unchecked(config).await?;
        instance
            .ledger
            .check_restored(&instance.config.tenant)
            .await?;
        Ok(instance)
    }

    /// The same without the check, for the command that recovers after a restore.
    pub async fn open_unchecked(config: Config) -> anyhow::Result<Self> {
        Self::open_with(config, Arc::new(MachineClock)).await
    }

    /// The same with a clock that is not the machine's.
    pub async fn open_with(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let (options, postgres) = database(&config).await?;
        migrate(&options)
            .await
            .context("the database's schema could not be brought up to date")?;
        let writer = pool(options.clone(), WRITER, CONNECTIONS_MAX).await?;
        let notifier = pool(
            options.clone(),
            "SET ROLE ledger_notifier",
            NOTIFIER_CONNECTIONS_MAX,
        )
        .await?;
        let projector = pool(options, "SET ROLE ledger_projector", CONNECTIONS_MAX / 2).await?;
        let metrics = Arc::new(Metrics::new()?);
        let settings = PostgresSettings {
            batch_events_max: config.batch_events_max,
            ..PostgresSettings::default()
        };
        let store = Arc::new(PostgresStore::new(
            writer.clone(),
            Arc::clone(&clock),
            settings,
            metrics.clone(),
        ));
        let parts = Parts {
            store: store.clone(),
            keyring: Arc::new(key_store(&config).await?),
            clock,
            entropy: Arc::new(SystemEntropy),
            observer: metrics.clone(),
            settings: LedgerSettings {
                release_within: milliseconds(config.release_within_ms),
                recheck_every: milliseconds(config.recheck_interval_ms),
                ..LedgerSettings::default()
            },
        };
        let ledger = Arc::new(Ledger::new(parts));
        let origin: Origin = config
            .origin
            .as_str()
            .parse()
            .context("`origin` is not a name for a log")?;
        // After a recovery the key store knows a newer origin than the configuration.
        let origin = ledger.origin(&config.tenant).await.unwrap_or(origin);
        ledger.open_ledger(&config.tenant, &origin).await?;
        let holder = crate::notify::holder(ledger.entropy());
        let outbox = Outbox::new(notifier.clone(), config.tenant.clone(), holder);
        Ok(Self {
            config,
            ledger,
            metrics,
            projector,
            writer,
            outbox,
            notifier,
            store,
            postgres,
        })
    }

    /// The tenant that this instance serves.
    pub fn tenant(&self) -> &TenantId {
        &self.config.tenant
    }

    /// Where its events are kept, for reading them without their contents.
    pub fn store(&self) -> Arc<dyn EventStore> {
        self.store.clone()
    }

    /// What is still to be delivered to people and programs.
    pub(crate) fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// The Postgres of our own, if the configuration names no other.
    pub fn postgres(&self) -> Option<&EmbeddedPostgres> {
        self.postgres.as_ref()
    }

    /// Publishes heads and writes gathered refusals until `stop` resolves.
    pub async fn publish_until(&self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut tick =
            tokio::time::interval(Duration::from_millis(self.config.publish_interval_ms));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = tick.tick() => {
                    if let Err(error) = self.publish_once().await {
                        tracing::error!(%error, "the newest head could not be published");
                    }
                }
            }
        }
    }

    async fn publish_once(&self) -> Result<(), LedgerError> {
        self.ledger.publish(self.tenant()).await?;
        self.ledger.write_refusals(false).await
    }

    /// Finishes what was acknowledged, publishes it, and stops the Postgres that this process owns.
    pub async fn close(self) -> anyhow::Result<()> {
        self.ledger.write_refusals(true).await?;
        self.store.close().await;
        self.ledger.publish(&self.config.tenant).await?;
        self.writer.close().await;
        self.projector.close().await;
        self.notifier.close().await;
        if let Some(postgres) = self.postgres {
            tokio::task::spawn_blocking(move || postgres.stop()).await?;
        }
        Ok(())
    }
}

fn milliseconds(milliseconds: u64) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// The configured database, or one that this process owns.
pub(crate) async fn database(
    config: &Config,
) -> anyhow::Result<(PgConnectOptions, Option<EmbeddedPostgres>)> {
    if let Some(url) = &config.database_url {
        let options = url
            .expose_secret()
            .parse()
            .context("DATABASE_URL is not a postgres:// URL")?;
        return Ok((options, None));
    }
    let settings = EmbeddedSettings {
        directory: config.data_dir.join("postgres"),
        bin_dir: config.postgres_bin_dir.clone(),
        durability: Durability::Durable,
    };
    let postgres =
        tokio::task::spawn_blocking(move || EmbeddedPostgres::start(&settings)).await??;
    let mut connection = PgConnection::connect_with(&postgres.options("postgres")).await?;
    let made = connection.execute("CREATE DATABASE caseledger").await;
    // Made before, or by another process a moment ago (42P04 duplicate_database, 23505 unique_violation).
    if let Err(error) = made
        && !error
            .as_database_error()
            .is_some_and(|error| matches!(error.code().as_deref(), Some("42P04" | "23505")))
    {
        return Err(error).context("the database could not be made");
    }
    connection.close().await?;
    Ok((postgres.options(DATABASE), Some(postgres)))
}

/// Brings the schema up to date.
pub async fn migrate(options: &PgConnectOptions) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(options).await?;
    MIGRATOR.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

async fn pool(
    options: PgConnectOptions,
    act_as: &'static str,
    connections_max: u32,
) -> anyhow::Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_secs(10))
        .after_connect(move |connection, _| {
            Box::pin(async move {
                connection.execute(act_as).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .context("the database cannot be reached")?;
    Ok(pool)
}

async fn key_store(config: &Config) -> anyhow::Result<SqliteKeyring> {
    let (folder, master_key) = (config.key_store.clone(), config.master_key_file.clone());
    let opened = tokio::task::spawn_blocking(move || -> anyhow::Result<SqliteKeyring> {
        let entropy = Arc::new(SystemEntropy);
        if let Some(parent) = master_key.parent() {
            std::fs::create_dir_all(parent)
                .with_context(|| format!("{} cannot be made", parent.display()))?;
            if parent == folder {
                use std::os::unix::fs::PermissionsExt as _;
                std::fs::set_permissions(parent, std::fs::Permissions::from_mode(0o700))?;
            }
        }
        // A new key would fit no stored one, and would be mistaken for the lost one later.
        if folder.join("keys.sqlite3").exists() && !master_key.exists() {
            anyhow::bail!(
                "the master key {} is missing, though the key store is there: put it back from its backup; without it \
                 nothing in the ledger can be read",
                master_key.display()
            );
        }
        let master_key = MasterKey::load_or_create(&master_key, &*entropy)?;
        Ok(SqliteKeyring::open(&folder, &master_key, entropy)?)
    });
    opened.await?.with_context(|| {
        format!(
            "the key store in {} cannot be opened",
            config.key_store.display()
        )
    })
}
