//! What one person saw, and what changed for them, over all cases of a system.

use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::ids::{AccountId, Position, ProfileId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{SeenView, changed::ChangedAnswer};
use crate::{
    api::{
        answer::AnswerView,
        error::ApiError,
        language,
        openapi::ReadHeaders,
        request::{Asked, Asker, Segments},
        schemas,
        service::Service,
    },
    words::Wishes,
};

/// What, and when.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct PersonQuery {
    /// The system whose cases are asked about.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// The first moment of the time that is asked about; left out for the beginning.
    from: Option<DateTime<Utc>>,
    /// The first moment after it; left out for now.
    until: Option<DateTime<Utc>>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(minimum = 0)]
    cursor: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<u32>,
}

/// Between which positions.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct PersonChangesQuery {
    /// The system whose cases are asked about.
    #[param(value_type = schemas::ProfileName)]
    profile: ProfileId,
    /// What happened after this position,
    #[param(minimum = 0)]
    after_position: u64,
    /// up to and with this one; left out for now.
    #[param(minimum = 0)]
    through_position: Option<u64>,
}

/// What one person saw.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PersonAnswer {
    /// Whose views.
    #[schema(value_type = schemas::Id)]
    account: AccountId,
    /// The newest first.
    views: Vec<SeenView>,
    /// Asks for those that came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    next_cursor: Option<Position>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

/// Ask what one person saw
#[utoipa::path(
    get, path = "/accounts/{accountId}/audit/saw", tag = "audit", operation_id = "auditPerson",
    description = "In all cases of a system. That the auditor asked is noted once, and in every case of which the answer \
                   tells something.",
    params(("accountId" = schemas::Id, Path, description = "Whose views."), PersonQuery, ReadHeaders),
    responses((status = 200, description = "Every view and refusal.", body = PersonAnswer)),
)]
pub(in crate::api) async fn saw(
    State(service): State<Service>,
    Segments(account): Segments<AccountId>,
    Asked(query): Asked<PersonQuery>,
    asker: Asker,
) -> Result<Json<PersonAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let period = super::period(query.from, query.until)?;
    let saw = service
        .ledger()
        .saw_by(
            caller,
            &query.profile,
            account,
            period,
            query.cursor.map(Position),
            Some(super::limit(query.limit)?),
            occasion,
        )
        .await?;
    let cited = saw.cited();
    Ok(Json(PersonAnswer {
        account: saw.account,
        views: saw.views.into_iter().map(SeenView::from).collect(),
        next_cursor: saw.more,
        view: AnswerView::of(&saw.answer, cited),
    }))
}

/// Ask what changed for one person, and what they did
#[utoipa::path(
    get, path = "/accounts/{accountId}/audit/changed", tag = "audit", operation_id = "auditPersonChanged",
    description = "What happened to their account, what they did in the cases of a system, and what others did to them \
                   there, between two positions: who let them in to a case or removed them, and what else names them. \
                   What was done in a case that is erased by now is told of members of staff alone, and only what they \
                   did themselves.",
    params(("accountId" = schemas::Id, Path, description = "Whose."), PersonChangesQuery, ReadHeaders),
    responses((status = 200, description = "What happened.", body = ChangedAnswer)),
)]
pub(in crate::api) async fn changed(
    State(service): State<Service>,
    Segments(account): Segments<AccountId>,
    Asked(query): Asked<PersonChangesQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let between = (
        Position(query.after_position),
        query.through_position.map(Position),
    );
    let changed = service
        .ledger()
        .changed_for(caller, &query.profile, account, between, occasion)
        .await?;
    let words = wishes.words();
    let answer = Json(ChangedAnswer::of(changed, words));
    Ok(language::spoken([words.language()], answer))
}
