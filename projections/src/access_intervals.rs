//! From when until when somebody took part in a case and as what, a consent covered, a role was held, a unit was
//! responsible, the glass was broken; and which event ended it.
//!
//! This proposes, the decision disposes. It knows membership and the cover of consents, and not what follows from them:
//! not the policies of the rule book, not whose consents together are enough, not whether an account was closed
//! meanwhile, not the services that a consent names, and not what status the case had. Who could have seen a case is
//! answered by [`ledger_core::ledger::Ledger::could`], from the events.
//!
//! Members of the family stand here by the id that was made for this one case, never by their account. A consent in
//! whose place another holds from a later day on ends with the day before, to the day in UTC. When a case is erased its
//! rows go, from the first of the two events on; roles, which are of no case, stay.

mod fold;

use std::str::FromStr;

use async_trait::async_trait;
use chrono::NaiveDate;
use ledger_core::{
    clock::Timestamp,
    ids::{AccountId, CaseId, Code, InvalidId, OrganisationId, PartyId, Position, TenantId},
    store::Recorded,
};
use sqlx::{FromRow, PgConnection, PgPool};

use crate::{
    Generation, Projection, ProjectionError,
    rows::{parsed, position},
};

const NAME: &str = "access_intervals";

/// What an interval is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Somebody takes part in a case, in one role; handing over the baton ends one interval and begins another.
    Party,
    /// A consent covers.
    Consent,
    /// A unit is responsible for the case.
    Unit,
    /// Somebody reads behind broken glass.
    Emergency,
    /// An account holds a role, in a unit or in the whole tenant.
    Role,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Party,
        Self::Consent,
        Self::Unit,
        Self::Emergency,
        Self::Role,
    ];

    /// Its code in rows and answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Consent => "consent",
            Self::Unit => "unit",
            Self::Emergency => "emergency",
            Self::Role => "role",
        }
    }
}

impl FromStr for Kind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let kind = Self::ALL.into_iter().find(|kind| kind.code() == text);
        kind.ok_or_else(|| InvalidId {
            kind: "kind of interval",
            given: text.chars().take(60).collect(),
            expected: "one of the known kinds, for example party",
        })
    }
}

/// The projection behind [`of_case`] and [`of_account`].
#[derive(Debug, Clone, Copy)]
pub struct AccessIntervals;

#[async_trait]
impl Projection for AccessIntervals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["access_intervals"]
    }

    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let changes = fold::Changes::of(batch);
        let gone = changes.erased();
        if !gone.is_empty() {
            sqlx::query(
                "DELETE FROM access_intervals
                 WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
            )
            .bind(tenant.as_str())
            .bind(generation)
            .bind(gone)
            .execute(&mut *connection)
            .await?;
        }
        // Ends before beginnings: what begins in this batch knows already whether it ends in it.
        let ended = changes.ended();
        if !ended.kinds.is_empty() {
            end(ended, generation, tenant, connection).await?;
        }
        let shortened = changes.shortened();
        if !shortened.0.is_empty() {
            shorten(shortened, generation, tenant, connection).await?;
        }
        // Cases before what happens in them.
        for opens in [true, false] {
            let begun = changes.begun(opens);
            if !begun.kinds.is_empty() {
                begin(begun, opens, generation, tenant, connection).await?;
            }
        }
        Ok(())
    }
}

async fn end(
    ended: fold::EndedRows,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE access_intervals AS known
         SET until_position = ended.until_position, until_at = ended.until_at,
             ended_by = ended.ended_by
         FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                     $9::timestamptz[], $10::text[])
              AS ended (kind, subject_id, profile, role, unit, until_position, until_at, ended_by)
         WHERE tenant_id = $1 AND generation = $2
           AND known.kind = ended.kind AND known.subject_id = ended.subject_id
           AND known.until_position IS NULL
           AND (ended.role IS NULL
                OR (known.role = ended.role AND known.unit IS NOT DISTINCT FROM ended.unit
                    AND known.profile IS NOT DISTINCT FROM ended.profile))",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(ended.kinds)
    .bind(ended.subjects)
    .bind(ended.profiles)
    .bind(ended.roles)
    .bind(ended.units)
    .bind(ended.until_positions)
    .bind(ended.until_at)
    .bind(ended.ended_by)
    .execute(connection)
    .await?;
    Ok(())
}

