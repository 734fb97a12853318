//! A message to a program: a CloudEvents 1.0 event in JSON, ids and codes only, signed as Standard Webhooks describes.
//!
//! `webhook-signature` is `v1,` and the base64 of HMAC-SHA-256 over `webhook-id`, `webhook-timestamp` and the body, with full
//! stops between them. Whoever receives it compares it in constant time, and refuses timestamps that are minutes away.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger_core::{
    clock::{Entropy, Timestamp},
    ids::{InvalidId, TenantId},
    ledger::{Ledger, WebhookTarget},
};
use reqwest::{Client, redirect::Policy};
use serde_json::{Value, json};

use super::{
    email::Tried,
    outbox::{Delivery, Outcome},
    target::{self, TargetError},
};

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";

/// A new secret.
pub(crate) fn new_secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// The way to other programs.
pub(super) struct Webhooks {
    pub(super) tenant: TenantId,
    /// The name of the ledger, a URL without scheme: where messages come from.
    pub(super) source: String,
    pub(super) private_too: bool,
}

impl Webhooks {
    /// Sends a message to the program that it is for.
    pub(super) async fn send(
        &self,
        ledger: &Ledger,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<Tried, InvalidId> {
        let id = delivery.webhook_id.as_deref().unwrap_or_default().parse()?;
        match ledger.webhook_target(&self.tenant, id).await {
            Ok(Some(target)) => Ok(match self.post(&target, delivery, now).await {
                Ok(()) => Tried::Ended(Outcome::Sent),
                Err(why) => Tried::Failed(why),
            }),
            Ok(None) => Ok(Tried::Ended(Outcome::Withheld("not_there"))),
            Err(error) => {
                tracing::warn!(%error, "the address of a webhook could not be opened");
                Ok(Tried::Failed("ledger"))
            }
        }
    }

    async fn post(
        &self,
        target: &WebhookTarget,
        delivery: &Delivery,
        now: Timestamp,
    ) -> Result<(), &'static str> {
        let refused = |error: TargetError| match error {
            TargetError::NotHttps => "not_https",
            TargetError::Private => "private_address",
            TargetError::Unknown => "unknown_host",
        };
        let url = target::parse(&target.url, self.private_too).map_err(refused)?;
        let addresses = target::resolve(&url, self.private_too)
            .await
            .map_err(refused)?;
        let body = self.message(delivery).to_string();
        let seconds = now.timestamp();
        let signature =
            signature(&target.secret, &delivery.delivery_id, seconds, &body).ok_or("bad_secret")?;
        // A client for each message, bound to the addresses that were checked. No proxy: it would ask again.
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWERED_WITHIN)
            .user_agent(concat!("caseledger/", env!("CARGO_PKG_VERSION")))
            .resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses)
            .build()
            .map_err(|_| "client")?;
        let request = client
            .post(url)
            .header("content-type", "application/cloudevents+json")
            .header("webhook-id", &delivery.delivery_id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(body);
        // Of the answer nothing but its status is looked at.
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() {
                "timed_out"
            } else {
                "unreachable"
            }
        })?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            300..=399 => Err("redirected"),
            400..=499 => Err("refused"),
            _ => Err("failed"),
        }
    }

    fn message(&self, delivery: &Delivery) -> Value {
        let mut data = json!({
            "tenant": self.tenant,
            "profile": delivery.profile,
            "caseId": delivery.case_id,
            "kind": delivery.kind,
        });
        if let Some(on) = delivery.due_on {
            data["dueOn"] = json!(on);
        }
        json!({
            "specversion": "1.0",
            "id": delivery.delivery_id,
            "source": format!("//{}", self.source),
            "type": format!("caseledger.notification.{}", delivery.kind),
            "time": delivery.planned_at,
            "datacontenttype": "application/json",
            "data": data,
        })
    }
}

/// The signature of a body; nothing for a secret that is none.
fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let secret = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(tag.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        // The example of the specification's own test suite.
        let signature = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn a_message_holds_ids_and_codes() {
        let webhooks = Webhooks {
            tenant: "kvam".parse().unwrap(),
            source: "ledger.example/kvam".to_owned(),
            private_too: false,
        };
        let delivery = Delivery {
            delivery_id: "0a1b".to_owned(),
            channel: "webhook".to_owned(),
            kind: "meeting".to_owned(),
            profile: "stafettloggen-kvam".to_owned(),
            case_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
            section: "plan".to_owned(),
            party_id: None,
            webhook_id: None,
            due_on: None,
            attempts: 1,
            planned_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(
            webhooks.message(&delivery),
            json!({
                "specversion": "1.0",
                "id": "0a1b",
                "source": "//ledger.example/kvam",
                "type": "caseledger.notification.meeting",
                "time": "1970-01-01T00:00:00Z",
                "datacontenttype": "application/json",
                "data": {
                    "tenant": "kvam",
                    "profile": "stafettloggen-kvam",
                    "caseId": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                    "kind": "meeting",
                },
            })
        );
    }
}
