//! As of when something is asked, as the query says it: `atPosition` or `atTime` for what the ledger knew, `validAt` for
//! what was true.
//!
//! **Invariant: asking about the past gives nobody more than the present does**; see [`ledger_core::ledger::Moment`].

use chrono::{DateTime, Utc};
use ledger_core::{
    clock::to_micros,
    events::PastMoment,
    ids::Position,
    ledger::{AsOf, Moment},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    error::ApiError,
    fields::{self, FieldError},
};

/// As of when an auditor asks; neither for now.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AsOfQuery {
    /// When this was the last event of the ledger.
    #[param(minimum = 0)]
    at_position: Option<u64>,
    /// At this moment, by what the ledger knew then.
    at_time: Option<DateTime<Utc>>,
}

/// As of when a case is read; none of them for now.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PastQuery {
    /// By what the ledger knew when this was its last event. Not together with `atTime`.
    #[param(minimum = 0)]
    at_position: Option<u64>,
    /// By what the ledger knew at this moment. Not together with `atPosition`.
    at_time: Option<DateTime<Utc>>,
    /// What had happened by this moment: by the date on which it is said to have happened, or was recorded where
    /// nothing else is said. Alone, by what the ledger knows now; it may then lie in the future.
    valid_at: Option<DateTime<Utc>>,
}

/// The moment of the past that is shown; each part only if it was asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AsOfView {
    /// What the ledger knew when this was its last event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    at_position: Option<Position>,
    /// What it knew at this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    at_time: Option<DateTime<Utc>>,
    /// What had happened by this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_at: Option<DateTime<Utc>>,
}

impl AsOfQuery {
    pub(super) fn as_of(&self) -> Result<AsOf, ApiError> {
        known(self.at_position, self.at_time)
    }
}

impl PastQuery {
    pub(super) fn moment(&self) -> Result<Moment, ApiError> {
        Ok(Moment {
            known: known(self.at_position, self.at_time)?,
            valid_at: moment("validAt", self.valid_at)?.map(to_micros),
        })
    }
}

impl AsOfView {
    /// Of a moment; nothing for the present.
    pub(super) fn of(moment: Moment) -> Option<Self> {
        let PastMoment {
            at_position,
            at_time,
            valid_at,
        } = moment.facts()?;
        Some(Self {
            at_position,
            at_time,
            valid_at,
        })
    }
}

/// A moment of the query that RFC 3339 can write.
pub(super) fn moment(
    name: &str,
    at: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>, ApiError> {
    at.map(fields::moment)
        .transpose()
        .map_err(|message| ApiError::Fields(vec![FieldError::new(name, message)]))
}

pub(super) fn known(position: Option<u64>, time: Option<DateTime<Utc>>) -> Result<AsOf, ApiError> {
    match (position, moment("atTime", time)?) {
        (None, None) => Ok(AsOf::Now),
        (Some(position), None) => Ok(AsOf::Position(Position(position))),
        (None, Some(at)) => Ok(AsOf::Time(to_micros(at))),
        (Some(_), Some(_)) => {
            let message = "cannot be asked together with atPosition; leave one of them out";
            Err(ApiError::Fields(vec![FieldError::new("atTime", message)]))
        }
    }
}
