//! Let another program be told no more (X6).

use super::Webhooks;
use crate::{
    command::{Decided, Rejection, RejectionCode},
    events::WebhookRemoved,
    ids::{StreamId, WebhookId},
};

/// Removes a webhook.
#[derive(Debug, Clone)]
pub struct RemoveWebhook {
    /// Which one.
    pub webhook: WebhookId,
}

impl RemoveWebhook {
    /// `webhook_removed`.
    pub fn decide(self, known: &Webhooks) -> Result<Vec<Decided>, Rejection> {
        if !known.webhooks.contains_key(&self.webhook) {
            let message = format!("there is no webhook {}", self.webhook);
            return Err(Rejection::new(RejectionCode::NotFound, message));
        }
        let facts = WebhookRemoved {
            webhook: self.webhook,
        };
        Ok(vec![Decided::bare(StreamId::Webhooks, facts)])
    }
}
