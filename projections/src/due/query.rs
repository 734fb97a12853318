//! What is due until a day, in pages.

use std::sync::Arc;

use chrono::NaiveDate;
use ledger_core::{
    access::RuleBook,
    clock::Timestamp,
    ids::{
        AccountId, AgreementId, CaseId, Code, OrganisationId, PartyId, Position, ProfileId,
        TenantId,
    },
};
use sqlx::{FromRow, PgPool};

use super::{Kind, NAME};
use crate::{
    ProjectionError,
    rows::{parsed, position},
};

/// In whose cases something is looked for.
#[derive(Debug, Clone)]
pub struct Whose {
    /// The cases in which this account takes part as staff.
    pub account: AccountId,
    /// The cases for which these units are responsible.
    pub units: Vec<OrganisationId>,
    /// Cases that are known already: those of a member of a family, whom no read model knows.
    pub cases: Vec<CaseId>,
}

/// Something that is due, without any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueItem {
    /// In which case.
    pub case: CaseId,
    /// What kind of thing.
    pub kind: Kind,
    /// The id of the consent, measure, meeting, agreement, handover or hold.
    pub item: String,
    /// Whom it falls to: who gave the consent, sees to it, or is asked.
    pub party: Option<PartyId>,
    /// On which day, in the time zone of the case's rule book; nothing for what waits undated.
    pub on: Option<NaiveDate>,
    /// At which moment, for a meeting.
    pub at: Option<Timestamp>,
    /// The kind of a consent.
    pub consent_kind: Option<Code>,
}

/// A place in the order of what is due, after which the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePlace {
    /// The day; nothing for what waits undated, which comes first.
    pub on: Option<NaiveDate>,
    /// The case.
    pub case: CaseId,
    /// The kind's code.
    pub kind: String,
    /// The thing's id.
    pub item: String,
}

impl DueItem {
    /// Where it stands in the order.
    pub fn place(&self) -> DuePlace {
        DuePlace {
            on: self.on,
            case: self.case,
            kind: self.kind.code().to_owned(),
            item: self.item.clone(),
        }
    }
}

#[derive(FromRow)]
struct DueRow {
    case_id: String,
    kind: String,
    item_id: String,
    party_id: Option<String>,
    due_on: Option<NaiveDate>,
    due_at: Option<Timestamp>,
    consent_kind: Option<String>,
}

impl TryFrom<DueRow> for DueItem {
    type Error = ProjectionError;
    fn try_from(row: DueRow) -> Result<Self, ProjectionError> {
        let party = row.party_id.map(|party| parsed(NAME, &party));
        let consent_kind = row.consent_kind.map(|kind| parsed(NAME, &kind));
        Ok(Self {
            case: parsed(NAME, &row.case_id)?,
            kind: parsed(NAME, &row.kind)?,
            item: row.item_id,
            party: party.transpose()?,
            on: row.due_on,
            at: row.due_at,
            consent_kind: consent_kind.transpose()?,
        })
    }
}

/// The systems whose cases the read model knows.
pub async fn profiles(pool: &PgPool, tenant: &TenantId) -> Result<Vec<ProfileId>, ProjectionError> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT profile FROM due_cases WHERE tenant_id = $1 AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'due' AND state = 'live')
         ORDER BY profile",
    )
    .bind(tenant.as_str())
    .fetch_all(pool)
    .await?;
    found.iter().map(|profile| parsed(NAME, profile)).collect()
}

/// What is due up to and including a day, what waits undated first, then by day: at most `limit` after a place. Fewer
/// than `limit` means that there is no more. Cases of a system whose rule book is not among `rule_books` are left out.
///
/// These are candidates: each case is to be decided upon before anybody is shown what is due in it.
pub async fn find(
    pool: &PgPool,
    tenant: &TenantId,
    whose: &Whose,
    rule_books: &[Arc<RuleBook>],
    until: NaiveDate,
    after: Option<&DuePlace>,
    limit: u32,
) -> Result<Vec<DueItem>, ProjectionError> {
    let days = (None, until);
    waiting(pool, tenant, Some(whose), rule_books, days, after, limit).await
}

/// What falls on a day from `from` up to and including `until` in any case of these systems: at most `limit` after a place.
/// For whoever tells people of it, each after a decision of their own.
pub async fn of_everyone(
    pool: &PgPool,
    tenant: &TenantId,
    rule_books: &[Arc<RuleBook>],
    from: NaiveDate,
    until: NaiveDate,
    after: Option<&DuePlace>,
    limit: u32,
) -> Result<Vec<DueItem>, ProjectionError> {
    let days = (Some(from), until);
    waiting(pool, tenant, None, rule_books, days, after, limit).await
}

