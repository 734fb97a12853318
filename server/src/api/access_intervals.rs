//! The intervals in which somebody took part in a case, a consent covered or a role was held: an auditor's overview. Who
//! could have seen the case is answered by [`audit`](super::audit), from the events.

use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::ids::{AccountId, Code, OrganisationId, PartyId, Position};
use projections::access_intervals::{self, Interval};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::View,
    error::ApiError,
    openapi::ReadHeaders,
    read_models,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// How new the overview must be.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct IntervalsQuery {
    /// Waits until the answer has taken in the event at this position, such as the `position` of your own command.
    /// Where that takes longer than five seconds the answer is 503.
    #[param(minimum = 0)]
    min_position: Option<u64>,
}

/// The intervals of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct AccessIntervals {
    /// In the order in which they began.
    intervals: Vec<IntervalView>,
    /// What stands in the ledger for this answer.
    view: View,
}

/// From when until when something held, as far as facts say it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct IntervalView {
    /// Of what: `party`, `consent`, `unit` (that was responsible), `emergency` (broken glass) or `role`.
    #[schema(value_type = schemas::CodeWord, example = "party")]
    kind: &'static str,
    /// The id of the party, consent, case (for a unit), emergency or account (for a role).
    #[schema(value_type = schemas::Id)]
    id: String,
    /// The account of a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    account: Option<AccountId>,
    /// The party that took part, or gave the consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    party: Option<PartyId>,
    /// The unit that was responsible, in which the role was held, or for which a member of staff took part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    unit: Option<OrganisationId>,
    /// The role, in the case or in the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>)]
    role: Option<Code>,
    /// The kind of a consent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>)]
    consent_kind: Option<Code>,
    /// The event that began it.
    #[schema(value_type = u64)]
    from_position: Position,
    /// When that was recorded.
    from_at: DateTime<Utc>,
    /// The first day of a consent that is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<NaiveDate>,
    /// The last day of a consent that is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_through: Option<NaiveDate>,
    /// First moment at which a dated role, or broken glass, no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<DateTime<Utc>>,
    /// The event that ended it; not there while no event has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    until_position: Option<Position>,
    /// When that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_at: Option<DateTime<Utc>>,
    /// What ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>, example = "party_removed")]
    ended_by: Option<Code>,
}

/// See from when until when there was access to a case
#[utoipa::path(
    get, path = "/cases/{caseId}/access-intervals", tag = "audit", operation_id = "readAccessIntervals",
    description = "For whoever may ask who could have seen the case; noted like that question. An overview of facts: \
                   who took part, which consents covered, which roles were held while a unit was responsible. It does \
                   not know the policies, whose consents together are enough, or whether an account was closed. Lags \
                   behind the ledger (`minPosition` waits for it), and is empty once the case is erased.",
    params(("caseId" = schemas::Id, Path, description = "The case."), IntervalsQuery, ReadHeaders),
    responses((status = 200, description = "The intervals.", body = AccessIntervals)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<IntervalsQuery>,
    asker: Asker,
) -> Result<Json<AccessIntervals>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let noted = service.ledger().note_audit(caller, case, occasion).await?;
    read_models::wait_for(&service, caller, "access_intervals", query.min_position).await?;
    let pool = &service.instance().projector;
    let intervals = access_intervals::of_case(pool, &caller.tenant, case)
        .await
        .map_err(|error| ApiError::Lists(error.into()))?;
    Ok(Json(AccessIntervals {
        intervals: intervals.into_iter().map(IntervalView::from).collect(),
        view: View::from(&noted.event),
    }))
}

impl From<Interval> for IntervalView {
    fn from(interval: Interval) -> Self {
        let (until_position, rest) = match interval.until {
            Some((position, at, by)) => (Some(position), Some((at, by))),
            None => (None, None),
        };
        let (until_at, ended_by) = rest.unzip();
        Self {
            kind: interval.kind.code(),
            id: interval.subject,
            account: interval.account,
            party: interval.party,
            unit: interval.unit,
            role: interval.role,
            consent_kind: interval.consent_kind,
            from_position: interval.from.0,
            from_at: interval.from.1,
            valid_from: interval.valid_from,
            valid_through: interval.valid_through,
            expires_at: interval.expires_at,
            until_position,
            until_at,
            ended_by,
        }
    }
}
