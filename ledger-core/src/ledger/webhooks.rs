//! The programs that are told what happens: who they are, for whoever looks after deliveries, and where they listen, for
//! whoever sends. Nothing of it is about a person.

use std::collections::BTreeSet;

use super::{Caller, Ledger, LedgerError};
use crate::{
    access::Action,
    directory::Webhook,
    events::WebhookAddedContent,
    ids::{Code, Position, ProfileId, TenantId, WebhookId},
};

/// A program that is told, as an administrator sees it.
#[derive(Debug)]
pub struct WebhookDescription {
    /// Its id.
    pub id: WebhookId,
    /// Where it listens.
    pub url: String,
    /// The kinds that it is told of; none = every kind.
    pub kinds: BTreeSet<Code>,
    /// The event that added it.
    pub added: Position,
}

/// Where a program listens, and what messages to it are signed with.
pub struct WebhookTarget {
    /// Its address.
    pub url: String,
    /// The secret.
    pub secret: String,
}

impl Ledger {
    /// The programs that are told, for whoever may see deliveries. Nothing of it is about a person.
    ///
    /// # Errors
    /// As [`Ledger::permit_overview`].
    pub async fn describe_webhooks(
        &self,
        caller: &Caller,
        profile: &ProfileId,
    ) -> Result<Vec<WebhookDescription>, LedgerError> {
        self.permit_overview(caller, profile, Action::ViewDeliveries, None)
            .await?;
        let tenant = &caller.tenant;
        let mut described = Vec::new();
        for (id, webhook) in self.webhooks(tenant).await?.state.webhooks {
            let content: Option<WebhookAddedContent> =
                self.content_at(tenant, webhook.added).await?;
            if let Some(content) = content {
                described.push(WebhookDescription {
                    id,
                    url: content.url,
                    kinds: webhook.kinds,
                    added: webhook.added,
                });
            }
        }
        Ok(described)
    }

    /// The programs that are told of a kind.
    pub async fn webhooks_told(
        &self,
        tenant: &TenantId,
    ) -> Result<Vec<(WebhookId, Webhook)>, LedgerError> {
        let known = self.webhooks(tenant).await?;
        Ok(known.state.webhooks.into_iter().collect())
    }

    /// Where a program listens, if it is still told.
    pub async fn webhook_target(
        &self,
        tenant: &TenantId,
        id: WebhookId,
    ) -> Result<Option<WebhookTarget>, LedgerError> {
        let known = self.webhooks(tenant).await?;
        let Some(webhook) = known.state.webhooks.get(&id) else {
            return Ok(None);
        };
        let content: Option<WebhookAddedContent> = self.content_at(tenant, webhook.added).await?;
        Ok(content.map(|content| WebhookTarget {
            url: content.url,
            secret: content.secret,
        }))
    }
}
