//! Numbers for an administrator, or for the leader of a unit about that unit. Small numbers can single out a child, and
//! are withheld.

use axum::{Json, extract::State, response::Response};
use ledger_core::{
    access::Action,
    ids::{Code, OrganisationId, ProfileId},
};
use projections::numbers::{self, Counted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    language, read_models,
    request::{Asked, Asker},
    schemas,
    service::Service,
};
use crate::words::{Vocabulary, Wishes};

/// The smallest number that is shown, apart from zero.
const SHOWN_FROM: u64 = 5;

/// Of what the numbers are.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NumbersQuery {
    /// Which system.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// Which unit's cases; left out for all of them.
    #[param(value_type = Option<schemas::Id>)]
    unit: Option<OrganisationId>,
    /// Waits until the answer has taken in the event at this position, such as the `position` of your own command.
    /// Where that takes longer than five seconds the answer is 503.
    #[param(minimum = 0)]
    min_position: Option<u64>,
}

/// Numbers of a system, or of one unit's cases in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NumbersAnswer {
    /// Which system.
    #[schema(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// Which unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    unit: Option<OrganisationId>,
    /// Cases by status.
    by_status: Vec<NumberOf>,
    /// Cases opened, by month in the system's time zone, the oldest first.
    opened_by_month: Vec<NumberInMonth>,
    /// From the opening of a case to its first measure begun.
    first_measure: FirstMeasure,
    /// Measures that ended, by the effect that they had.
    ended_by_effect: Vec<NumberWithEffect>,
    /// Consents that were withdrawn.
    consents_withdrawn: Number,
}

/// How many. Numbers below five are withheld; so is the next smallest where only one of several would be, because the
/// others and a total would give it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Number {
    /// The number; null where it is withheld.
    #[schema(required)]
    count: Option<u64>,
    /// For a number that is withheld because it is small: it is smaller than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    fewer_than: Option<u64>,
}

/// How many of a kind.
#[derive(Serialize, ToSchema)]
struct NumberOf {
    /// Of which kind.
    #[schema(value_type = schemas::CodeWord, example = "active")]
    code: Code,
    /// What the system calls it, in the language of Content-Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "aktiv")]
    name: Option<String>,
    /// How many.
    #[serde(flatten)]
    number: Number,
}

/// How many measures with an effect.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NumberWithEffect {
    /// Which effect, and how many.
    #[serde(flatten)]
    number: NumberOf,
    /// Whether it is the effect that was wished for.
    wished_for: bool,
}

/// How many in a month.
#[derive(Serialize, ToSchema)]
struct NumberInMonth {
    /// Which month.
    #[schema(example = "2026-03")]
    month: String,
    /// How many.
    #[serde(flatten)]
    number: Number,
}

/// From the opening of a case to its first measure begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FirstMeasure {
    /// Cases in which a measure has begun.
    cases: Number,
    /// Half of them took no longer than this, in whole days; null where there are too few of them.
    #[schema(required)]
    median_days: Option<i64>,
    /// Nine in ten of them took no longer than this, in whole days; null where there are too few of them.
    #[schema(required)]
    p90_days: Option<i64>,
}

