//! The ids of the requirements catalogue, which lead from a rule to the sentence that asked for it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::InvalidId;

/// A line of the requirements catalogue, for example `V24`: the letter of its source and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    source: char,
    number: u8,
}

/// The sources: the design card, Kindkans, Mirage, Fiks, Sula, Kvam, and the wider field.
const SOURCES: &str = "DKMFSVX";

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.source, self.number)
    }
}

impl FromStr for Requirement {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut characters = text.chars();
        let source = characters.next().filter(|source| SOURCES.contains(*source));
        let digits = characters.as_str();
        let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| plain);
        source
            .zip(number)
            .map(|(source, number)| Self { source, number })
            .ok_or_else(|| InvalidId {
                kind: "requirement id",
                given: text.chars().take(60).collect(),
                expected: "one of the letters D K M F S V X and a number from 1 to 255, for example V24",
            })
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