/// The position of the next event that the read model takes in.
pub async fn next_position(pool: &PgPool, tenant: &TenantId) -> Result<Position, ProjectionError> {
    let next: Option<i64> = sqlx::query_scalar(
        "SELECT next_position FROM projection_generations
         WHERE tenant_id = $1 AND projection = 'due' AND state = 'live'",
    )
    .bind(tenant.as_str())
    .fetch_optional(pool)
    .await?;
    Ok(position(next.unwrap_or_default()))
}

async fn waiting(
    pool: &PgPool,
    tenant: &TenantId,
    whose: Option<&Whose>,
    rule_books: &[Arc<RuleBook>],
    (from, until): (Option<NaiveDate>, NaiveDate),
    after: Option<&DuePlace>,
    limit: u32,
) -> Result<Vec<DueItem>, ProjectionError> {
    let account = whose.map(|whose| whose.account.to_string());
    let units = whose.iter().flat_map(|whose| &whose.units);
    let units: Vec<String> = units.map(ToString::to_string).collect();
    let cases = whose.iter().flat_map(|whose| &whose.cases);
    let cases: Vec<String> = cases.map(ToString::to_string).collect();
    let zones = rule_books.iter().map(|book| book.profile());
    let (profiles, zones): (Vec<String>, Vec<String>) = zones
        .map(|profile| (profile.id.to_string(), profile.time_zone.name().to_owned()))
        .unzip();
    let rules = Consents::of(rule_books);
    let rows: Vec<DueRow> = sqlx::query_as(FIND)
        .bind(tenant.as_str())
        .bind(account)
        .bind(units)
        .bind(cases)
        .bind(profiles)
        .bind(zones)
        .bind(rules.profiles)
        .bind(rules.kinds)
        .bind(rules.anew)
        .bind(rules.months)
        .bind(until)
        .bind(after.is_some())
        .bind(after.and_then(|after| after.on))
        .bind(after.map(|after| after.case.to_string()))
        .bind(after.map(|after| after.kind.as_str()))
        .bind(after.map(|after| after.item.as_str()))
        .bind(i64::from(limit))
        .bind(whose.is_none())
        .bind(from)
        .fetch_all(pool)
        .await?;
    rows.into_iter().map(DueItem::try_from).collect()
}

/// What the rule books say of each kind of consent.
#[derive(Default)]
struct Consents {
    profiles: Vec<String>,
    kinds: Vec<String>,
    anew: Vec<bool>,
    months: Vec<Option<i32>>,
}

impl Consents {
    fn of(rule_books: &[Arc<RuleBook>]) -> Self {
        let mut rules = Self::default();
        for profile in rule_books.iter().map(|book| book.profile()) {
            for consent in &profile.consents {
                rules.profiles.push(profile.id.to_string());
                rules.kinds.push(consent.kind.to_string());
                rules.anew.push(consent.anew_after_change);
                let months = consent.valid_for_months_recommended;
                rules
                    .months
                    .push(months.and_then(|months| i32::try_from(months).ok()));
            }
        }
        rules
    }
}

const FIND: &str = r#"
WITH due_live AS (
    SELECT generation FROM projection_generations
    WHERE tenant_id = $1 AND projection = 'due' AND state = 'live'),
list_live AS (
    SELECT generation FROM projection_generations
    WHERE tenant_id = $1 AND projection = 'case_list' AND state = 'live'),
mine (case_id) AS (
    SELECT member.case_id FROM case_list_members AS member
    WHERE member.tenant_id = $1 AND member.generation = (SELECT generation FROM list_live)
      AND member.account_id = $2
    UNION
    SELECT listed.case_id FROM case_list AS listed
    WHERE listed.tenant_id = $1 AND listed.generation = (SELECT generation FROM list_live)
      AND (listed.unit = ANY($3) OR listed.receiver = ANY($3))
    UNION
    SELECT known.case_id COLLATE "C" FROM unnest($4::text[]) AS known (case_id)
    UNION
    SELECT every.case_id FROM due_cases AS every
    WHERE $18 AND every.tenant_id = $1 AND every.generation = (SELECT generation FROM due_live)),
cases AS (
    SELECT listed.case_id, listed.profile, listed.is_open, listed.changed_position, rules.zone
    FROM due_cases AS listed
    JOIN mine ON mine.case_id = listed.case_id
    JOIN unnest($5::text[], $6::text[]) AS rules (profile, zone)
      ON rules.profile = listed.profile
    WHERE listed.tenant_id = $1 AND listed.generation = (SELECT generation FROM due_live)),