/// See numbers of cases, measures and consents
#[utoipa::path(
    get, path = "/numbers", tag = "directory", operation_id = "readNumbers",
    description = "For whoever the rules let see them: for example an administrator, or the leader of a \
                   unit for that unit. Numbers below five are withheld, because they can single out a child: `count` is \
                   null and `fewerThan` is 5. Where only one number of several would be withheld, the next smallest is \
                   too. Erased cases count no longer. Lags behind the ledger; \
                   `minPosition` waits for it.",
    params(NumbersQuery),
    responses((status = 200, description = "The numbers.", body = NumbersAnswer)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Asked(query): Asked<NumbersQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let NumbersQuery {
        profile,
        unit,
        min_position,
    } = query;
    let caller = &asker.caller;
    let rule_book = service
        .ledger()
        .permit_overview(caller, &profile, Action::ViewNumbers, unit)
        .await?;
    let rules = rule_book.profile();
    read_models::wait_for(&service, caller, "numbers", min_position).await?;
    let pool = &service.instance().projector;
    let zone = rules.time_zone.name();
    let counted = numbers::of(pool, &caller.tenant, &profile, unit, zone)
        .await
        .map_err(|error| ApiError::Lists(error.into()))?;
    let names = wishes.vocabulary(rules);
    let wished_for = |effect: &Code| {
        let effect = rules.effects.get(effect);
        effect.is_some_and(|effect| effect.wished_for)
    };
    let answer = NumbersAnswer::of(profile, unit, counted, names, wished_for);
    Ok(language::spoken([names.language()], Json(answer)))
}

impl NumbersAnswer {
    fn of(
        profile: ProfileId,
        unit: Option<OrganisationId>,
        counted: Counted,
        names: Vocabulary<'_>,
        wished_for: impl Fn(&Code) -> bool,
    ) -> Self {
        let cases = Number::alone(counted.with_a_measure);
        let days = |time: Option<chrono::TimeDelta>| {
            let time = time.filter(|_| cases.count.is_some());
            time.map(|time| time.num_days())
        };
        Self {
            profile,
            unit,
            by_status: among(counted.by_status)
                .map(|(code, number)| NumberOf {
                    name: names.status(&code),
                    code,
                    number,
                })
                .collect(),
            opened_by_month: among(counted.opened_by_month)
                .map(|(month, number)| NumberInMonth { month, number })
                .collect(),
            first_measure: FirstMeasure {
                cases,
                median_days: days(counted.first_measure_median),
                p90_days: days(counted.first_measure_p90),
            },
            ended_by_effect: among(counted.ended_by_effect)
                .map(|(code, number)| NumberWithEffect {
                    wished_for: wished_for(&code),
                    number: NumberOf {
                        name: names.effect(&code),
                        code,
                        number,
                    },
                })
                .collect(),
            consents_withdrawn: Number::alone(counted.consents_withdrawn),
        }
    }
}

impl Number {
    /// A number that is no part of a whole.
    fn alone(count: u64) -> Self {
        let is_small = (1..SHOWN_FROM).contains(&count);
        Self {
            count: (!is_small).then_some(count),
            fewer_than: is_small.then_some(SHOWN_FROM),
        }
    }
}

/// Numbers that make up a whole: small ones are withheld, and never just one.
fn among<T>(counts: Vec<(T, u64)>) -> impl Iterator<Item = (T, Number)> {
    let mut numbers: Vec<Number> = counts
        .iter()
        .map(|(_, count)| Number::alone(*count))
        .collect();
    if numbers.iter().filter(|n| n.count.is_none()).count() == 1 {
        let shown = numbers.iter_mut().filter(|n| n.count > Some(0));
        if let Some(smallest) = shown.min_by_key(|number| number.count) {
            smallest.count = None;
        }
    }
    let what = counts.into_iter().map(|(what, _)| what);
    what.zip(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(counts: &[u64]) -> Vec<(Option<u64>, Option<u64>)> {
        let counts = counts.iter().map(|count| ((), *count)).collect();
        among(counts)
            .map(|((), number)| (number.count, number.fewer_than))
            .collect()
    }

    #[test]
    fn numbers_below_five_are_withheld_and_zero_is_not() {
        assert_eq!(
            shown(&[4, 5, 1, 0]),
            [
                (None, Some(5)),
                (Some(5), None),
                (None, Some(5)),
                (Some(0), None)
            ]
        );
    }

    #[test]
    fn one_small_number_is_not_given_away_by_the_others() {
        assert_eq!(
            shown(&[20, 3, 7]),
            [(Some(20), None), (None, Some(5)), (None, None)]
        );
        assert_eq!(shown(&[3]), [(None, Some(5))]);
    }
}
