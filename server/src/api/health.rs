//! Whether the process lives, whether it can do its work, and what it counts. For the machine's operator, outside of the
//! versioned API; nothing here names a person or a case.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use ledger_core::{clock::Timestamp, ledger::LedgerError};
use projections::ProjectionObserver;
use serde_json::json;

use super::{error::ApiError, service::Service};
use crate::metrics::Metrics;

/// How many events a read model may be behind before its lists are too old to be useful.
const LAG_EVENTS_MAX: u64 = 10_000;

/// How far each read model is behind the ledger.
pub(super) struct Lag {
    metrics: std::sync::Arc<Metrics>,
    events: Mutex<BTreeMap<&'static str, u64>>,
    /// When the oldest event was recorded that is missing.
    oldest: Mutex<BTreeMap<&'static str, Option<Timestamp>>>,
}

impl Lag {
    pub(super) fn new(metrics: std::sync::Arc<Metrics>) -> Self {
        Self {
            metrics,
            events: Mutex::default(),
            oldest: Mutex::default(),
        }
    }

    fn events(&self) -> BTreeMap<&'static str, u64> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.clone()
    }

    /// Writes into the metrics for how long the oldest missing events wait by now.
    fn measure(&self, now: Timestamp) {
        let oldest = self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        for (projection, recorded_at) in oldest.iter() {
            let waits = recorded_at.map_or(TimeDelta::zero(), |recorded_at| now - recorded_at);
            let gauge = &self.metrics.projection_lag_seconds;
            gauge
                .with_label_values(&[*projection])
                .set(waits.as_seconds_f64().max(0.0));
        }
    }
}

impl ProjectionObserver for Lag {
    fn lag(&self, projection: &'static str, events: u64) {
        let gauge = &self.metrics.projection_lag;
        gauge
            .with_label_values(&[projection])
            .set(i64::try_from(events).unwrap_or(i64::MAX));
        let mut known = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(projection, events);
    }

    fn oldest_missing(&self, projection: &'static str, recorded_at: Option<Timestamp>) {
        let mut oldest = self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        oldest.insert(projection, recorded_at);
    }
}

/// The process lives.
pub(super) async fn healthz() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// It can do its work: the database and the key store answer, neither was restored from before what was published,
/// and the lists are not too old.
pub(super) async fn readyz(State(service): State<Service>) -> Response {
    let (ledger, tenant) = (service.ledger(), service.tenant());
    let database = ledger.store().tip(tenant).await.is_ok();
    let key_store = ledger.origin(tenant).await.is_ok();
    // It holds less than was published, or other events, or not even their hashes. What else can fail here, one of the
    // two above says.
    let restored = matches!(
        ledger.check_restored(tenant).await,
        Err(LedgerError::Restored { .. } | LedgerError::Tree(_))
    );
    let lag = service.lag().events();
    let lists = lag.values().all(|events| *events <= LAG_EVENTS_MAX);
    let is_ready = database && key_store && !restored && lists;
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let said = json!({
        "status": if is_ready { "ready" } else { "not ready" },
        "database": database,
        "keyStore": key_store,
        "notRestored": !restored,
        "projectionLagEvents": lag,
    });
    (status, Json(said)).into_response()
}

/// What is counted, in Prometheus' text format.
pub(super) async fn metrics(State(service): State<Service>) -> Result<Response, ApiError> {
    service.lag().measure(service.ledger().now());
    let rendered = service.instance().metrics.render().map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        ApiError::Internal
    })?;
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(CONTENT_TYPE, text)], rendered).into_response())
}
