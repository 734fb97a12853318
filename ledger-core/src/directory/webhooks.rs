//! The programs that are told what happens: what is known without opening anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    events::Event,
    ids::{Code, Position, WebhookId},
    profile::NotificationKind,
    store::Recorded,
};

/// A program that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The event that added it; its content is address and secret.
    pub added: Position,
    /// The kinds that it is told of; none = every kind.
    pub kinds: BTreeSet<Code>,
}

impl Webhook {
    /// Whether it is told of this kind.
    pub fn is_told(&self, kind: NotificationKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind.to_code())
    }
}

/// Every program that is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Webhooks {
    /// By id.
    pub webhooks: BTreeMap<WebhookId, Webhook>,
    /// The events whose address and secret are needed no more.
    pub former: Vec<Position>,
}

impl Webhooks {
    /// Takes in one more event of the stream.
    pub fn evolve(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::WebhookAdded(facts) => {
                let webhook = Webhook {
                    added: recorded.position,
                    kinds: facts.kinds.clone(),
                };
                self.webhooks.insert(facts.webhook, webhook);
            }
            Event::WebhookRemoved(facts) => {
                let removed = self.webhooks.remove(&facts.webhook);
                self.former.extend(removed.map(|webhook| webhook.added));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::testing::{Outcome, code, recorded},
        command::RejectionCode,
        directory::{AddWebhook, RemoveWebhook},
        events::{WebhookAdded, WebhookRemoved},
        ids::StreamId,
    };

    fn id() -> WebhookId {
        WebhookId::from_ulid(7_u128.into())
    }

    fn add(kinds: &[&str]) -> AddWebhook {
        AddWebhook {
            webhook: id(),
            url: "https://school.example/hook".to_owned(),
            secret: "whsec_geheim".to_owned(),
            kinds: kinds.iter().map(|kind| code(kind)).collect(),
        }
    }

    fn known() -> Webhooks {
        let mut known = Webhooks::default();
        let added = WebhookAdded {
            webhook: id(),
            kinds: BTreeSet::from([code("meeting")]),
        };
        known.evolve(&recorded(3, &StreamId::Webhooks, &added.into()));
        known
    }

    #[test]
    fn a_program_is_told_of_the_kinds_that_were_named() {
        let known = known();
        let webhook = &known.webhooks[&id()];
        assert!(webhook.is_told(NotificationKind::Meeting));
        assert!(!webhook.is_told(NotificationKind::CaseChanged));
    }

    #[test]
    fn kinds_are_checked_and_the_secret_is_not_printed() {
        assert!(!format!("{:?}", add(&[])).contains("geheim"));
        Outcome(add(&["birthday"]).decide(&Webhooks::default()))
            .rejected(RejectionCode::NotInProfile);
        let facts = WebhookAdded {
            webhook: id(),
            kinds: BTreeSet::new(),
        };
        Outcome(add(&[]).decide(&Webhooks::default())).then([facts.into()]);
    }

    #[test]
    fn what_was_removed_is_told_no_more() {
        let mut known = known();
        let remove = || RemoveWebhook { webhook: id() };
        let facts = WebhookRemoved { webhook: id() };
        Outcome(remove().decide(&known)).then([facts.clone().into()]);
        known.evolve(&recorded(4, &StreamId::Webhooks, &facts.into()));
        assert_eq!(known.former, [Position(3)]);
        Outcome(remove().decide(&known)).rejected(RejectionCode::NotFound);
    }
}
