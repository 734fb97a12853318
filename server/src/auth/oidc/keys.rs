//! An issuer's keys as this service knows them: fetched when they are needed, kept for a while, asked for again when a
//! token names one that is new.
//!
//! **Invariant: an issuer is asked at most once in [`FETCH_AGAIN_AFTER`], however many tokens name keys that it does not
//! have, and by one task at a time.**

use std::sync::{Arc, PoisonError, RwLock};

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey};
use ledger_core::clock::Timestamp;
use reqwest::Client;
use tokio::sync::Mutex;

use super::{
    fetch::{self, FetchError},
    key_set::KeySet,
};
use crate::{config::IssuerSettings, metrics::Metrics};

/// How long keys are used before the issuer is asked whether they still are its keys.
const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long keys are used while the issuer cannot be reached. It issues no tokens then, and those that it has issued
/// end within the hour.
const USABLE_FOR: TimeDelta = TimeDelta::hours(4);
/// How long an issuer is left alone after it was asked.
const FETCH_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(10);

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoKey {
    /// The issuer has none of that id for that algorithm.
    Unknown,
    /// Which keys the issuer has is not known now.
    Unavailable,
}

/// One issuer's keys.
pub(super) struct Keys(Arc<Shared>);

struct Shared {
    settings: IssuerSettings,
    client: Client,
    metrics: Arc<Metrics>,
    known: RwLock<Known>,
    fetching: Mutex<()>,
}

/// What is known of an issuer's keys.
#[derive(Clone, Default)]
struct Known {
    keys: Option<(Arc<KeySet>, Timestamp)>,
    asked_at: Option<Timestamp>,
    /// How often it was asked.
    asked: u64,
}

impl Known {
    /// The keys, if they were had within a time.
    fn within(&self, age_max: TimeDelta, now: Timestamp) -> Option<&KeySet> {
        let (keys, fetched_at) = self.keys.as_ref()?;
        (now - *fetched_at < age_max).then_some(&**keys)
    }

    /// Whether the issuer may be asked. A clock that was set back does not silence us.
    fn may_ask(&self, now: Timestamp) -> bool {
        self.asked_at
            .is_none_or(|asked| now < asked || now - asked >= FETCH_AGAIN_AFTER)
    }
}

impl Keys {
    pub(super) fn new(settings: IssuerSettings, client: Client, metrics: Arc<Metrics>) -> Self {
        Self(Arc::new(Shared {
            settings,
            client,
            metrics,
            known: RwLock::default(),
            fetching: Mutex::default(),
        }))
    }

    /// The key that a token names.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<DecodingKey, NoKey> {
        let mut known = self.0.known();
        let fresh = known.within(FRESH_FOR, now);
        if let Some(key) = fresh.and_then(|keys| keys.find(id, algorithm)) {
            return Ok(key.clone());
        }
        if known.may_ask(now) {
            let shared = Arc::clone(&self.0);
            // A task of its own: a client that goes away must not end what others wait for.
            let asking = tokio::spawn(async move { shared.ask_once(known.asked, now).await });
            if let Err(error) = asking.await {
                tracing::error!(%error, "fetching an issuer's keys failed");
            }
            known = self.0.known();
        }
        let usable = known.within(USABLE_FOR, now).ok_or(NoKey::Unavailable)?;
        usable.find(id, algorithm).cloned().ok_or(NoKey::Unknown)
    }
}

impl Shared {
    fn known(&self) -> Known {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// Asks the issuer, unless somebody has done so since it had been asked so often.
    async fn ask_once(&self, asked: u64, now: Timestamp) {
        let _alone = self.fetching.lock().await;
        if self.known().asked != asked {
            return;
        }
        let fetched = self.fetch().await;
        let name = self.settings.name.as_str();
        self.metrics.keys_fetched(name, fetched.is_ok());
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.asked += 1;
        known.asked_at = Some(now);
        match fetched {
            Ok(keys) => {
                if keys.len() == 0 {
                    tracing::warn!(issuer = name, "an issuer has no key for its algorithms");
                }
                known.keys = Some((Arc::new(keys), now));
            }
            Err(error) => tracing::warn!(
                issuer = name,
                error = &error as &dyn std::error::Error,
                "an issuer's keys could not be fetched"
            ),
        }
    }

    async fn fetch(&self) -> Result<KeySet, FetchError> {
        let document = fetch::key_set(&self.client, &self.settings).await?;
        KeySet::read(&document, &self.settings.algorithms).ok_or(FetchError::NotKeys)
    }
}
