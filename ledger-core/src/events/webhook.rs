//! Addresses of other programs that are told what happens (X6).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{Code, WebhookId};

/// A program is told from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookAdded {
    /// Its id.
    pub webhook: WebhookId,
    /// The kinds of notification that it is told of.
    pub kinds: BTreeSet<Code>,
}

/// Where it listens, and how it knows who speaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookAddedContent {
    /// Its address.
    pub url: String,
    /// The secret that messages to it are signed with: `whsec_` and 32 bytes in base64.
    pub secret: String,
}

/// It is told no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookRemoved {
    /// Which one.
    pub webhook: WebhookId,
}
