//! The ids of requirements, which lead from a rule to the sentence that asked for it. Which ids there are, and what they
//! say, is data of each rule book (`[requirements]`); nothing here knows a source.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Names;
use crate::ids::InvalidId;

/// The id of a requirement, for example `V24`: the letter of its source and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    source: char,
    number: u16,
}

impl Requirement {
    const NUMBER_MAX: u16 = 999;
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.source, self.number)
    }
}

impl FromStr for Requirement {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut characters = text.chars();
        let source = characters.next().filter(char::is_ascii_uppercase);
        let digits = characters.as_str();
        let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits
            .parse()
            .ok()
            .filter(|number| plain && *number <= Self::NUMBER_MAX);
        source
            .zip(number)
            .map(|(source, number)| Self { source, number })
            .ok_or_else(|| InvalidId {
                kind: "requirement id",
                given: text.chars().take(60).collect(),
                expected: "one of the letters A to Z and a number from 1 to 999, for example V24",
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

/// The sentences of a rule book, shared with the answers that name them.
pub(super) fn sentences<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Requirement, Arc<Names>>, D::Error> {
    let sentences = BTreeMap::<SentenceId, Names>::deserialize(deserializer)?;
    let shared = sentences.into_iter();
    Ok(shared.map(|(id, names)| (id.0, Arc::new(names))).collect())
}

/// An id as a key below `[requirements]`. Whoever has put another key there is told where it stands: in TOML a key belongs
/// to the last `[table]` above it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SentenceId(Requirement);

impl<'de> Deserialize<'de> for SentenceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        key.parse().map(Self).map_err(|_| {
            let given: String = key.chars().take(60).collect();
            serde::de::Error::custom(format!(
                "{given:?} stands below [requirements], where each key is the id of a sentence: one of the letters A to Z \
                 and a number from 1 to 999, for example V24; put another key above the first [table], or below its own"
            ))
        })
    }
}
