//! Let another program be told what happens (X6).

use std::collections::BTreeSet;

use super::Webhooks;
use crate::{
    command::{self, Decided, Rejection, RejectionCode},
    events::{WebhookAdded, WebhookAddedContent},
    ids::{Code, KeyId, StreamId, WebhookId},
    profile::NotificationKind,
};

/// The most programs that are told at a time.
const WEBHOOKS_MAX: usize = 50;

/// Adds a webhook. Whether its address may be reached the service has checked.
#[derive(Clone)]
pub struct AddWebhook {
    /// Its id.
    pub webhook: WebhookId,
    /// Where it listens.
    pub url: String,
    /// What messages to it are signed with.
    pub secret: String,
    /// The kinds that it is told of; none = every kind.
    pub kinds: BTreeSet<Code>,
}

impl std::fmt::Debug for AddWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddWebhook")
            .field("webhook", &self.webhook)
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}

impl AddWebhook {
    /// `webhook_added`.
    pub fn decide(self, known: &Webhooks) -> Result<Vec<Decided>, Rejection> {
        if known.webhooks.len() >= WEBHOOKS_MAX {
            let message = format!("there are {WEBHOOKS_MAX} webhooks; remove one first");
            return Err(Rejection::invalid(message));
        }
        for kind in &self.kinds {
            if let Err(unknown) = kind.as_str().parse::<NotificationKind>() {
                return Err(Rejection::new(
                    RejectionCode::NotInProfile,
                    unknown.to_string(),
                ));
            }
        }
        let content = WebhookAddedContent {
            url: command::line("url", &self.url)?,
            secret: self.secret,
        };
        let facts = WebhookAdded {
            webhook: self.webhook,
            kinds: self.kinds,
        };
        Ok(vec![Decided::sealed(
            StreamId::Webhooks,
            facts,
            KeyId::Tenant,
            &content,
        )])
    }
}