async fn shorten(
    (consents, days): (Vec<String>, Vec<NaiveDate>),
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "UPDATE access_intervals AS known
         SET valid_through = least(known.valid_through, shortened.valid_through)
         FROM unnest($3::text[], $4::date[]) AS shortened (consent_id, valid_through)
         WHERE tenant_id = $1 AND generation = $2
           AND known.kind = 'consent' AND known.subject_id = shortened.consent_id",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(consents)
    .bind(days)
    .execute(connection)
    .await?;
    Ok(())
}

/// What begins in a case that is not there is left out: an erased case takes in nothing. Who goes on in another role is
/// the same person for the same service as before.
async fn begin(
    begun: fold::BegunRows,
    opens: bool,
    generation: Generation,
    tenant: &TenantId,
    connection: &mut PgConnection,
) -> Result<(), ProjectionError> {
    sqlx::query(
        "INSERT INTO access_intervals (tenant_id, generation, kind, subject_id, from_position,
                                       case_id, account_id, party_id, profile, unit, role,
                                       consent_kind, from_at, valid_from, valid_through, expires_at,
                                       until_position, until_at, ended_by)
         SELECT $1, $2, begun.kind, begun.subject_id, begun.from_position, begun.case_id,
                coalesce(begun.account_id, before.account_id), begun.party_id, begun.profile,
                coalesce(begun.unit, before.unit), begun.role, begun.consent_kind, begun.from_at,
                begun.valid_from, begun.valid_through, begun.expires_at, begun.until_position,
                begun.until_at, begun.ended_by
         FROM unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[],
                     $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[],
                     $15::date[], $16::date[], $17::timestamptz[], $18::bigint[],
                     $19::timestamptz[], $20::text[])
              AS begun (kind, subject_id, from_position, case_id, account_id, party_id, profile,
                        unit, role, consent_kind, from_at, valid_from, valid_through, expires_at,
                        until_position, until_at, ended_by)
         LEFT JOIN LATERAL (
             SELECT known.account_id, known.unit FROM access_intervals AS known
             WHERE known.tenant_id = $1 AND known.generation = $2 AND known.kind = 'party'
               AND begun.kind = 'party' AND known.subject_id = begun.subject_id
             ORDER BY known.from_position LIMIT 1) AS before ON true
         WHERE $3 OR begun.case_id IS NULL OR EXISTS (
             SELECT FROM access_intervals AS known
             WHERE known.tenant_id = $1 AND known.generation = $2 AND known.kind = 'unit'
               AND known.subject_id = begun.case_id)",
    )
    .bind(tenant.as_str())
    .bind(generation)
    .bind(opens)
    .bind(begun.kinds)
    .bind(begun.subjects)
    .bind(begun.from_positions)
    .bind(begun.cases)
    .bind(begun.accounts)
    .bind(begun.parties)
    .bind(begun.profiles)
    .bind(begun.units)
    .bind(begun.roles)
    .bind(begun.consent_kinds)
    .bind(begun.from_at)
    .bind(begun.valid_from)
    .bind(begun.valid_through)
    .bind(begun.expires_at)
    .bind(begun.until_positions)
    .bind(begun.until_at)
    .bind(begun.ended_by)
    .execute(connection)
    .await?;
    Ok(())
}

/// An interval, as far as facts say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// What it is of.
    pub kind: Kind,
    /// The id of the party, consent, case (for a unit), emergency or account (for a role).
    pub subject: String,
    /// In which case; nothing for a role.
    pub case: Option<CaseId>,
    /// The account of a member of staff; never that of a member of the family.
    pub account: Option<AccountId>,
    /// The party that takes part, or gave the consent.
    pub party: Option<PartyId>,
    /// The unit that is responsible, in which the role is held, or for which a member of staff takes part.
    pub unit: Option<OrganisationId>,
    /// The role, in the case or in the unit.
    pub role: Option<Code>,
    /// The kind of a consent.
    pub consent_kind: Option<Code>,
    /// The event that began it, and when it was recorded.
    pub from: (Position, Timestamp),
    /// The first day of a consent, where it is later than that.
    pub valid_from: Option<NaiveDate>,
    /// The last day of a dated consent.
    pub valid_through: Option<NaiveDate>,
    /// First moment at which a dated role, or broken glass, no longer holds.
    pub expires_at: Option<Timestamp>,
    /// The event that ended it, when it was recorded, and its type; nothing while no event has.
    pub until: Option<(Position, Timestamp, Code)>,
}

