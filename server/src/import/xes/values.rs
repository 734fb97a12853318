//! Whether a value is one of its type, and which moment a date means.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeZone, Utc};
use ledger_core::{
    clock::{Timestamp, to_micros},
    events::LogAttributeKind,
};

/// The type of an attribute by the name of its element.
pub(super) fn kind_of(element: &str) -> Option<LogAttributeKind> {
    Some(match element {
        "string" => LogAttributeKind::String,
        "date" => LogAttributeKind::Date,
        "int" => LogAttributeKind::Int,
        "float" => LogAttributeKind::Float,
        "boolean" => LogAttributeKind::Boolean,
        "id" => LogAttributeKind::Id,
        "list" => LogAttributeKind::List,
        "container" => LogAttributeKind::Container,
        _ => return None,
    })
}

/// Whether an attribute of this type has a value of its own.
pub(super) const fn has_value(kind: LogAttributeKind) -> bool {
    !matches!(kind, LogAttributeKind::List | LogAttributeKind::Container)
}

/// Whether a value is one of its type, as XML Schema writes it.
pub(super) fn is_of(kind: LogAttributeKind, value: &str) -> bool {
    match kind {
        LogAttributeKind::String | LogAttributeKind::List | LogAttributeKind::Container => true,
        LogAttributeKind::Date => {
            DateTime::parse_from_rfc3339(value).is_ok() || without_zone(value).is_some()
        }
        LogAttributeKind::Int => value.parse::<i64>().is_ok(),
        LogAttributeKind::Float => is_double(value),
        LogAttributeKind::Boolean => {
            matches!(value, "0" | "1")
                || value.eq_ignore_ascii_case("true")
                || value.eq_ignore_ascii_case("false")
        }
        LogAttributeKind::Id => !value.is_empty(),
    }
}

fn is_double(value: &str) -> bool {
    match value {
        "INF" | "+INF" | "-INF" | "NaN" => true,
        // Rust's own words for these are none of XML Schema's.
        _ => value.parse::<f64>().is_ok_and(f64::is_finite) && !value.contains(['i', 'n', 'N']),
    }
}

/// Whether every character of a value may stand in XML (XML 1.0, section 2.2).
pub(super) fn is_xml(value: &str) -> bool {
    value.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
    })
}

/// The moment that a date means, to the microsecond; what is finer is cut off. A date without a zone has none.
pub fn moment(value: &str) -> Option<Timestamp> {
    let moment = DateTime::parse_from_rfc3339(value).ok()?;
    usable(moment.with_timezone(&Utc))
}

/// The same; a date without a zone is one of this zone, and the earlier one where clocks were put back.
pub fn moment_in<Z: TimeZone>(value: &str, zone: &Z) -> Option<Timestamp> {
    moment(value).or_else(|| {
        let local = zone.from_local_datetime(&without_zone(value)?);
        usable(local.earliest()?.with_timezone(&Utc))
    })
}

fn without_zone(value: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S%.f").ok()
}

/// What an envelope can say.
fn usable(moment: DateTime<Utc>) -> Option<Timestamp> {
    (1..=9999)
        .contains(&moment.year())
        .then(|| to_micros(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(value: &str) -> Option<String> {
        Some(moment(value)?.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    }

    #[test]
    fn a_date_is_one_moment_whatever_its_zone_and_its_digits() {
        for value in [
            "2011-10-11T13:45:40.276+02:00",
            "2011-10-11T11:45:40.276Z",
            "2011-10-11T11:45:40.276000999Z",
        ] {
            assert_eq!(
                micros(value).as_deref(),
                Some("2011-10-11T11:45:40.276000Z"),
                "{value}"
            );
        }
        assert_eq!(micros("2011-10-11T11:45:40"), None);
        assert_eq!(micros("0000-01-01T00:00:00Z"), None);
        let two_east = chrono::FixedOffset::east_opt(7200).unwrap();
        assert_eq!(
            moment_in("2011-10-11T13:45:40.276", &two_east),
            moment("2011-10-11T11:45:40.276Z")
        );
    }

    #[test]
    fn a_value_is_of_its_type_or_it_is_not() {
        use LogAttributeKind::{Boolean, Date, Float, Id, Int, String};
        for (kind, value) in [
            (String, ""),
            (Date, "2011-10-11T13:45:40.276+02:00"),
            (Date, "2011-10-11T13:45:40"),
            (Int, "-7"),
            (Float, "2.3832541524E7"),
            (Float, "INF"),
            (Boolean, "true"),
            (Boolean, "0"),
            (Id, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        ] {
            assert!(is_of(kind, value), "{kind:?} {value}");
        }
        for (kind, value) in [
            (Date, "yesterday"),
            (Date, "2011-10-11"),
            (Int, "1.5"),
            (Int, "99999999999999999999"),
            (Float, "inf"),
            (Float, "nan"),
            (Float, "infinity"),
            (Boolean, "yes"),
            (Id, ""),
        ] {
            assert!(!is_of(kind, value), "{kind:?} {value}");
        }
    }

    #[test]
    fn a_value_holds_what_xml_may_hold() {
        assert!(is_xml("Bærum \u{1f600}\n"));
        assert!(!is_xml("\u{0}"));
        assert!(!is_xml("\u{1b}"));
        assert!(!is_xml("\u{ffff}"));
    }
}
