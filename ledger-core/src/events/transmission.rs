//! Transmissions: data are handed over to an organisation that does not use the ledger, in an encrypted file (M10–M15).
//!
//! Whose data they are stands in the facts, what they are in the form alone, which is a document of the case.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{
    AgreementId, Code, Digest, DocumentId, OrganisationId, PartyId, ReferralId, TransmissionId,
};

/// The form is filled in and packed; nothing has left yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionPrepared {
    /// Its id. The Message-ID under which it is sent follows from it.
    pub transmission: TransmissionId,
    /// The referral that it belongs to.
    pub referral: ReferralId,
    /// Who is to receive it.
    pub receiver: OrganisationId,
    /// Whose data it holds.
    pub about: Vec<PartyId>,
    /// The form as it was filled in: a document of the case (M11).
    pub form: DocumentId,
    /// The print for the family: a document of the case (M10).
    pub print: DocumentId,
    /// The packed copy, sealed under a key of its own (M15).
    pub working_copy: DocumentId,
    /// Length of the packed copy in bytes.
    pub working_copy_bytes: u64,
    /// `SHA-256(salt ‖ packed copy)`; the salt is sealed with it.
    pub working_copy_commitment: Digest,
    /// Last day on which the packed copy is kept.
    pub destroy_by: NaiveDate,
}

/// It is about to be sent. Recorded before the mail leaves, so that a sending of which nothing more is known is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionSending {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// The how manieth attempt this is, from 1.
    pub attempt: u32,
    /// The agreement whose mailbox it goes to (M13).
    pub agreement: AgreementId,
}

/// Where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionSendingContent {
    /// The mailbox that the agreement names.
    pub mailbox: String,
    /// The Message-ID; the same at every attempt.
    pub message_id: String,
}

/// The receiver's mail server has taken it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionSent {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// Whether somebody has found out by themselves that it was sent, because the program could not say.
    pub found_out: bool,
    /// Last day on which the password is to be conveyed (M14).
    pub password_by: NaiveDate,
    /// Last day on which the receiver is to confirm.
    pub receipt_by: NaiveDate,
}

/// It could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionFailed {
    /// Which transmission.
    pub transmission: TransmissionId,
    /// Why: `refused`, `refused_for_now`, `unprotected`, `unreachable`, `unwritable`.
    pub code: Code,
    /// The reply code of the mail server (RFC 5321 §4.2), where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<u16>,
}

/// The receiver has been told the password, by another way than that of the file (M14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordConveyed {
    /// Of which transmission.
    pub transmission: TransmissionId,
    /// By which of the profile's channels.
    pub channel: Code,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordConveyedContent {
    /// A remark, such as to whom; never the password.
    pub remark: String,
}

/// The receiver has confirmed that they could open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionReceived {
    /// Which transmission.
    pub transmission: TransmissionId,
}

/// What was said about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransmissionReceivedContent {
    /// A remark, such as who confirmed it.
    pub remark: String,
}

/// The key of the packed copy is destroyed, and the copy deleted (M15). Recorded first, so that a destruction that was
/// interrupted is known and can be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkingCopyDestroyed {
    /// Of which transmission.
    pub transmission: TransmissionId,
    /// The packed copy.
    pub working_copy: DocumentId,
}
