//! Rows of the ledger's tables, read into what they mean.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use sqlx::{Row as _, postgres::PgRow};

use super::super::{AppendError, IdempotencyKey, ReadError, StoredEvent, Tip};
use crate::{
    clock::to_micros,
    ids::{Digest, Position},
    log::Frontier,
};

/// An error of the database or its driver: the reader may try again.
pub(super) fn unavailable(error: sqlx::Error) -> ReadError {
    ReadError::Unavailable(Box::new(error))
}

/// Sizes and positions as Postgres counts them; nothing here comes near 2^63.
pub(super) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(row: &PgRow, column: &str) -> Result<u64, ReadError> {
    let number: i64 = row.try_get(column).map_err(unavailable)?;
    u64::try_from(number).map_err(|error| ReadError::Unavailable(Box::new(error)))
}

pub(super) fn digest(row: &PgRow, column: &str) -> Result<Digest, ReadError> {
    let bytes: &[u8] = row.try_get(column).map_err(unavailable)?;
    bytes
        .try_into()
        .map(Digest)
        .map_err(|error| ReadError::Unavailable(Box::new(error)))
}

pub(super) fn parsed<T>(row: &PgRow, column: &str) -> Result<T, ReadError>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: &str = row.try_get(column).map_err(unavailable)?;
    text.parse()
        .map_err(|error| ReadError::Unavailable(Box::new(error)))
}

pub(super) fn stored_event(row: &PgRow) -> Result<StoredEvent, ReadError> {
    Ok(StoredEvent {
        position: Position(unsigned(row, "position")?),
        envelope: row.try_get("envelope").map_err(unavailable)?,
        salt: digest(row, "salt")?,
        leaf_entry: digest(row, "leaf_entry")?,
    })
}

pub(super) fn tip(row: &PgRow) -> Result<Tip, ReadError> {
    // Owned, because this row may have come as text.
    let bytes: Vec<u8> = row.try_get("frontier").map_err(unavailable)?;
    let frontier = Frontier::try_from_bytes(unsigned(row, "size")?, &bytes)
        .map_err(|error| ReadError::Unavailable(Box::new(error)))?;
    let recorded_at: DateTime<Utc> = row.try_get("recorded_at").map_err(unavailable)?;
    Ok(Tip {
        frontier,
        recorded_at: to_micros(recorded_at),
    })
}

pub(super) fn repetition(row: &PgRow, key: &IdempotencyKey) -> Result<AppendError, ReadError> {
    if digest(row, "request")? != key.request {
        return Ok(AppendError::KeyReused);
    }
    Ok(AppendError::Repeated {
        first: Position(unsigned(row, "first")?),
        count: unsigned(row, "count")?,
    })
}
