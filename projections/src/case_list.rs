//! The cases that somebody could see in a list: those in which a member of staff takes part, those of the units in
//! which they hold a role, and those that were submitted to these units. Members of a family are led to their cases by the ledger's lookups instead, because their
//! accounts are content.
//!
//! What is found here is a candidate. The list shows a case only after [`ledger_core::ledger::Ledger::look`] has decided
//! on it and left a view behind.
//!
//! When a case is erased its rows go, from the first of the two events on: nothing leads to it any more.

mod filter;
mod fold;

use async_trait::async_trait;
use ledger_core::{
    clock::Timestamp,
    ids::{AccountId, CaseId, Code, OrganisationId, Position, ProfileId, TenantId},
    store::Recorded,
};
use sqlx::{PgConnection, PgPool};

pub use self::filter::{Filter, matching};
use crate::{
    Generation, Projection, ProjectionError,
    rows::{parsed, position},
};

const NAME: &str = "case_list";

/// The projection behind [`candidates`].
#[derive(Debug, Clone, Copy)]
pub struct CaseList;

#[async_trait]
impl Projection for CaseList {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        3
    }

    fn tables(&self) -> &'static [&'static str] {
        &["case_list", "case_list_members"]
    }

    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let changes = fold::Changes::of(batch);
        // What is erased goes first: a case that is gone takes in nothing more.
        let gone = changes.erased();
        if !gone.is_empty() {
            delete_cases(&gone, generation, tenant, connection).await?;
        }
        let opened = changes.opened();
        if !opened.cases.is_empty() {
            insert_cases(opened, generation, tenant, connection).await?;
        }
        let changed = changes.changed();
        if !changed.cases.is_empty() {
            update_cases(changed, generation, tenant, connection).await?;
        }
        let removed = changes.removed();
        if !removed.cases.is_empty() {
            delete_members(removed, generation, tenant, connection).await?;
        }
        let roles = changes.roles();
        if !roles.cases.is_empty() {
            update_roles(roles, generation, tenant, connection).await?;
        }
        let added = changes.added();
        if !added.cases.is_empty() {
            insert_members(added, generation, tenant, connection).await?;
        }
        Ok(())
    }
}

async fn delete_cases(
    cases: &[String],
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "DELETE FROM case_list_members
         WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(cases)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM case_list WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(cases)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_cases(
    opened: fold::OpenedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO case_list (tenant_id, generation, case_id, profile, unit, status,
                                opened_at, closed_at, last_position, receiver, request_kind)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[],
                                      $7::timestamptz[], $8::timestamptz[], $9::bigint[],
                                      $10::text[], $11::text[])",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(opened.cases)
    .bind(opened.profiles)
    .bind(opened.units)
    .bind(opened.statuses)
    .bind(opened.opened_at)
    .bind(opened.closed_at)
    .bind(opened.last_positions)
    .bind(opened.receivers)
    .bind(opened.request_kinds)
    .execute(connection)
    .await?;
    Ok(())
}

async fn update_cases(
    changed: fold::ChangedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE case_list SET status = coalesce(changed.status, case_list.status),
                              unit = coalesce(changed.unit, case_list.unit),
                              closed_at = CASE WHEN changed.closed_or_reopened
                                               THEN changed.closed_at
                                               ELSE case_list.closed_at END,
                              last_position = changed.last_position
         FROM unnest($3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
                     $8::bigint[])
              AS changed (case_id, status, unit, closed_or_reopened, closed_at, last_position)
         WHERE tenant_id = $1 AND generation = $2 AND case_list.case_id = changed.case_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(changed.cases)
    .bind(changed.statuses)
    .bind(changed.units)
    .bind(changed.closed_or_reopened)
    .bind(changed.closed_at)
    .bind(changed.last_positions)
    .execute(connection)
    .await?;
    Ok(())
}

async fn delete_members(
    removed: fold::RemovedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "DELETE FROM case_list_members AS member
         USING unnest($3::text[], $4::text[]) AS removed (case_id, party_id)
         WHERE tenant_id = $1 AND generation = $2
           AND member.case_id = removed.case_id AND member.party_id = removed.party_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(removed.cases)
    .bind(removed.parties)
    .execute(connection)
    .await?;
    Ok(())
}

async fn update_roles(
    changed: fold::RoleRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE case_list_members AS member SET role = changed.role
         FROM unnest($3::text[], $4::text[], $5::text[]) AS changed (case_id, party_id, role)
         WHERE tenant_id = $1 AND generation = $2
           AND member.case_id = changed.case_id AND member.party_id = changed.party_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(changed.cases)
    .bind(changed.parties)
    .bind(changed.roles)
    .execute(connection)
    .await?;
    Ok(())
}

/// Members of a case that is not in the list are left out: an erased case takes in nobody.
async fn insert_members(
    added: fold::AddedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO case_list_members (tenant_id, generation, case_id, party_id,
                                        account_id, role, service)
         SELECT $1, $2, added.*
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
              AS added (case_id, party_id, account_id, role, service)
         JOIN case_list AS listed ON listed.tenant_id = $1 AND listed.generation = $2
                                 AND listed.case_id = added.case_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(added.cases)
    .bind(added.parties)
    .bind(added.accounts)
    .bind(added.roles)
    .bind(added.services)
    .execute(connection)
    .await?;
    Ok(())
}

