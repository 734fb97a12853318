//! What of a file could not be used, and why.

use std::fmt;

use serde::Serialize;

/// Something in the file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unused {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it is: the element, and its key if it has one. Never a value.
    pub what: String,
    /// Why it was left out.
    pub why: Why,
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The standard has no such element, or not here.
    UnknownElement,
    /// The standard has no such attribute of the element.
    UnknownAttribute,
    /// It has no key, or another part that it needs is missing.
    Incomplete,
    /// Its value is none of its type.
    NotOfItsType,
    /// It holds a character that XML does not allow.
    ForbiddenCharacter,
    /// Words between the elements.
    Text,
    /// It belongs to no case.
    NoCase,
    /// It would have happened after it was imported.
    InTheFuture,
    /// It stands behind what it should stand before.
    TooLate,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownElement => "the standard has no such element at this place",
            Self::UnknownAttribute => "the standard has no such attribute of this element",
            Self::Incomplete => "a part that it needs is missing, such as its key",
            Self::NotOfItsType => "its value is not of its type",
            Self::ForbiddenCharacter => "it holds a character that XML does not allow",
            Self::Text => "words between the elements mean nothing",
            Self::NoCase => "it belongs to no case",
            Self::InTheFuture => "it lies in the future: it cannot have happened yet",
            Self::TooLate => "it stands behind what it should stand before",
        })
    }
}

impl fmt::Display for Unused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.what, self.why)
    }
}
