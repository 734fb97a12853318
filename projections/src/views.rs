//! Who looked at a case, who printed, searched or exported it, and who was refused: one row for each event of its
//! `views/` stream.
//!
//! This is an overview, such as a family's page "who has looked". It lags behind: an auditor's question is answered by
//! [`ledger_core::ledger::Ledger::saw`], from the events.
//!
//! Rows stay when a case is erased. They say who looked when, and hold nothing of what was seen; erasing a case must not
//! erase the trace of those who read it (V19). The events that they are made from stay too.

use async_trait::async_trait;
use ledger_core::{
    clock::Timestamp,
    event::Actor,
    ids::{AccountId, CaseId, Code, PartyId, Position, StreamId, TenantId},
    store::Recorded,
};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::{
    Generation, Projection, ProjectionError,
    rows::{bigint, parsed, position},
};

const NAME: &str = "views";

/// The projection behind [`of_case`] and [`by_account`].
#[derive(Debug, Clone, Copy)]
pub struct Views;

#[async_trait]
impl Projection for Views {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["case_views"]
    }

    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let columns = Columns::of(batch);
        if columns.positions.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO case_views (tenant_id, generation, position, case_id, recorded_at,
                                     account_id, party_id, event_type)
             SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[], $5::timestamptz[],
                                          $6::text[], $7::text[], $8::text[])",
        )
        .bind(tenant.as_str())
        .bind(generation)
        .bind(columns.positions)
        .bind(columns.cases)
        .bind(columns.recorded_at)
        .bind(columns.accounts)
        .bind(columns.parties)
        .bind(columns.event_types)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// A batch's views, laid out as the statement takes them.
#[derive(Default)]
struct Columns {
    positions: Vec<i64>,
    cases: Vec<String>,
    recorded_at: Vec<Timestamp>,
    accounts: Vec<Option<String>>,
    parties: Vec<Option<String>>,
    event_types: Vec<String>,
}

impl Columns {
    fn of(batch: &[Recorded]) -> Self {
        let mut columns = Self::default();
        for Recorded {
            position, envelope, ..
        } in batch
        {
            // The stream says it, not the type: a new kind of view is not forgotten.
            let StreamId::Views(case) = envelope.stream else {
                continue;
            };
            let (account, party) = match &envelope.actor {
                Actor::Staff { account, .. } => (Some(account.to_string()), None),
                Actor::Party { party, .. } => (None, Some(party.to_string())),
                Actor::Operator => (None, None),
            };
            columns.positions.push(bigint(position.0));
            columns.cases.push(case.to_string());
            columns.recorded_at.push(envelope.recorded_at);
            columns.accounts.push(account);
            columns.parties.push(party);
            columns.event_types.push(envelope.event_type.to_string());
        }
        columns
    }
}

/// Who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A member of staff.
    Staff(AccountId),
    /// A member of the family, by the id made for this one case.
    Party(PartyId),
    /// Whoever holds the machine's keys.
    Operator,
}

/// Somebody looked at a case, or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The event: what exactly was seen, and why it was allowed, stands there.
    pub position: Position,
    /// Which case.
    pub case: CaseId,
    /// When.
    pub recorded_at: Timestamp,
    /// Who.
    pub viewer: Viewer,
    /// How: the event's type, such as `case_viewed`; `access_refused` means that nothing was seen.
    pub event_type: Code,
}

#[derive(FromRow)]
struct ViewRow {
    position: i64,
    case_id: String,
    recorded_at: Timestamp,
    account_id: Option<String>,
    party_id: Option<String>,
    event_type: String,
}

impl TryFrom<ViewRow> for View {
    type Error = ProjectionError;
    fn try_from(row: ViewRow) -> Result<Self, ProjectionError> {
        let viewer = match (row.account_id, row.party_id) {
            (Some(account), _) => Viewer::Staff(parsed(NAME, &account)?),
            (None, Some(party)) => Viewer::Party(parsed(NAME, &party)?),
            (None, None) => Viewer::Operator,
        };
        Ok(Self {
            position: position(row.position),
            case: parsed(NAME, &row.case_id)?,
            recorded_at: row.recorded_at,
            viewer,
            event_type: parsed(NAME, &row.event_type)?,
        })
    }
}

/// Who looked at a case, newest first: at most `limit` of those before a position.
pub async fn of_case(
    pool: &PgPool,
    tenant: &TenantId,
    case: CaseId,
    before: Option<Position>,
    limit: u32,
) -> Result<Vec<View>, ProjectionError> {
    let rows: Vec<ViewRow> = sqlx::query_as(
        "SELECT position, case_id, recorded_at, account_id, party_id, event_type FROM case_views
         WHERE tenant_id = $1 AND case_id = $2 AND position < $3 AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'views' AND state = 'live')
         ORDER BY position DESC LIMIT $4",
    )
    .bind(tenant.as_str())
    .bind(case.to_string())
    .bind(before.map_or(i64::MAX, |before| bigint(before.0)))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(View::try_from).collect()
}

/// At what a member of staff looked, newest first: at most `limit` of those before a position.
pub async fn by_account(
    pool: &PgPool,
    tenant: &TenantId,
    account: AccountId,
    before: Option<Position>,
    limit: u32,
) -> Result<Vec<View>, ProjectionError> {
    let rows: Vec<ViewRow> = sqlx::query_as(
        "SELECT position, case_id, recorded_at, account_id, party_id, event_type FROM case_views
         WHERE tenant_id = $1 AND account_id = $2 AND position < $3 AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'views' AND state = 'live')
         ORDER BY position DESC LIMIT $4",
    )
    .bind(tenant.as_str())
    .bind(account.to_string())
    .bind(before.map_or(i64::MAX, |before| bigint(before.0)))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(View::try_from).collect()
}
