//! An auditor's questions, one a file, and the shapes that their answers share. Each answer is noted in the ledger, says
//! which events it cites and over which ledger it was computed.

pub(super) mod changed;
pub(super) mod could;
pub(super) mod emergencies;
pub(super) mod exposure;
pub(super) mod hindsight;
pub(super) mod intervals;
pub(super) mod knew;
pub(super) mod own;
pub(super) mod person;
pub(super) mod saw;
pub(super) mod unusual;
pub(super) mod why;

use chrono::{DateTime, Utc};
use ledger_core::{
    access::{Decision, Effect, Outcome},
    clock::Span,
    event::{Actor, Basis},
    ids::{AccountId, CaseId, Code, Digest, PartyId, Position},
    ledger::{Could, Edge, Gained, LaterFact, Seen},
    profile::Requirement,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{as_of, error::ApiError, fields::FieldError, schemas};

/// One time that somebody saw something, or was refused.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeenView {
    /// Where it stands in the ledger.
    #[schema(value_type = u64)]
    position: Position,
    /// When.
    at: DateTime<Utc>,
    /// Of which case.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// Who.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What happened.
    #[schema(value_type = schemas::CodeWord, example = "case_viewed")]
    what: Code,
    /// Its facts: which sections, which document, up to which version.
    #[schema(value_type = Object)]
    facts: Value,
    /// On what it rested.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::BasisDescription>)]
    basis: Option<Basis>,
}

/// Somebody who could, or could not, have seen a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonView {
    /// The account of a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    account: Option<AccountId>,
    /// The party as which they take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    party: Option<PartyId>,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Their roles: in the case, in the unit, in the tenant.
    #[schema(value_type = Vec<schemas::CodeWord>)]
    roles: Vec<Code>,
    /// The sections that they could have read.
    #[schema(value_type = Vec<schemas::CodeWord>)]
    sections: Vec<Code>,
    /// Of a case that was reopened: those of these of which they could have read what was recorded before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schemas::CodeWord>>)]
    earlier_sections: Option<Vec<Code>>,
    /// The decision: of the first section that is allowed, or why none is.
    decision: DecisionView,
}

/// A decision with all that explains it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct DecisionView {
    /// Whether it may be done.
    allowed: bool,
    /// The policies that made it so; none when it is refused because nothing allows it.
    policies: Vec<PolicyView>,
    /// For a refusal, the requirement that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "V24")]
    requirement: Option<Requirement>,
    /// The positions of the events that it rests on.
    #[schema(value_type = Vec<u64>)]
    cited: Vec<Position>,
    /// From when on the answer is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds_from: Option<DateTime<Utc>>,
    /// The first moment at which the answer may be another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    holds_until: Option<DateTime<Utc>>,
    /// The version of the rule book that decided.
    #[schema(value_type = schemas::Hash)]
    profile_digest: Digest,
}

/// A policy that decided.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyView {
    /// Its id in the rule book.
    #[schema(value_type = schemas::CodeWord)]
    id: Code,
    /// The requirement that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "V8")]
    requirement: Option<String>,
    /// `permit` or `forbid`, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "permit")]
    effect: Option<Effect>,
}

/// Somebody who could see other sections than before.
#[derive(Serialize, ToSchema)]
struct GainedView {
    /// Who; what they could see afterwards, and why.
    #[serde(flatten)]
    person: PersonView,
    /// The sections that came.
    #[schema(value_type = Vec<schemas::CodeWord>)]
    gained: Vec<Code>,
    /// The sections that went.
    #[schema(value_type = Vec<schemas::CodeWord>)]
    lost: Vec<Code>,
    /// Why it was as it was before; not there for somebody who had nothing to do with the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DecisionView>)]
    before: Option<DecisionView>,
}

/// What begins or ends something: an event, or a date that came.
#[derive(Serialize, ToSchema)]
struct EdgeView {
    /// When.
    at: DateTime<Utc>,
    /// The event; not there where only a date passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    position: Option<Position>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>, example = "consent_withdrawn")]
    what: Option<Code>,
}

/// A fact that the ledger was told after it had come to count.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LaterFactView {
    /// The event.
    #[schema(value_type = u64)]
    position: Position,
    /// Its type.
    #[schema(value_type = schemas::CodeWord, example = "consent_invalidated")]
    what: Code,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// From when on it counts; not there for one that says that something never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    happened_at: Option<DateTime<Utc>>,
}

/// A stretch of time of the query.
fn period(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Result<Span, ApiError> {
    let period = Span {
        from: as_of::moment("from", from)?,
        until: as_of::moment("until", until)?,
    };
    match (period.from, period.until) {
        (Some(from), Some(until)) if from >= until => {
            let message = "must lie after from";
            Err(ApiError::Fields(vec![FieldError::new("until", message)]))
        }
        _ => Ok(period),
    }
}

/// How many are asked for; at most a thousand.
fn limit(limit: Option<u32>) -> Result<usize, ApiError> {
    let limit = limit.unwrap_or(LIMIT_MAX);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit as usize);
    }
    let message = format!("must lie between 1 and {LIMIT_MAX}");
    Err(ApiError::Fields(vec![FieldError::new("limit", message)]))
}

/// The most that is answered at a time.
const LIMIT_MAX: u32 = 1_000;

impl From<Gained> for GainedView {
    fn from(gained: Gained) -> Self {
        Self {
            person: PersonView::from(gained.could),
            gained: gained.gained,
            lost: gained.lost,
            before: gained.before.map(DecisionView::from),
        }
    }
}

impl From<Edge> for EdgeView {
    fn from(edge: Edge) -> Self {
        Self {
            at: edge.at,
            position: edge.position,
            what: edge.what,
        }
    }
}

impl From<LaterFact> for LaterFactView {
    fn from(fact: LaterFact) -> Self {
        Self {
            position: fact.position,
            what: fact.what,
            recorded_at: fact.recorded_at,
            happened_at: fact.happened_at,
        }
    }
}

impl From<Seen> for SeenView {
    fn from(seen: Seen) -> Self {
        Self {
            position: seen.position,
            at: seen.at,
            case_id: seen.case,
            actor: seen.actor,
            name: seen.name,
            what: seen.what,
            facts: seen.facts,
            basis: seen.basis,
        }
    }
}

impl From<Could> for PersonView {
    fn from(could: Could) -> Self {
        Self {
            account: could.account,
            party: could.party,
            name: could.name,
            roles: could.roles,
            sections: could.sections,
            earlier_sections: could.earlier_sections,
            decision: DecisionView::from(could.decision),
        }
    }
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        let Span { from, until } = decision.holds;
        let policies = decision.policies.into_iter().map(|policy| PolicyView {
            id: policy.id,
            requirement: Some(policy.requirement.to_string()),
            effect: Some(policy.effect),
        });
        Self {
            allowed: decision.outcome == Outcome::Allow,
            policies: policies.collect(),
            requirement: decision.requirement,
            cited: decision.citations,
            holds_from: from,
            holds_until: until,
            profile_digest: decision.profile,
        }
    }
}
