//! How a person wants to be told that something new is waiting (X6), and every time that their address was opened.
//!
//! They stand in a stream of their own beside the account's: each message adds one, and the account's version is consulted
//! by every decision about that person (ADR 0023).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, Code},
    profile::Language,
};

/// A person has said how they can be reached, or that they cannot any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactSet {
    /// Who.
    pub account: AccountId,
    /// The ways that there are from here on: `email`, or none.
    pub channels: Vec<Code>,
}

/// Where, and in which language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactSetContent {
    /// The address for e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The language that they want to be written to in; left out, that of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A person has said of what they want to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationPreferencesSet {
    /// Who.
    pub account: AccountId,
    /// By kind of notification: `email` or `none`. Of a kind that is not here they are told by e-mail, if they have given
    /// an address.
    pub preferences: BTreeMap<Code, Code>,
}

/// The contact data of a person are opened: to send something there, or to show them to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactOpened {
    /// Whose.
    pub account: AccountId,
    /// What for: the kind of notification, or `own_settings`.
    pub reason: Code,
}

/// For which message. It is content, because a case's deliveries are kept by the same id: in the open it would say whose
/// account stands behind a member of a family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactOpenedContent {
    /// The id of the delivery, for one that is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
}
