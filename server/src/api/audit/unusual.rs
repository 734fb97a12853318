//! What of people's reading was unusual, by the rules of the system.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ledger_core::{
    ids::{AccountId, CaseId, Position, ProfileId},
    ledger::{Unusual, UnusualFilter, UnusualFound, UnusualRule},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::SeenView;
use crate::api::{
    answer::AnswerView,
    error::ApiError,
    fields::FieldError,
    openapi::ReadHeaders,
    request::{Asked, Asker},
    schemas,
    service::Service,
};

/// People in one page at most.
const PEOPLE_MAX: u32 = 100;

/// Whose reading, and when.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct UnusualQuery {
    /// The system whose cases are asked about.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// Whose reading; left out for everybody who works in the system.
    #[param(value_type = Option<schemas::Id>)]
    account: Option<AccountId>,
    /// The first moment of the time that is asked about; left out for the beginning.
    from: Option<DateTime<Utc>>,
    /// The first moment after it; left out for now.
    until: Option<DateTime<Utc>>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(value_type = Option<schemas::Id>)]
    cursor: Option<AccountId>,
    /// How many people are asked about at most.
    #[param(minimum = 1, maximum = 100, default = 100)]
    limit: Option<u32>,
}

/// What was unusual.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct UnusualAnswer {
    /// The rules that were looked for; not there where the system has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<RulesView>,
    /// Person by person.
    found: Vec<UnusualView>,
    /// People who read so much that only the newest of it was looked through: ask about a shorter time.
    #[schema(value_type = Vec<schemas::Id>)]
    cut: Vec<AccountId>,
    /// Asks for the people that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    next_cursor: Option<AccountId>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// The rules of the system.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RulesView {
    /// From how many different cases on reading is a burst,
    #[serde(skip_serializing_if = "Option::is_none")]
    burst_cases: Option<u32>,
    /// within how many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    burst_minutes: Option<u32>,
    /// Whether reading cases in which one takes no part is shown.
    outside_own_cases: bool,
    /// How many days after one's last contribution reading is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    days_after_contribution: Option<u32>,
    /// The sentence that asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "D4")]
    requirement: Option<String>,
}

/// One thing to ask about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnusualView {
    /// By which rule: `burst`, `outside_own_cases` or `long_after_contribution`.
    #[schema(value_type = schemas::CodeWord, example = "burst")]
    rule: UnusualRule,
    /// Who.
    #[schema(value_type = schemas::Id)]
    account: AccountId,
    /// The name, where it can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Which case; not there for a burst, which is about several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    case_id: Option<CaseId>,
    /// What was counted: cases of a burst, views of a case, days since the last contribution.
    counted: u64,
    /// From how many on the rule speaks.
    threshold: u64,
    /// The event of their last contribution, where the rule looks at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    last_contribution: Option<Position>,
    /// The views; of very many, the newest.
    views: Vec<SeenView>,
}

/// Ask what reading was unusual
#[utoipa::path(
    get, path = "/audit/unusual-reading", tag = "audit", operation_id = "auditUnusual",
    description = "By the plain rules of the system's rule book: many cases in a short time, cases in which somebody took no \
                   part, cases to which they had long not contributed. Nobody is accused by it. That the auditor asked is \
                   noted once, and in every case of which the answer tells something.",
    params(UnusualQuery, ReadHeaders),
    responses((status = 200, description = "What was found, with the views that were counted.", body = UnusualAnswer)),
)]
pub(in crate::api) async fn of_system(
    State(service): State<Service>,
    Asked(query): Asked<UnusualQuery>,
    asker: Asker,
) -> Result<Json<UnusualAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let limit = query.limit.unwrap_or(PEOPLE_MAX);
    if !(1..=PEOPLE_MAX).contains(&limit) {
        let message = format!("must lie between 1 and {PEOPLE_MAX}");
        return Err(ApiError::Fields(vec![FieldError::new("limit", message)]));
    }
    let filter = UnusualFilter {
        period: super::period(query.from, query.until)?,
        account: query.account,
        after: query.cursor,
        limit: Some(limit as usize),
    };
    let found = service
        .ledger()
        .unusual(caller, &query.profile, filter, occasion)
        .await?;
    Ok(Json(UnusualAnswer::from(found)))
}

impl From<UnusualFound> for UnusualAnswer {
    fn from(found: UnusualFound) -> Self {
        let cited = found.cited();
        Self {
            rules: found.rules.map(|rules| RulesView {
                burst_cases: rules.burst.map(|burst| burst.cases),
                burst_minutes: rules.burst.map(|burst| burst.minutes),
                outside_own_cases: rules.outside_own_cases,
                days_after_contribution: rules.days_after_contribution,
                requirement: rules.requirement.map(|id| id.to_string()),
            }),
            found: found.found.into_iter().map(UnusualView::from).collect(),
            cut: found.cut,
            next_cursor: found.more,
            view: AnswerView::of(&found.answer, cited),
        }
    }
}

impl From<Unusual> for UnusualView {
    fn from(unusual: Unusual) -> Self {
        Self {
            rule: unusual.rule,
            account: unusual.account,
            name: unusual.name,
            case_id: unusual.case,
            counted: unusual.counted,
            threshold: unusual.threshold,
            last_contribution: unusual.last_contribution,
            views: unusual.views.into_iter().map(SeenView::from).collect(),
        }
    }
}
