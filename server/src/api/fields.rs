//! Bodies in JSON, read field by field, so that everything that is wrong is said at once.
//!
//! A body is declared with [`body!`]: the same lines give its fields, their place in the OpenAPI description, and how
//! they are read. A field of another type is one line in the list below.

mod once;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use chrono::{Datelike as _, Days, NaiveDate};
use ledger_core::{
    clock::Timestamp,
    command,
    ids::{
        AccountId, CaseId, Code, ConsentId, DocumentId, InvitationId, MeetingId, OrganisationId,
        PartyId, Position, ProfileId, RoundId,
    },
    profile::{Assurance, Language},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::error::ApiError;

/// The longest list that a field may hold.
const LIST_ITEMS_MAX: usize = 1_000;
/// The years that RFC 3339 can write.
const YEARS: Range<i32> = 1..10_000;

/// One field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// Which field, by its name in the request.
    #[schema(example = "childName")]
    field: String,
    /// What is wrong with it, and what would be right.
    #[schema(example = "is missing")]
    message: String,
}

impl FieldError {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// A body that can be read from its fields.
pub(super) trait Body: Sized {
    /// Takes the fields that it knows.
    fn read(fields: &mut Fields) -> Option<Self>;
}

/// What has not been taken yet, and what was wrong so far.
pub(super) struct Fields {
    values: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Takes one field, named as in Rust.
    pub(super) fn take<T: Field>(&mut self, name: &str) -> Option<T> {
        let name = camel_case(name);
        let read = T::read(self.values.remove(&name));
        read.map_err(|message| self.errors.push(FieldError::new(name, message)))
            .ok()
    }
}

/// Reads a body. An empty one is read as an object without fields.
pub(super) fn read<T: Body>(bytes: &[u8]) -> Result<T, ApiError> {
    let (value, twice) = if bytes.is_empty() {
        (Value::Object(Map::new()), Vec::new())
    } else {
        once::read(bytes).map_err(|error| ApiError::NotJson {
            line: error.line(),
            column: error.column(),
        })?
    };
    let Value::Object(values) = value else {
        let message = "the body must be a JSON object, in curly brackets";
        return Err(ApiError::Fields(vec![FieldError::new("", message)]));
    };
    let mut fields = Fields {
        values,
        errors: twice,
    };
    let body = T::read(&mut fields);
    let Fields { values, mut errors } = fields;
    for unknown in values.keys() {
        errors.push(FieldError::new(unknown, "is not a field of this body"));
    }
    match body {
        Some(body) if errors.is_empty() => Ok(body),
        _ => Err(ApiError::Fields(errors)),
    }
}

/// A type that a field can have.
pub(super) trait Field: Sized {
    /// Reads it; the error completes the sentence "the field …".
    fn read(value: Option<Value>) -> Result<Self, String>;
}

macro_rules! fields_that_are_read_by_serde {
    ($($type:ty),* $(,)?) => {$(
        impl Field for $type {
            fn read(value: Option<Value>) -> Result<Self, String> {
                by_serde(value)
            }
        }
    )*};
}

fn by_serde<T: DeserializeOwned>(value: Option<Value>) -> Result<T, String> {
    let value = value.filter(|value| !value.is_null()).ok_or("is missing")?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fields_that_are_read_by_serde!(
    AccountId,
    Assurance,
    BTreeMap<Code, Code>,
    CaseId,
    Code,
    ConsentId,
    DocumentId,
        InvitationId, Language,
    MeetingId,
    OrganisationId,
    PartyId,
    Position,
    ProfileId,
    RoundId,
    String,
    bool,
    u32,
);

/// A day as RFC 3339 can write it, with a year of four digits; so that the day after it can be written too.
///
/// # Errors
/// What is wrong with any other day; completes the sentence "the field …".
pub(super) fn day(day: NaiveDate) -> Result<NaiveDate, String> {
    let next = day.checked_add_days(Days::new(1));
    if day.year() >= YEARS.start && next.is_some_and(|next| YEARS.contains(&next.year())) {
        return Ok(day);
    }
    Err("must be a day from 0001-01-01 to 9999-12-30".to_owned())
}

/// A moment as RFC 3339 can write it, with a year of four digits.
///
/// # Errors
/// As [`day`].
pub(super) fn moment(at: Timestamp) -> Result<Timestamp, String> {
    if YEARS.contains(&at.year()) {
        return Ok(at);
    }
    Err("must lie in the years 0001 to 9999".to_owned())
}

impl Field for NaiveDate {
    fn read(value: Option<Value>) -> Result<Self, String> {
        by_serde(value).and_then(day)
    }
}

impl Field for Timestamp {
    fn read(value: Option<Value>) -> Result<Self, String> {
        by_serde(value).and_then(moment)
    }
}

impl<T: Field> Field for Option<T> {
    fn read(value: Option<Value>) -> Result<Self, String> {
        match value {
            None | Some(Value::Null) => Ok(None),
            given => T::read(given).map(Some),
        }
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    fn read(value: Option<Value>) -> Result<Self, String> {
        match value {
            None | Some(Value::Null) => Ok(Self::new()),
            Some(Value::Array(items)) if items.len() > LIST_ITEMS_MAX => Err(format!(
                "has {} items; at most {LIST_ITEMS_MAX} are taken",
                items.len()
            )),
            Some(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .map(|(place, item)| {
                    T::read(Some(item)).map_err(|message| format!("[{place}]: {message}"))
                })
                .collect(),
            Some(_) => Err("must be a list, in square brackets".to_owned()),
        }
    }
}

/// A name or a heading: one line, not empty.
pub(super) struct Line(pub(super) String);

impl Field for Line {
    fn read(value: Option<Value>) -> Result<Self, String> {
        let text = String::read(value)?;
        let line = command::line("it", &text).map_err(|rejection| rejection.message)?;
        Ok(Self(line))
    }
}

/// A text of several lines; empty where it is left out.
#[derive(Default)]
pub(super) struct Text(pub(super) String);

impl Field for Text {
    fn read(value: Option<Value>) -> Result<Self, String> {
        let text = Option::<String>::read(value)?.unwrap_or_default();
        let text = command::text("it", &text).map_err(|rejection| rejection.message)?;
        Ok(Self(text))
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

/// Declares a body: its documented fields. `r#type` is not needed: fields are named as people say them.
macro_rules! body {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        #[derive(utoipa::ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub(in crate::api) struct $name {
            $($(#[$field_meta])* pub(in crate::api) $field: $type,)*
        }

        impl $crate::api::fields::Body for $name {
            fn read(fields: &mut $crate::api::fields::Fields) -> Option<Self> {
                $(let $field = fields.take(stringify!($field));)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

pub(super) use body;

/// The body of a command that needs none.
pub(super) struct NoBody;

impl Body for NoBody {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    body! {
        /// For the tests.
        Sample {
            /// A line.
            #[schema(value_type = String)]
            child_name: Line,
            /// An account.
            #[schema(value_type = String)]
            account: AccountId,
            /// A set.
            #[schema(value_type = Vec<String>)]
            kinds: BTreeSet<Code>,
            /// Not needed.
            #[schema(value_type = Option<String>)]
            until: Option<NaiveDate>,
        }
    }

    fn errors(json: &str) -> Vec<(String, String)> {
        match read::<Sample>(json.as_bytes()) {
            Err(ApiError::Fields(errors)) => errors
                .into_iter()
                .map(|error| (error.field, error.message))
                .collect(),
            Err(error) => panic!("{error}"),
            Ok(_) => Vec::new(),
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let errors = errors(
            r#"{"childName": " ", "kinds": ["plan", "Not a code"], "until": "soon", "extra": 1}"#,
        );
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["childName", "account", "kinds", "until", "extra"]);
        assert_eq!(errors[1].1, "is missing");
        assert!(errors[2].1.starts_with("[1]: "), "{}", errors[2].1);
    }

    #[test]
    fn days_and_moments_can_be_written_with_a_year_of_four_digits() {
        for until in ["0001-01-01", "2026-03-02", "9999-12-30"] {
            let json = format!(
                r#"{{"childName": "Kari", "account": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "until": "{until}"}}"#
            );
            assert_eq!(errors(&json), []);
        }
        for until in ["0000-12-31", "-0001-01-01", "9999-12-31", "+262000-12-31"] {
            let json = format!(
                r#"{{"childName": "Kari", "account": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "until": "{until}"}}"#
            );
            let errors = errors(&json);
            assert_eq!(errors[0].0, "until", "{until}");
        }
        let at = |text: &str| Timestamp::read(Some(text.into()));
        assert!(at("9999-12-31T23:59:59Z").is_ok());
        for text in ["+262000-12-31T23:59:59Z", "0000-12-31T23:59:59Z"] {
            assert!(at(text).is_err(), "{text}");
        }
        assert!(at("9999-12-31T23:59:59-01:00").is_err());
    }

    #[test]
    fn a_good_body_is_read() {
        let json = r#"{"childName": " Kari ", "account": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#;
        let sample: Sample = read(json.as_bytes()).unwrap();
        assert_eq!(sample.child_name.0, "Kari");
        assert_eq!(sample.account.to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        assert!(sample.kinds.is_empty() && sample.until.is_none());
    }

    #[test]
    fn a_field_that_is_given_twice_is_refused() {
        let json =
            r#"{"childName": "Kari", "childName": "Ola", "account": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#;
        let Err(ApiError::Fields(errors)) = read::<Sample>(json.as_bytes()) else {
            panic!("it was read")
        };
        let message = "is given more than once; give it once";
        assert_eq!(errors, [FieldError::new("childName", message)]);
    }

    #[test]
    fn a_body_that_is_not_an_object_is_refused() {
        assert_eq!(errors("[]").len(), 1);
        assert!(matches!(
            read::<Sample>(b"{\n\"childName\": }"),
            Err(ApiError::NotJson { line: 2, .. })
        ));
    }
}
