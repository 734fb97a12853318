//! Who saw a case, and when.

use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use ledger_core::{
    ids::{AccountId, Code, DocumentId, PartyId},
    ledger::{AsOf, SawFilter, Watcher},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::SeenView;
use crate::api::{
    answer::AnswerView,
    as_of,
    error::ApiError,
    fields::FieldError,
    openapi::ReadHeaders,
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};

/// Which views; nothing of it for all.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct SawQuery {
    /// Up to when this was the last event of the ledger. Not together with `atTime`.
    #[param(minimum = 0)]
    at_position: Option<u64>,
    /// By what the ledger knew at this moment. Not together with `atPosition`.
    at_time: Option<DateTime<Utc>>,
    /// The first moment of the time that is asked about; left out for the beginning.
    from: Option<DateTime<Utc>>,
    /// The first moment after it; left out for now.
    until: Option<DateTime<Utc>>,
    /// Only what this member of staff saw. Not together with `party`.
    #[param(value_type = Option<schemas::Id>)]
    account: Option<AccountId>,
    /// Only what this party of the case saw. Not together with `account`.
    #[param(value_type = Option<schemas::Id>)]
    party: Option<PartyId>,
    /// Only what showed something of this section.
    #[param(value_type = Option<schemas::CodeWord>)]
    section: Option<Code>,
    /// Only what gave out this document.
    #[param(value_type = Option<schemas::Id>)]
    document: Option<DocumentId>,
    /// The `nextCursor` of the page before; left out for the first.
    #[param(minimum = 0)]
    cursor: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<u32>,
}

/// Who saw a case, and when.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct SawAnswer {
    /// In the order in which it happened.
    views: Vec<SeenView>,
    /// Asks for those that follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<u64>,
    /// What stands in the ledger for this answer.
    view: AnswerView,
}

impl SawQuery {
    fn filter(&self) -> Result<(AsOf, SawFilter), ApiError> {
        let who = match (self.account, self.party) {
            (None, None) => None,
            (Some(account), None) => Some(Watcher::Account(account)),
            (None, Some(party)) => Some(Watcher::Party(party)),
            (Some(_), Some(_)) => {
                let message = "cannot be asked together with account; leave one of them out";
                return Err(ApiError::Fields(vec![FieldError::new("party", message)]));
            }
        };
        let filter = SawFilter {
            period: super::period(self.from, self.until)?,
            who,
            section: self.section.clone(),
            document: self.document,
            after: self.cursor.unwrap_or(0),
            limit: Some(super::limit(self.limit)?),
        };
        Ok((as_of::known(self.at_position, self.at_time)?, filter))
    }
}

/// Ask who saw a case, and when
#[utoipa::path(
    get, path = "/cases/{caseId}/audit/saw", tag = "audit", operation_id = "auditSaw",
    description = "Every view, print, list, search, download, export, refusal and answer of an auditor.",
    params(("caseId" = schemas::Id, Path, description = "The case."), SawQuery, ReadHeaders),
    responses((status = 200, description = "Every view and refusal.", body = SawAnswer)),
)]
pub(in crate::api) async fn of_case(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(query): Asked<SawQuery>,
    asker: Asker,
) -> Result<Json<SawAnswer>, ApiError> {
    let Asker { caller, occasion } = &asker;
    let (as_of, filter) = query.filter()?;
    let ledger = service.ledger();
    let saw = ledger.saw(caller, case, as_of, &filter, occasion).await?;
    let cited = saw.cited();
    Ok(Json(SawAnswer {
        views: saw.views.into_iter().map(SeenView::from).collect(),
        next_cursor: saw.more,
        view: AnswerView::of(&saw.answer, cited),
    }))
}
