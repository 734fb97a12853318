//! `caseledger migrate`: the database's schema alone, for those who let nobody else change it.

use anyhow::Context as _;
use serde::Serialize;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::{Exit, Progress, output::OutputArgs, session::Session};
use crate::instance;

/// Bring the database's schema up to date
///
/// Every other command does the same when it begins; this one does nothing else. It goes forward only, and needs a
/// database role that may create tables and roles.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger migrate
  DATABASE_URL=postgres://owner@db.example.org/ledger caseledger migrate --json")]
pub(super) struct MigrateArgs {
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

/// What was done to the schema.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Migrated {
    version: i64,
    applied: Vec<Migration>,
}

#[derive(Debug, Serialize)]
struct Migration {
    version: i64,
    description: String,
}

impl MigrateArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config()?;
        let migrated = {
            let _progress = Progress::begin("bringing the schema up to date", self.output.json);
            // Held until the schema is up to date, if it is one of our own.
            let (options, _postgres) = instance::database(&config).await?;
            migrate(&options).await?
        };
        self.output.print(&migrated, || text(&migrated))?;
        Ok(Exit::Done)
    }
}

async fn migrate(options: &PgConnectOptions) -> anyhow::Result<Migrated> {
    let before = applied(options).await?.len();
    instance::migrate(options).await?;
    let after = applied(options).await?;
    Ok(Migrated {
        version: after.last().map_or(0, |(version, _)| *version),
        applied: after
            .into_iter()
            .skip(before)
            .map(|(version, description)| Migration {
                version,
                description,
            })
            .collect(),
    })
}

/// The migrations that the database has seen, in order.
async fn applied(options: &PgConnectOptions) -> anyhow::Result<Vec<(i64, String)>> {
    let mut connection = PgConnection::connect_with(options)
        .await
        .context("the database cannot be reached")?;
    let known: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut connection)
        .await?;
    let applied = if known {
        sqlx::query_as(
            "SELECT version, description FROM _sqlx_migrations WHERE success ORDER BY version",
        )
        .fetch_all(&mut connection)
        .await?
    } else {
        Vec::new()
    };
    connection.close().await?;
    Ok(applied)
}

fn text(migrated: &Migrated) -> String {
    if migrated.applied.is_empty() {
        return format!("The schema is up to date, at version {}.", migrated.version);
    }
    let mut lines = vec![format!(
        "The schema is now at version {}. Applied:",
        migrated.version
    )];
    let applied = migrated.applied.iter();
    lines.extend(applied.map(|one| format!("  {:04}  {}", one.version, one.description)));
    lines.join("\n")
}
