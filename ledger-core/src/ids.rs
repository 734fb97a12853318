//! Typed identifiers, one for each kind of thing, and the small codes that facts may hold.
//!
//! Nothing here can carry free text: a [`Code`] is a short machine word, everything else is a
//! number, a ULID or a digest. That is what lets event facts be readable without revealing anything.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::clock::Entropy;

/// An identifier or code that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a valid {kind}: {expected}")]
pub struct InvalidId {
    /// What was being read, for example `case id`.
    pub kind: &'static str,
    /// The rejected text, cut to 60 characters.
    pub given: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

impl InvalidId {
    pub(crate) fn new(kind: &'static str, given: &str, expected: &'static str) -> Self {
        Self {
            kind,
            given: given.chars().take(60).collect(),
            expected,
        }
    }
}

macro_rules! serde_as_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text =
                    <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use serde_as_text;

macro_rules! ulid_ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The identifier with exactly these bits.
            pub const fn from_ulid(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// A new identifier: 48 bits of time in milliseconds, 80 bits of randomness.
            pub fn generate(now: crate::clock::Timestamp, entropy: &dyn Entropy) -> Self {
                let mut random = [0_u8; 16];
                entropy.fill(&mut random[6..]);
                let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
                Self(Ulid::from_parts(millis, u128::from_be_bytes(random)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() == 26 && let Ok(ulid) = Ulid::from_string(text) {
                    Ok(Self(ulid))
                } else {
                    Err(InvalidId::new($kind, text, "26 characters of Crockford base 32 (a ULID)"))
                }
            }
        }

        serde_as_text!($name);
    )*};
}

ulid_ids! {
    /// One event.
    EventId = "event id";
    /// One case: one child's log in one system.
    CaseId = "case id";
    /// A person or unit within one case; made for that case alone, so that facts of two cases
    /// cannot be linked through it.
    PartyId = "party id";
    /// A person who signs in.
    AccountId = "account id";
    /// A municipality's service, school or unit.
    OrganisationId = "organisation id";
    /// One consent.
    ConsentId = "consent id";
    /// One note.
    NoteId = "note id";
    /// One document.
    DocumentId = "document id";
    /// One measure.
    MeasureId = "measure id";
    /// One meeting.
    MeetingId = "meeting id";
    /// One agreement: made with the family, or signed by an organisation.
    AgreementId = "agreement id";
    /// One offer to take the baton.
    HandoverId = "handover id";
    /// One legal hold.
    HoldId = "hold id";
    /// One time that the glass was broken.
    EmergencyId = "emergency id";
    /// One consultation round.
    RoundId = "round id";
    /// One invitation to read along.
    InvitationId = "invitation id";
    /// One correction.
    CorrectionId = "correction id";
    /// One webhook: the address of a program that is told what happens.
    WebhookId = "webhook id";
    /// One event log that was recorded elsewhere and taken in.
    ImportId = "import id";
    /// One referral to another organisation.
    ReferralId = "referral id";
    /// One handover of data to another organisation, outside of the ledger.
    TransmissionId = "transmission id";
}

/// Place in a tenant's ledger: gap-free from 0, also the leaf index of its Merkle tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, $max:literal, $extra:literal, $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The word as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let shaped = (1..=$max).contains(&text.len())
                    && text.starts_with(|c: char| c.is_ascii_lowercase())
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == $extra);
                if shaped {
                    Ok(Self(text.into()))
                } else {
                    Err(InvalidId::new($kind, text, $expected))
                }
            }
        }

        serde_as_text!($name);
    )*};
}

words! {
    /// A tenant's short name, for example `solvik`: one municipality, one ledger.
    TenantId = "tenant", 32, '-', "1 to 32 of a-z, 0-9 and '-', beginning with a letter";
    /// The name of a system's rule book, for example `relay-log`.
    ProfileId = "profile", 48, '-', "1 to 48 of a-z, 0-9 and '-', beginning with a letter";
    /// A machine word from a profile's vocabulary: a role, a status, a section, a reason. Never free text.
    Code = "code", 40, '_', "1 to 40 of a-z, 0-9 and '_', beginning with a letter";
}

/// 32 bytes: a SHA-256 digest or a salt. Written as base64 (standard, padded).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .map(Self)
            .ok_or_else(|| InvalidId::new("digest", text, "32 bytes in padded base64"))
    }
}

serde_as_text!(Digest);