/// Cases in which this account takes part, for which one of these units is responsible, or that were submitted to one of
/// them (K2), as far as the filter lets them through, oldest first: at most `limit` of those after `after`. Candidates,
/// to be decided upon one by one; fewer than `limit` means that there are no more.
pub async fn candidates(
    pool: &PgPool,
    tenant: &TenantId,
    account: AccountId,
    units: &[OrganisationId],
    filter: &Filter,
    after: Option<CaseId>,
    limit: u32,
) -> Result<Vec<CaseId>, ProjectionError> {
    let units: Vec<String> = units.iter().map(ToString::to_string).collect();
    let found: Vec<String> = sqlx::query_scalar(
        "WITH live AS (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'case_list' AND state = 'live')
         (SELECT DISTINCT member.case_id
          FROM case_list_members AS member
          JOIN case_list AS listed USING (tenant_id, generation, case_id)
          WHERE member.tenant_id = $1 AND member.generation = (SELECT generation FROM live)
            AND member.account_id = $2 AND member.case_id > $4
            AND ($6::text[] IS NULL OR listed.status = ANY($6))
            AND ($7::text IS NULL OR listed.profile = $7)
            AND ($8::text IS NULL OR listed.unit = $8)
            AND ($9::timestamptz IS NULL OR listed.opened_at >= $9)
            AND ($10::timestamptz IS NULL OR listed.opened_at < $10)
            AND ($11::text IS NULL OR listed.request_kind = $11)
            AND ($12::text IS NULL OR listed.receiver = $12)
          ORDER BY member.case_id LIMIT $5)
         UNION
         (SELECT of_unit.case_id
          FROM unnest($3::text[]) AS asked (unit)
          CROSS JOIN LATERAL (
              SELECT listed.case_id FROM case_list AS listed
              WHERE listed.tenant_id = $1 AND listed.generation = (SELECT generation FROM live)
                AND listed.unit = asked.unit AND listed.case_id > $4
                AND ($6::text[] IS NULL OR listed.status = ANY($6))
                AND ($7::text IS NULL OR listed.profile = $7)
                AND ($8::text IS NULL OR listed.unit = $8)
                AND ($9::timestamptz IS NULL OR listed.opened_at >= $9)
                AND ($10::timestamptz IS NULL OR listed.opened_at < $10)
                AND ($11::text IS NULL OR listed.request_kind = $11)
                AND ($12::text IS NULL OR listed.receiver = $12)
              ORDER BY listed.case_id LIMIT $5) AS of_unit)
         UNION
         (SELECT at_desk.case_id
          FROM unnest($3::text[]) AS asked (desk)
          CROSS JOIN LATERAL (
              SELECT listed.case_id FROM case_list AS listed
              WHERE listed.tenant_id = $1 AND listed.generation = (SELECT generation FROM live)
                AND listed.receiver = asked.desk AND listed.case_id > $4
                AND ($6::text[] IS NULL OR listed.status = ANY($6))
                AND ($7::text IS NULL OR listed.profile = $7)
                AND ($8::text IS NULL OR listed.unit = $8)
                AND ($9::timestamptz IS NULL OR listed.opened_at >= $9)
                AND ($10::timestamptz IS NULL OR listed.opened_at < $10)
                AND ($11::text IS NULL OR listed.request_kind = $11)
                AND ($12::text IS NULL OR listed.receiver = $12)
              ORDER BY listed.case_id LIMIT $5) AS at_desk)
         ORDER BY case_id LIMIT $5",
    )
    .bind(tenant.as_str())
    .bind(account.to_string())
    .bind(units)
    // Sorts before every identifier.
    .bind(after.map_or_else(String::new, |after| after.to_string()))
    .bind(i64::from(limit))
    .bind(filter.statuses())
    .bind(filter.profile.as_ref().map(ProfileId::as_str))
    .bind(filter.unit())
    .bind(filter.opened_from)
    .bind(filter.opened_before)
    .bind(filter.kind())
    .bind(filter.receiver())
    .fetch_all(pool)
    .await?;
    found.iter().map(|case| parsed(NAME, case)).collect()
}

/// What the list knows of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCase {
    /// Which case.
    pub case: CaseId,
    /// The system whose rules it follows.
    pub profile: ProfileId,
    /// The unit that is responsible.
    pub unit: OrganisationId,
    /// Its status.
    pub status: Code,
    /// When its opening was recorded.
    pub opened_at: Timestamp,
    /// When its closing was recorded; nothing, once it was reopened.
    pub closed_at: Option<Timestamp>,
    /// The position of the last event of its life; views do not count.
    pub last_position: Position,
}

/// What the list knows of a case; nothing, if it was never opened or is erased. For services that work through
/// cases (what is due, what has rested for long): nobody may be shown this without a decision.
pub async fn find(
    pool: &PgPool,
    tenant: &TenantId,
    case: CaseId,
) -> Result<Option<ListedCase>, ProjectionError> {
    type Row = (String, String, String, Timestamp, Option<Timestamp>, i64);
    let row: Option<Row> = sqlx::query_as(
        "SELECT profile, unit, status, opened_at, closed_at, last_position FROM case_list
         WHERE tenant_id = $1 AND case_id = $2 AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'case_list' AND state = 'live')",
    )
    .bind(tenant.as_str())
    .bind(case.to_string())
    .fetch_optional(pool)
    .await?;
    let Some((profile, unit, status, opened_at, closed_at, last_position)) = row else {
        return Ok(None);
    };
    Ok(Some(ListedCase {
        case,
        profile: parsed(NAME, &profile)?,
        unit: parsed(NAME, &unit)?,
        status: parsed(NAME, &status)?,
        opened_at,
        closed_at,
        last_position: position(last_position),
    }))
}
