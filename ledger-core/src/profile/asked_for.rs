//! What a requirement can have asked for, beside the things of a profile that name one themselves: a command, or a rule
//! that the program keeps in every system.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer};

use crate::access::Action;

macro_rules! kept_rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A rule that the program itself keeps, where another sentence asked for it than for the command that meets it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum KeptRule {
            $($(#[$doc])* $name,)*
        }

        impl KeptRule {
            /// Every rule, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// What it is called in `[asked_for]`; no action has the same code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

kept_rules! {
    /// The responsible unit's baton is handed over before the unit leaves.
    BatonKept = "baton_kept";
    /// Consents are obtained anew before a case moves to another unit.
    ConsentAtTransition = "consent_at_transition";
    /// A consent is given in a form that the profile has.
    ConsentForm = "consent_form";
    /// A consent has days on which it holds, and takes the place of an earlier one of the same person.
    ConsentRenewal = "consent_renewal";
    /// A measure had an effect that the profile has.
    Effect = "effect";
    /// What is begun, evaluated, changed or ended is a measure of the case that has not ended.
    Measure = "measure";
    /// A measure ends after it begins.
    MeasurePeriod = "measure_period";
    /// The archive has the newest package, with all that was written, before a case counts as archived.
    PackageBeforeArchive = "package_before_archive";
}

/// A key of `[asked_for]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AskedFor {
    /// A command, by its action.
    Command(Action),
    /// A rule that the program keeps.
    Rule(KeptRule),
}

/// A key of `[asked_for]` that means nothing.
#[derive(Debug, thiserror::Error)]
#[error(
    "nothing is called {given}, neither a command nor a rule that the program keeps; did you mean {nearest}?"
)]
pub struct UnknownKey {
    given: String,
    nearest: String,
}

impl AskedFor {
    fn all() -> impl Iterator<Item = Self> {
        let commands = Action::ALL.iter().copied().map(Self::Command);
        commands.chain(KeptRule::ALL.iter().copied().map(Self::Rule))
    }

    /// What it is called.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Command(action) => action.code(),
            Self::Rule(rule) => rule.code(),
        }
    }
}

impl fmt::Display for AskedFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for AskedFor {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        Self::all()
            .find(|key| key.code() == text)
            .ok_or_else(|| UnknownKey {
                given: text.chars().take(60).collect(),
                nearest: nearest(text, Self::all().map(Self::code)),
            })
    }
}

impl<'de> Deserialize<'de> for AskedFor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The three known words that differ least from a word, the nearest first.
fn nearest(word: &str, known: impl Iterator<Item = &'static str>) -> String {
    let mut known: Vec<_> = known.map(|known| (distance(word, known), known)).collect();
    known.sort_unstable();
    let [first, second, third, ..] = known[..] else {
        return known.first().map_or("", |(_, known)| *known).to_owned();
    };
    format!("{}, {} or {}", first.1, second.1, third.1)
}

/// How many letters must be put in, taken out or exchanged to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().take(60).enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (column, compared) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *compared);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_means_one_thing() {
        let codes: BTreeSet<_> = AskedFor::all().map(AskedFor::code).collect();
        assert_eq!(codes.len(), AskedFor::all().count());
        for key in AskedFor::all() {
            assert_eq!(key.code().parse::<AskedFor>().ok(), Some(key));
        }
    }

    #[test]
    fn who_mistypes_a_key_is_told_the_nearest() {
        let error = "consent_renewel".parse::<AskedFor>().expect_err("no key");
        let told = error.to_string();
        assert!(told.contains("did you mean consent_renewal,"), "{told}");
    }
}