/// What a data key is for; also its name in the key store. A key per case and one for each document
/// make erasure and redaction a matter of destroying keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyId {
    /// Content that belongs to no case: names of organisations, texts of profiles.
    Tenant,
    /// Content about one person's account.
    Account(AccountId),
    /// The texts of one case.
    Case(CaseId),
    /// The body of one document.
    Document(DocumentId),
    /// What a log that was taken in says about itself, as long as one of its cases is there.
    Import(ImportId),
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("tenant"),
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Case(id) => write!(f, "case/{id}"),
            Self::Document(id) => write!(f, "document/{id}"),
            Self::Import(id) => write!(f, "import/{id}"),
        }
    }
}

impl FromStr for KeyId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let unknown = || {
            InvalidId::new(
                "key id",
                text,
                "'tenant', 'account/…', 'case/…', 'document/…' or 'import/…'",
            )
        };
        match text.split_once('/') {
            None if text == "tenant" => Ok(Self::Tenant),
            Some(("account", id)) => Ok(Self::Account(id.parse()?)),
            Some(("case", id)) => Ok(Self::Case(id.parse()?)),
            Some(("document", id)) => Ok(Self::Document(id.parse()?)),
            Some(("import", id)) => Ok(Self::Import(id.parse()?)),
            _ => Err(unknown()),
        }
    }
}

serde_as_text!(KeyId);

/// A stream: what an expected version is asked of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// The ledger itself: opening, signing keys, recovery.
    Ledger,
    /// The adoptions of one system's rule book.
    Profile(ProfileId),
    /// An organisation and its units and agreements.
    Organisation(OrganisationId),
    /// A person who signs in: activation and roles.
    Account(AccountId),
    /// How a person wants to be told of something new, and every time that their address was opened.
    Contacts(AccountId),
    /// The programs that are told what happens.
    Webhooks,
    /// The life of one case.
    Case(CaseId),
    /// Who saw, printed, searched, exported one case, or was refused.
    Views(CaseId),
    /// One event log that was recorded elsewhere: that it was taken in, and how far.
    Import(ImportId),
    /// What an auditor asked that is about more than one case, by whoever asked.
    Questions(AccountId),
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger => f.write_str("ledger"),
            Self::Profile(id) => write!(f, "profile/{id}"),
            Self::Organisation(id) => write!(f, "organisation/{id}"),
            Self::Account(id) => write!(f, "account/{id}"),
            Self::Contacts(id) => write!(f, "contacts/{id}"),
            Self::Webhooks => f.write_str("webhooks"),
            Self::Case(id) => write!(f, "case/{id}"),
            Self::Views(id) => write!(f, "views/{id}"),
            Self::Import(id) => write!(f, "import/{id}"),
            Self::Questions(id) => write!(f, "questions/{id}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let unknown = || {
            InvalidId::new(
                "stream",
                text,
                "'ledger' or a kind and an id, such as 'case/…'",
            )
        };
        match text.split_once('/') {
            None if text == "ledger" => Ok(Self::Ledger),
            None if text == "webhooks" => Ok(Self::Webhooks),
            Some(("profile", id)) => Ok(Self::Profile(id.parse()?)),
            Some(("organisation", id)) => Ok(Self::Organisation(id.parse()?)),
            Some(("account", id)) => Ok(Self::Account(id.parse()?)),
            Some(("contacts", id)) => Ok(Self::Contacts(id.parse()?)),
            Some(("case", id)) => Ok(Self::Case(id.parse()?)),
            Some(("views", id)) => Ok(Self::Views(id.parse()?)),
            Some(("import", id)) => Ok(Self::Import(id.parse()?)),
            Some(("questions", id)) => Ok(Self::Questions(id.parse()?)),
            _ => Err(unknown()),
        }
    }
}

serde_as_text!(StreamId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_cannot_hold_free_text() {
        assert!("guardian".parse::<Code>().is_ok());
        for text in ["", "Guardian", "per hansen", "a.b", "1st", &"x".repeat(41)] {
            assert!(text.parse::<Code>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn streams_and_keys_read_back_as_written() {
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        for text in [
            "ledger",
            "webhooks",
            "profile/stafettloggen-kvam",
            &format!("contacts/{id}"),
            &format!("case/{id}"),
            &format!("views/{id}"),
            &format!("import/{id}"),
            &format!("questions/{id}"),
        ] {
            assert_eq!(
                text.parse::<StreamId>().map(|s| s.to_string()).as_deref(),
                Ok(text)
            );
        }
        for text in [
            "tenant",
            &format!("case/{id}"),
            &format!("document/{id}"),
            &format!("import/{id}"),
        ] {
            assert_eq!(
                text.parse::<KeyId>().map(|k| k.to_string()).as_deref(),
                Ok(text)
            );
        }
    }
}
