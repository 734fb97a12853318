//! Between rows and what they mean.

use std::str::FromStr;

use ledger_core::ids::{InvalidId, Position};

use crate::ProjectionError;

/// Positions as Postgres counts them; nothing here comes near 2^63.
pub(crate) fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A position as it was stored; the schema refuses negative ones where they are counted from.
pub(crate) fn position(stored: i64) -> Position {
    Position(stored.unsigned_abs())
}

/// An id or code of a read model's row.
pub(crate) fn parsed<T: FromStr<Err = InvalidId>>(
    projection: &'static str,
    text: &str,
) -> Result<T, ProjectionError> {
    text.parse()
        .map_err(|source| ProjectionError::Row { projection, source })
}
