//! The envelope: what every event says about itself, whatever happened.
//!
//! The envelope's bytes are stored as they were written and never encoded again. An auditor checks the bytes first
//! ([`crate::log`]) and reads them afterwards, so that an event from long ago verifies under any later version.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    clock::{Entropy, Timestamp},
    ids::{
        AccountId, CaseId, Code, Digest, EventId, InvalidId, OrganisationId, PartyId, Position,
        ProfileId, StreamId, TenantId,
    },
    profile::Assurance,
};

/// Who did it. There is no "system" actor: an action whose person cannot be named is refused (X8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Actor {
    /// Someone who works for an organisation.
    Staff {
        /// The account that signed in.
        account: AccountId,
        /// The role that carried the action, where one did.
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<Code>,
        /// The employer.
        #[serde(skip_serializing_if = "Option::is_none")]
        organisation: Option<OrganisationId>,
        /// The account for whom this one acts.
        #[serde(skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<AccountId>,
        /// Who vouched for the identity.
        issuer: Code,
        /// How surely.
        assurance: Assurance,
    },
    /// A member of the family, named by the id made for this one case; the link to a person is content.
    Party {
        /// The party within the case.
        party: PartyId,
        /// Its role there.
        role: Code,
        /// Who vouched for the identity.
        issuer: Code,
        /// How surely.
        assurance: Assurance,
    },
    /// Whoever holds the machine's keys and used the command line: opens a ledger, appoints the first administrator,
    /// rotates keys, recovers. Never touches a case.
    Operator,
}

impl Actor {
    /// The account of somebody who works for an organisation. A family's accounts are content.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Staff { account, .. } => Some(*account),
            Self::Party { .. } | Self::Operator => None,
        }
    }

    /// The party, of a member of the family.
    pub const fn party(&self) -> Option<PartyId> {
        match self {
            Self::Party { party, .. } => Some(*party),
            Self::Staff { .. } | Self::Operator => None,
        }
    }
}

/// What a decision rested on, so that it can be explained afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Basis {
    /// The rule book that decided.
    pub profile: ProfileId,
    /// Its version: the digest of its text.
    pub profile_digest: Digest,
    /// The policies that decided.
    pub policies: Vec<Code>,
    /// The events whose facts those policies looked at.
    pub cited: Vec<Position>,
}

/// A W3C trace id: ties together the events of one request, also across systems. 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CorrelationId([u8; 16]);

impl CorrelationId {
    /// A new random id.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CorrelationId({self})")
    }
}

impl FromStr for CorrelationId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let hex = text.len() == 32
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match u128::from_str_radix(text, 16) {
            Ok(number) if hex && number != 0 => Ok(Self(number.to_be_bytes())),
            _ => Err(InvalidId::new(
                "correlation id",
                text,
                "32 lower-case hexadecimal digits, not all zero (a W3C trace id)",
            )),
        }
    }
}

crate::ids::serde_as_text!(CorrelationId);

/// The open half of an event, as it stands in the ledger.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Whose ledger.
    pub tenant: TenantId,
    /// Which stream.
    pub stream: StreamId,
    /// The event's own id.
    pub event_id: EventId,
    /// What happened; see [`crate::events`].
    #[serde(rename = "type")]
    pub event_type: Code,
    /// Which shape its facts have.
    pub schema_version: u16,
    /// When it happened, if earlier than it was recorded (a paper consent signed last week).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub occurred_at: Option<Timestamp>,
    /// Who did it.
    pub actor: Actor,
    /// The case that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<CaseId>,
    /// For what purpose.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Code>,
    /// Why it was allowed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<Basis>,
    /// The request it belongs to.
    pub correlation_id: CorrelationId,
    /// What happened, in ids, codes, dates and numbers.
    pub facts: Box<RawValue>,
    /// `SHA-256(salt ‖ content)`: binds the sealed half without revealing it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content_commitment: Option<Digest>,
    /// Place in the stream, from 1.
    pub version: u64,
    /// The database's time under the head lock; never runs backwards within a tenant.
    pub recorded_at: Timestamp,
}

impl Envelope {
    /// When it happened in the world.
    pub fn occurred_at(&self) -> Timestamp {
        self.occurred_at.unwrap_or(self.recorded_at)
    }
}

/// An envelope that lacks only what is known under the head lock: version and time.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field is that of `Envelope`")]
#[serde(rename_all = "camelCase")]
pub struct UnplacedEnvelope<'a> {
    pub tenant: &'a TenantId,
    pub stream: &'a StreamId,
    pub event_id: EventId,
    #[serde(rename = "type")]
    pub event_type: &'static str,
    pub schema_version: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    pub actor: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<&'a Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<&'a Basis>,
    pub correlation_id: CorrelationId,
    pub facts: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_commitment: Option<Digest>,
}

impl UnplacedEnvelope<'_> {
    /// The envelope's bytes up to where version and time follow. Made before the lock is taken, because all
    /// that happens under the lock is paid by everyone who waits for it.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self)
            .expect("an envelope has text keys only and no failing serializer");
        bytes.pop();
        bytes
    }
}

/// Completes the bytes that [`UnplacedEnvelope::encode`] began.
pub fn complete_envelope(unplaced: &[u8], version: u64, recorded_at: Timestamp) -> Vec<u8> {
    use std::io::Write as _;
    let mut bytes = Vec::with_capacity(unplaced.len() + 80);
    bytes.extend_from_slice(unplaced);
    write!(
        bytes,
        r#","version":{version},"recordedAt":"{}"}}"#,
        recorded_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    )
    .expect("writing to a vector cannot fail");
    bytes
}
