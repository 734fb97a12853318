//! Numbers for those who are responsible: cases by status, time from opening to the first measure, measures ended by
//! effect, consents withdrawn, cases opened by month; of a system as a whole, or of one unit.
//!
//! They are counted from one row a case. A case that went over to another unit counts there with all that it holds; a
//! case that is erased counts no longer, so numbers of the past become smaller. What is answered here is exact: small
//! numbers can single out a child, and are to be withheld before anybody is shown them.

mod fold;

use async_trait::async_trait;
use chrono::TimeDelta;
use ledger_core::{
    ids::{Code, OrganisationId, ProfileId, TenantId},
    store::Recorded,
};
use sqlx::{PgConnection, PgPool};

use crate::{Generation, Projection, ProjectionError, rows::parsed};

const NAME: &str = "numbers";

/// The projection behind [`of`].
#[derive(Debug, Clone, Copy)]
pub struct Numbers;

#[async_trait]
impl Projection for Numbers {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        1
    }

    fn tables(&self) -> &'static [&'static str] {
        &["numbers_cases", "numbers_measures", "numbers_withdrawals"]
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
        let opened = changes.cases(true);
        if !opened.cases.is_empty() {
            insert_cases(opened, generation, tenant, connection).await?;
        }
        let changed = changes.cases(false);
        if !changed.cases.is_empty() {
            update_cases(changed, generation, tenant, connection).await?;
        }
        let ended = changes.measures_ended();
        if !ended.0.is_empty() {
            insert_measures(ended, generation, tenant, connection).await?;
        }
        let withdrawn = changes.consents_withdrawn();
        if !withdrawn.0.is_empty() {
            insert_withdrawals(withdrawn, generation, tenant, connection).await?;
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
    for statement in [
        "DELETE FROM numbers_measures
         WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
        "DELETE FROM numbers_withdrawals
         WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
        "DELETE FROM numbers_cases
         WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
    ] {
        sqlx::query(statement)
            .bind(tenant.as_str())
            .bind(generation)
            .bind(cases)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn insert_cases(
    opened: fold::CaseRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO numbers_cases (tenant_id, generation, case_id, profile, unit, status,
                                    opened_at, first_measure_at)
         SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[],
                                      $7::timestamptz[], $8::timestamptz[])",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(opened.cases)
    .bind(opened.profiles)
    .bind(opened.units)
    .bind(opened.statuses)
    .bind(opened.opened_at)
    .bind(opened.first_measure_at)
    .execute(connection)
    .await?;
    Ok(())
}

async fn update_cases(
    changed: fold::CaseRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE numbers_cases AS counted
         SET unit = coalesce(changed.unit, counted.unit),
             status = coalesce(changed.status, counted.status),
             first_measure_at = coalesce(counted.first_measure_at, changed.first_measure_at)
         FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[])
              AS changed (case_id, unit, status, first_measure_at)
         WHERE tenant_id = $1 AND generation = $2 AND counted.case_id = changed.case_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(changed.cases)
    .bind(changed.units)
    .bind(changed.statuses)
    .bind(changed.first_measure_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// What ended in a case that is not counted is left out: an erased case takes in nothing.
async fn insert_measures(
    (cases, measures, effects): fold::EndedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO numbers_measures (tenant_id, generation, case_id, measure_id, effect)
         SELECT $1, $2, ended.*
         FROM unnest($3::text[], $4::text[], $5::text[]) AS ended (case_id, measure_id, effect)
         JOIN numbers_cases AS counted ON counted.tenant_id = $1 AND counted.generation = $2
                                      AND counted.case_id = ended.case_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(cases)
    .bind(measures)
    .bind(effects)
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_withdrawals(
    (cases, consents): (Vec<String>, Vec<String>),
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO numbers_withdrawals (tenant_id, generation, case_id, consent_id)
         SELECT $1, $2, withdrawn.*
         FROM unnest($3::text[], $4::text[]) AS withdrawn (case_id, consent_id)
         JOIN numbers_cases AS counted ON counted.tenant_id = $1 AND counted.generation = $2
                                      AND counted.case_id = withdrawn.case_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(cases)
    .bind(consents)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many cases there are of each kind; exact, and therefore not yet fit to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Cases by status.
    pub by_status: Vec<(Code, u64)>,
    /// Cases opened, by month as `2026-03` in the given time zone, oldest first.
    pub opened_by_month: Vec<(String, u64)>,
    /// Cases in which a measure has begun.
    pub with_a_measure: u64,
    /// From the opening to the first measure begun: half of those cases took no longer.
    pub first_measure_median: Option<TimeDelta>,
    /// From the opening to the first measure begun: nine in ten of those cases took no longer.
    pub first_measure_p90: Option<TimeDelta>,
    /// Measures that ended, by the effect that they had.
    pub ended_by_effect: Vec<(Code, u64)>,
    /// Consents that were withdrawn.
    pub consents_withdrawn: u64,
}

/// The numbers of a system, or of one unit's cases in it. `zone` is an IANA name, and says in which month a case was
/// opened.
pub async fn of(
    pool: &PgPool,
    tenant: &TenantId,
    profile: &ProfileId,
    unit: Option<OrganisationId>,
    zone: &str,
) -> Result<Counted, ProjectionError> {
    type Row = (String, String, i64);
    let unit = unit.map(|unit| unit.to_string());
    // One statement, so that all the numbers are of the same moment.
    let rows: Vec<Row> = sqlx::query_as(COUNT)
        .bind(tenant.as_str())
        .bind(profile.as_str())
        .bind(unit)
        .bind(zone)
        .fetch_all(pool)
        .await?;
    let mut counted = Counted::default();
    for (what, which, number) in rows {
        let count = number.unsigned_abs();
        match what.as_str() {
            "status" => counted.by_status.push((parsed(NAME, &which)?, count)),
            "month" => counted.opened_by_month.push((which, count)),
            "effect" => counted.ended_by_effect.push((parsed(NAME, &which)?, count)),
            "withdrawn" => counted.consents_withdrawn = count,
            "with_a_measure" => counted.with_a_measure = count,
            "median_seconds" => counted.first_measure_median = TimeDelta::try_seconds(number),
            "p90_seconds" => counted.first_measure_p90 = TimeDelta::try_seconds(number),
            other => unreachable!("the statement gives no {other}"),
        }
    }
    Ok(counted)
}

const COUNT: &str = "
WITH live AS (
    SELECT generation FROM projection_generations
    WHERE tenant_id = $1 AND projection = 'numbers' AND state = 'live'),
cases AS (
    SELECT case_id, status, opened_at,
           extract(epoch FROM first_measure_at - opened_at) AS waited_seconds
    FROM numbers_cases
    WHERE tenant_id = $1 AND generation = (SELECT generation FROM live)
      AND profile = $2 AND ($3::text IS NULL OR unit = $3)),
waited AS (
    SELECT count(waited_seconds) AS with_a_measure,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY waited_seconds) AS median,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY waited_seconds) AS p90
    FROM cases)
SELECT 'status', status, count(*) FROM cases GROUP BY status
UNION ALL
SELECT 'month', to_char(opened_at AT TIME ZONE $4, 'YYYY-MM'), count(*) FROM cases GROUP BY 2
UNION ALL
SELECT 'effect', effect, count(*)
FROM numbers_measures AS ended JOIN cases USING (case_id)
WHERE tenant_id = $1 AND generation = (SELECT generation FROM live) GROUP BY effect
UNION ALL
SELECT 'withdrawn', '', count(*)
FROM numbers_withdrawals AS withdrawn JOIN cases USING (case_id)
WHERE tenant_id = $1 AND generation = (SELECT generation FROM live)
UNION ALL
SELECT 'with_a_measure', '', with_a_measure FROM waited
UNION ALL
SELECT 'median_seconds', '', floor(median)::bigint FROM waited WHERE median IS NOT NULL
UNION ALL
SELECT 'p90_seconds', '', floor(p90)::bigint FROM waited WHERE p90 IS NOT NULL
ORDER BY 1, 2";
