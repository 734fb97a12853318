//! Narrowing a list: by facts that the list knows. What is left over is still a candidate.

use ledger_core::{
    clock::Timestamp,
    ids::{CaseId, Code, OrganisationId, ProfileId, TenantId},
};
use sqlx::PgPool;

use super::NAME;
use crate::{ProjectionError, rows::parsed};

/// What a list is narrowed to; the default is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only in one of these statuses; empty for any.
    pub statuses: Vec<Code>,
    /// Only of this system.
    pub profile: Option<ProfileId>,
    /// Only of this unit.
    pub unit: Option<OrganisationId>,
    /// Only those that ask for this (K1).
    pub kind: Option<Code>,
    /// Only those submitted to this organisation (K2).
    pub receiver: Option<OrganisationId>,
    /// Only opened then or later.
    pub opened_from: Option<Timestamp>,
    /// Only opened before.
    pub opened_before: Option<Timestamp>,
}

impl Filter {
    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn statuses(&self) -> Option<Vec<&str>> {
        let statuses: Vec<&str> = self.statuses.iter().map(Code::as_str).collect();
        (!statuses.is_empty()).then_some(statuses)
    }

    pub(super) fn kind(&self) -> Option<&str> {
        self.kind.as_ref().map(Code::as_str)
    }

    pub(super) fn receiver(&self) -> Option<String> {
        self.receiver.map(|receiver| receiver.to_string())
    }

    pub(super) fn unit(&self) -> Option<String> {
        self.unit.map(|unit| unit.to_string())
    }
}

/// Those of some cases that a filter lets through, oldest first. Candidates too.
pub async fn matching(
    pool: &PgPool,
    tenant: &TenantId,
    cases: &[CaseId],
    filter: &Filter,
) -> Result<Vec<CaseId>, ProjectionError> {
    let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT case_id FROM case_list
         WHERE tenant_id = $1 AND case_id = ANY($2) AND generation = (
             SELECT generation FROM projection_generations
             WHERE tenant_id = $1 AND projection = 'case_list' AND state = 'live')
           AND ($3::text[] IS NULL OR status = ANY($3))
           AND ($4::text IS NULL OR profile = $4)
           AND ($5::text IS NULL OR unit = $5)
           AND ($6::timestamptz IS NULL OR opened_at >= $6)
           AND ($7::timestamptz IS NULL OR opened_at < $7)
           AND ($8::text IS NULL OR request_kind = $8)
           AND ($9::text IS NULL OR receiver = $9)
         ORDER BY case_id",
    )
    .bind(tenant.as_str())
    .bind(cases)
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