#[derive(FromRow)]
struct IntervalRow {
    kind: String,
    subject_id: String,
    from_position: i64,
    case_id: Option<String>,
    account_id: Option<String>,
    party_id: Option<String>,
    unit: Option<String>,
    role: Option<String>,
    consent_kind: Option<String>,
    from_at: Timestamp,
    valid_from: Option<NaiveDate>,
    valid_through: Option<NaiveDate>,
    expires_at: Option<Timestamp>,
    until_position: Option<i64>,
    until_at: Option<Timestamp>,
    ended_by: Option<String>,
}

impl TryFrom<IntervalRow> for Interval {
    type Error = ProjectionError;
    fn try_from(row: IntervalRow) -> Result<Self, ProjectionError> {
        fn some<T: FromStr<Err = InvalidId>>(
            text: Option<String>,
        ) -> Result<Option<T>, ProjectionError> {
            text.map(|text| parsed(NAME, &text)).transpose()
        }
        let ended_by: Option<Code> = some(row.ended_by)?;
        let until = row.until_position.zip(row.until_at).zip(ended_by);
        Ok(Self {
            kind: parsed(NAME, &row.kind)?,
            subject: row.subject_id,
            case: some(row.case_id)?,
            account: some(row.account_id)?,
            party: some(row.party_id)?,
            unit: some(row.unit)?,
            role: some(row.role)?,
            consent_kind: some(row.consent_kind)?,
            from: (position(row.from_position), row.from_at),
            valid_from: row.valid_from,
            valid_through: row.valid_through,
            expires_at: row.expires_at,
            until: until.map(|((at, when), by)| (position(at), when, by)),
        })
    }
}

/// The intervals of a case, in the order in which they began: of its parties, its consents, its units, of broken glass,
/// and of the roles of its system that were held in the whole tenant, or in a unit while it was responsible.
pub async fn of_case(
    pool: &PgPool,
    tenant: &TenantId,
    case: CaseId,
) -> Result<Vec<Interval>, ProjectionError> {
    let rows: Vec<IntervalRow> = sqlx::query_as(
        "WITH live AS (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'access_intervals' AND state = 'live'),
         followed AS (
             SELECT profile FROM access_intervals
             WHERE tenant_id = $1 AND generation = (SELECT generation FROM live)
               AND case_id = $2 AND kind = 'unit' AND profile IS NOT NULL),
         responsible AS (
             SELECT unit, from_at, coalesce(until_at, 'infinity') AS until_at
             FROM access_intervals
             WHERE tenant_id = $1 AND generation = (SELECT generation FROM live)
               AND case_id = $2 AND kind = 'unit')
         SELECT kind, subject_id, from_position, case_id, account_id, party_id, unit, role,
                consent_kind, from_at, valid_from, valid_through, expires_at, until_position,
                until_at, ended_by
         FROM access_intervals AS known
         WHERE tenant_id = $1 AND generation = (SELECT generation FROM live)
           AND (case_id = $2 OR (kind = 'role'
               AND (profile IS NULL OR profile IN (SELECT profile FROM followed)) AND EXISTS (
               SELECT FROM responsible
               WHERE (known.unit IS NULL OR known.unit = responsible.unit)
                 AND known.from_at < responsible.until_at
                 AND responsible.from_at < least(known.until_at, known.expires_at, 'infinity'))))
         ORDER BY from_position, kind, subject_id",
    )
    .bind(tenant.as_str())
    .bind(case.to_string())
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Interval::try_from).collect()
}

/// The intervals of a member of staff, in the order in which they began: parts in cases, roles, broken glass.
pub async fn of_account(
    pool: &PgPool,
    tenant: &TenantId,
    account: AccountId,
) -> Result<Vec<Interval>, ProjectionError> {
    let rows: Vec<IntervalRow> = sqlx::query_as(
        "SELECT kind, subject_id, from_position, case_id, account_id, party_id, unit, role,
                consent_kind, from_at, valid_from, valid_through, expires_at, until_position,
                until_at, ended_by
         FROM access_intervals
         WHERE tenant_id = $1 AND account_id = $2 AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'access_intervals' AND state = 'live')
         ORDER BY from_position, kind, subject_id",
    )
    .bind(tenant.as_str())
    .bind(account.to_string())
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Interval::try_from).collect()
}
