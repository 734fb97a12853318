//! An auditor's three questions: who saw it, who could have, and why. Each answer is noted in the ledger too.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    access::{Decision, Effect, Outcome},
    clock::Span,
    event::{Actor, Basis},
    ids::{AccountId, Code, Digest, PartyId, Position},
    ledger::{Could, OpenedContents, Seen},
    profile::Requirement,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::View,
    as_of::AsOfQuery,
    error::ApiError,
    language,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
    timeline::EventView,
};
use crate::words::Wishes;

/// Which event.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WhyQuery {
    /// Its position in the ledger.
    position: u64,
}

/// Who saw a case, and when.
#[derive(Serialize, ToSchema)]
pub(super) struct SawAnswer {
    /// In the order in which it happened.
    views: Vec<SeenView>,
    /// What stands in the ledger for this answer.
    view: View,
}

/// One time that somebody saw something, or was refused.
#[derive(Serialize, ToSchema)]
pub(super) struct SeenView {
    /// Where it stands in the ledger.
    #[schema(value_type = u64)]
    position: Position,
    /// When.
    at: DateTime<Utc>,
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

/// Who could have seen a case, and why.
#[derive(Serialize, ToSchema)]
pub(super) struct CouldAnswer {
    /// The moment that was asked about.
    at: DateTime<Utc>,
    /// Everybody who takes part or holds a role that a rule may look at.
    people: Vec<PersonView>,
    /// What stands in the ledger for this answer.
    view: View,
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
struct PolicyView {
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

/// Why something was done or shown.
#[derive(Serialize, ToSchema)]
pub(super) struct WhyAnswer {
    /// The event that was asked about.
    event: EventView,
    /// Its policies.
    policies: Vec<PolicyView>,
    /// The events that the decision cited.
    cited: Vec<EventView>,
    /// What stands in the ledger for this answer.
    view: View,
}

/// Ask who saw a case, and when
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/saw", tag = "audit", operation_id = "auditSaw",
    params(("caseId" = schemas::Id, Path, description = "The case."), AsOfQuery, ReadHeaders),
    responses((status = 200, description = "Every view and refusal.", body = SawAnswer)),
)]
pub(super) async fn saw(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<AsOfQuery>,
    asker: Asker,
) -> Result<Json<SawAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let ledger = service.ledger();
    let saw = ledger.saw(caller, case, query.as_of()?, occasion).await?;
    Ok(Json(SawAnswer {
        views: saw.views.into_iter().map(SeenView::from).collect(),
        view: View::from(&saw.answer),
    }))
}

/// Ask who could have seen a case, and why
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/could", tag = "audit", operation_id = "auditCould",
    description = "Decided anew for everybody, by the rules, the people and the consents of the time.",
    params(("caseId" = schemas::Id, Path, description = "The case."), AsOfQuery, ReadHeaders),
    responses((status = 200, description = "Everybody who could, or could not.", body = CouldAnswer)),
)]
pub(super) async fn could(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<AsOfQuery>,
    asker: Asker,
) -> Result<Json<CouldAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let ledger = service.ledger();
    let could = ledger.could(caller, case, query.as_of()?, occasion).await?;
    Ok(Json(CouldAnswer {
        at: could.at,
        people: could.people.into_iter().map(PersonView::from).collect(),
        view: View::from(&could.answer),
    }))
}

/// Ask why something was done or shown
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/why", tag = "audit", operation_id = "auditWhy",
    params(("caseId" = schemas::Id, Path, description = "The case."), WhyQuery, ReadHeaders),
    responses((status = 200, description = "On what the decision rested.", body = WhyAnswer)),
)]
pub(super) async fn why(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<WhyQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let position = Position(query.position);
    let why = service
        .ledger()
        .why(caller, case, position, occasion)
        .await?;
    let policies = why
        .policies
        .into_iter()
        .map(|(id, requirement)| PolicyView {
            id,
            requirement,
            effect: None,
        });
    let facts_only = OpenedContents::default();
    let words = wishes.words();
    let answer = Json(WhyAnswer {
        policies: policies.collect(),
        event: EventView::of(&why.event, &facts_only, words),
        cited: why
            .cited
            .iter()
            .map(|event| EventView::of(event, &facts_only, words))
            .collect(),
        view: View::from(&why.answer),
    });
    Ok(language::spoken([words.language()], answer))
}

impl From<Seen> for SeenView {
    fn from(seen: Seen) -> Self {
        Self {
            position: seen.position,
            at: seen.at,
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