consents AS (
    SELECT consent.case_id, consent.consent_id, consent.consent_kind, consent.party_id,
           consent.valid_through,
           (greatest(consent.valid_from, (consent.given_at AT TIME ZONE cases.zone)::date)
            + make_interval(months => rules.months))::date AS renew_on,
           rules.anew AND consent.given_position < cases.changed_position
             AND row_number() OVER (
                     PARTITION BY consent.case_id, consent.consent_kind, consent.party_id
                     ORDER BY consent.given_position DESC) = 1 AS is_anew
    FROM due_consents AS consent
    JOIN cases ON cases.case_id = consent.case_id
    JOIN unnest($7::text[], $8::text[], $9::boolean[], $10::int[])
         AS rules (profile, kind, anew, months)
      ON rules.profile = cases.profile AND rules.kind = consent.consent_kind
    WHERE consent.tenant_id = $1 AND consent.generation = (SELECT generation FROM due_live)
      AND cases.is_open),
waiting (case_id, kind, item_id, party_id, due_on, due_at, consent_kind) AS (
    SELECT case_id, 'consent_expires', consent_id, party_id, valid_through, NULL::timestamptz,
           consent_kind
    FROM consents WHERE valid_through IS NOT NULL
    UNION ALL
    SELECT case_id, 'consent_renewal', consent_id, party_id, renew_on, NULL, consent_kind
    FROM consents WHERE renew_on < coalesce(valid_through, 'infinity')
    UNION ALL
    SELECT case_id, 'consent_anew', consent_id, party_id, NULL, NULL, consent_kind
    FROM consents WHERE is_anew
    UNION ALL
    SELECT item.case_id, item.kind, item.item_id, item.party_id,
           coalesce(item.due_on, (item.due_at AT TIME ZONE cases.zone)::date), item.due_at, NULL
    FROM due_items AS item
    JOIN cases ON cases.case_id = item.case_id
    WHERE item.tenant_id = $1 AND item.generation = (SELECT generation FROM due_live)
      AND (cases.is_open OR item.kind IN ('hold', 'working_copy_to_destroy')))
SELECT case_id, kind, item_id, party_id, due_on, due_at, consent_kind
FROM waiting
WHERE (due_on IS NULL OR due_on <= $11)
  AND ($19::date IS NULL OR due_on >= $19)
  AND (NOT $12 OR (coalesce(due_on, '-infinity'), case_id COLLATE "C", kind COLLATE "C",
                   item_id COLLATE "C")
                > (coalesce($13::date, '-infinity'), $14::text, $15::text, $16::text))
ORDER BY coalesce(due_on, '-infinity'), case_id COLLATE "C", kind COLLATE "C", item_id COLLATE "C"
LIMIT $17"#;

/// An agreement of an organisation that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAgreement {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which.
    pub agreement: AgreementId,
    /// What it is about.
    pub kind: Code,
    /// Its last day.
    pub valid_through: NaiveDate,
}

/// A place in the order of agreements, after which the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgreementPlace {
    /// The last day.
    pub on: NaiveDate,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The agreement.
    pub agreement: AgreementId,
}

impl DueAgreement {
    /// Where it stands in the order.
    pub fn place(&self) -> AgreementPlace {
        AgreementPlace {
            on: self.valid_through,
            organisation: self.organisation,
            agreement: self.agreement,
        }
    }
}

/// Agreements of organisations whose last day comes no later than `until`, by that day: at most `limit` after a place.
pub async fn agreements(
    pool: &PgPool,
    tenant: &TenantId,
    until: NaiveDate,
    after: Option<AgreementPlace>,
    limit: u32,
) -> Result<Vec<DueAgreement>, ProjectionError> {
    let rows: Vec<(String, String, String, NaiveDate)> = sqlx::query_as(
        "SELECT organisation_id, agreement_id, agreement_kind, valid_through FROM due_agreements
           WHERE tenant_id = $1 AND generation = (
               SELECT generation FROM projection_generations
               WHERE tenant_id = $1 AND projection = 'due' AND state = 'live')
             AND valid_through <= $2
             AND ($3::date IS NULL
                  OR (valid_through, organisation_id, agreement_id) > ($3, $4::text, $5::text))
           ORDER BY valid_through, organisation_id, agreement_id LIMIT $6",
    )
    .bind(tenant.as_str())
    .bind(until)
    .bind(after.map(|after| after.on))
    .bind(after.map(|after| after.organisation.to_string()))
    .bind(after.map(|after| after.agreement.to_string()))
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await?;
    let agreements = rows.into_iter();
    agreements
        .map(|(organisation, agreement, kind, valid_through)| {
            Ok(DueAgreement {
                organisation: parsed(NAME, &organisation)?,
                agreement: parsed(NAME, &agreement)?,
                kind: parsed(NAME, &kind)?,
                valid_through,
            })
        })
        .collect()
}
