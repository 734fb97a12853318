//! Consultation rounds of a unit's own, and the outsiders who are invited to read along (K5, K6).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Code, Digest, InvitationId, PartyId, RoundId};

/// A round begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundOpened {
    /// Its id.
    pub round: RoundId,
    /// Its last day, unless it is ended before.
    pub ends_on: NaiveDate,
}

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundOpenedContent {
    /// In one line.
    pub topic: String,
}

/// A round ends before its last day is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundEnded {
    /// Which round.
    pub round: RoundId,
}

/// An outsider is invited to read along. The invitation shows nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestInvited {
    /// Its id.
    pub invitation: InvitationId,
    /// In which round.
    pub round: RoundId,
    /// The party that they will be, once they are confirmed.
    pub party: PartyId,
    /// Their role then.
    pub role: Code,
    /// The last day on which it can be accepted.
    pub expires_on: NaiveDate,
    /// A keyed digest of its secret, bound to this invitation. The secret is kept nowhere.
    pub token_digest: Digest,
    /// Whether the service mails the secret to the address; otherwise the inviter was given it, and brings it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_mail: bool,
}

/// Whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestInvitedContent {
    /// The e-mail address.
    pub email: String,
}

/// The e-mail address of somebody who was invited is opened, to send them the secret of the invitation. It stands among
/// the views of the case: somebody's address was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationAddressOpened {
    /// Of which invitation.
    pub invitation: InvitationId,
}

/// For which message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationAddressOpenedContent {
    /// The id of the delivery.
    pub delivery: String,
}

/// Somebody who has the secret of an invitation has signed in and accepted it. It still shows nothing. The account is a
/// fact, as that of a member of staff is: guests come in their profession, and who saw what must be answerable for as
/// long as the ledger stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationAccepted {
    /// Which invitation.
    pub invitation: InvitationId,
    /// Who signed in.
    pub account: AccountId,
}

/// Who they say they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationAcceptedContent {
    /// The name.
    pub name: String,
}

/// The inviter has confirmed that this is the person meant: from here on they read along, until the round ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestConfirmed {
    /// Which invitation.
    pub invitation: InvitationId,
    /// As which party they read along.
    pub party: PartyId,
}

/// An invitation is taken back, whether or not it was accepted or confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationRevoked {
    /// Which invitation.
    pub invitation: InvitationId,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationRevokedContent {
    /// The reason in words.
    pub reason: String,
}
