//! Of what people are told that something new is waiting, and who (X6).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Names, Part, Requirement};
use crate::ids::{Code, InvalidId};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $days:literal, $part:expr;)*) => {
        /// What is told. A profile switches each of them on for itself.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NotificationKind {
            $($(#[$doc])* $name,)*
        }

        impl NotificationKind {
            /// Every kind, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its code in profiles, rows and answers.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Whether it falls on a day; then the profile says how many days before it is told.
            pub const fn is_dated(self) -> bool {
                match self { $(Self::$name => $days,)* }
            }

            /// The part of a case that it is about: whoever may not see that part is not told. None where the entry itself
            /// says where it stands.
            pub const fn part(self) -> Option<Part> {
                match self { $(Self::$name => $part,)* }
            }
        }
    };
}

kinds! {
    /// Somebody takes part from now on: they are told themselves.
    PartyAdded = "party_added", false, Some(Part::Parties);
    /// An outsider is invited to read along (K6): they are told at the address that the inviter gave, with the secret of the
    /// invitation.
    GuestInvited = "guest_invited", false, Some(Part::Parties);
    /// The baton waits for an answer (X2): whoever is asked is told.
    BatonOffered = "baton_offered", false, Some(Part::Parties);
    /// A consent is to be given anew, because something has changed.
    ConsentAnew = "consent_anew", false, Some(Part::Consents);
    /// The last day of a consent comes near.
    ConsentExpires = "consent_expires", true, Some(Part::Consents);
    /// The day comes near on which a consent is best renewed.
    ConsentRenewal = "consent_renewal", true, Some(Part::Consents);
    /// A measure is to be evaluated soon.
    MeasureEvaluation = "measure_evaluation", true, Some(Part::Measures);
    /// A meeting was planned, or moved.
    Meeting = "meeting", false, Some(Part::Meetings);
    /// Somebody has broken the glass: whoever may see the course of the case is told at once.
    GlassBroken = "glass_broken", false, Some(Part::Course);
    /// Something else was entered. Gathered: nobody is told of a case more than once a day.
    CaseChanged = "case_changed", false, None;
}

impl NotificationKind {
    /// Its code, as facts hold it.
    pub fn to_code(self) -> Code {
        self.code()
            .parse()
            .expect("a word of a-z and '_' is a code")
    }
}

impl fmt::Display for NotificationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for NotificationKind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let kind = Self::ALL.iter().find(|kind| kind.code() == text);
        kind.copied().ok_or_else(|| InvalidId {
            kind: "kind of notification",
            given: text.chars().take(60).collect(),
            expected: "party_added, guest_invited, baton_offered, consent_anew, consent_expires, consent_renewal, measure_evaluation, \
                       meeting, glass_broken or case_changed",
        })
    }
}

impl Serialize for NotificationKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for NotificationKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who is told of one kind.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationRule {
    /// What it is called where people choose.
    pub name: Names,
    /// The roles, as parties of the case, that are told; of an invitation, the roles in which outsiders are invited.
    pub to: Vec<Code>,
    /// For what falls on a day: how many days before it is told.
    pub days_before: Option<u32>,
    /// Which sentence asked for it.
    pub requirement: Option<Requirement>,
}
