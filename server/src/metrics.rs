//! What is counted, in Prometheus' terms. Labels are codes of this program, never an id of a person or a case.

use std::time::Duration;

use ledger_core::{
    access::Action,
    clock::Timestamp,
    ids::TenantId,
    ledger::LedgerObserver,
    store::{AppendError, postgres::AppendObserver},
};
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::{
    auth::Unverified,
    notify::outbox::{Outcome, Waiting},
};

/// The service's metrics.
pub struct Metrics {
    registry: Registry,
    events: IntCounter,
    batch_events: Histogram,
    append_seconds: Histogram,
    not_appended: IntCounterVec,
    views: IntCounterVec,
    refusals: IntCounterVec,
    decided_again: IntCounter,
    sign_ins_refused: IntCounterVec,
    rate_limited: IntCounterVec,
    keys_fetched: IntCounterVec,
    messages: IntCounterVec,
    messages_queued: IntGauge,
    messages_dead: IntGauge,
    messages_oldest: Gauge,
    /// Times that somebody who had signed in was told that there is nothing.
    pub not_found_signed_in: IntCounter,
    /// Callers who were told so more often within a minute than a mistake explains.
    pub guessing_callers: IntCounter,
    /// Seconds that a request took, by route and status class.
    pub request_seconds: HistogramVec,
    /// How many events a read model is behind, by its name.
    pub projection_lag: IntGaugeVec,
    /// For how many seconds the oldest event waits that a read model has not taken in, by its name.
    pub projection_lag_seconds: GaugeVec,
}

impl Metrics {
    /// Registers everything.
    #[expect(clippy::too_many_lines, reason = "each metric has its lines")]
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counts = vec![
            1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0,
        ];
        let seconds = vec![
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
        ];
        let metrics = Self {
            events: IntCounter::new("caseledger_appended_events_total", "Events appended.")?,
            batch_events: Histogram::with_opts(
                HistogramOpts::new(
                    "caseledger_append_batch_events",
                    "Events that one transaction appended.",
                )
                .buckets(counts),
            )?,
            append_seconds: Histogram::with_opts(
                HistogramOpts::new(
                    "caseledger_append_batch_seconds",
                    "Seconds that one transaction took.",
                )
                .buckets(seconds.clone()),
            )?,
            not_appended: IntCounterVec::new(
                Opts::new(
                    "caseledger_append_refused_total",
                    "Requests that were not appended, by why.",
                ),
                &["why"],
            )?,
            views: IntCounterVec::new(
                Opts::new(
                    "caseledger_views_total",
                    "Times that something was shown, by what was asked.",
                ),
                &["action"],
            )?,
            refusals: IntCounterVec::new(
                Opts::new(
                    "caseledger_refusals_total",
                    "Times that the rules refused, by what was asked.",
                ),
                &["action"],
            )?,
            decided_again: IntCounter::new(
                "caseledger_decided_again_total",
                "Decisions made again because somebody else was faster.",
            )?,
            sign_ins_refused: IntCounterVec::new(
                Opts::new(
                    "caseledger_sign_ins_refused_total",
                    "Requests whose sender was not signed in, by why.",
                ),
                &["why"],
            )?,
            rate_limited: IntCounterVec::new(
                Opts::new(
                    "caseledger_rate_limited_total",
                    "Requests refused because there were too many, by limit.",
                ),
                &["limit"],
            )?,
            keys_fetched: IntCounterVec::new(
                Opts::new(
                    "caseledger_issuer_keys_fetched_total",
                    "Times that an issuer was asked for its keys, by whether it gave them.",
                ),
                &["issuer", "outcome"],
            )?,
            messages: IntCounterVec::new(
                Opts::new(
                    "caseledger_messages_total",
                    "Tries to deliver a message, by channel and how they ended.",
                ),
                &["channel", "outcome"],
            )?,
            messages_queued: IntGauge::new(
                "caseledger_messages_queued",
                "Messages that wait to be delivered.",
            )?,
            messages_dead: IntGauge::new(
                "caseledger_messages_dead",
                "Messages that could not be delivered and are not tried any more.",
            )?,
            messages_oldest: Gauge::new(
                "caseledger_messages_oldest_seconds",
                "Seconds since the oldest message was planned that waits to be delivered.",
            )?,
            not_found_signed_in: IntCounter::new(
                "caseledger_not_found_signed_in_total",
                "Times that somebody who had signed in was told that there is nothing.",
            )?,
            guessing_callers: IntCounter::new(
                "caseledger_guessing_callers_total",
                "Callers told so more than 20 times in a minute; once a minute each.",
            )?,
            request_seconds: HistogramVec::new(
                HistogramOpts::new("caseledger_request_seconds", "Seconds that a request took.")
                    .buckets(seconds),
                &["method", "route", "status"],
            )?,
            projection_lag: IntGaugeVec::new(
                Opts::new(
                    "caseledger_projection_lag_events",
                    "Events that a read model is behind the ledger.",
                ),
                &["projection"],
            )?,
            projection_lag_seconds: GaugeVec::new(
                Opts::new(
                    "caseledger_projection_lag_seconds",
                    "Seconds since the oldest event was recorded that a read model has not taken in.",
                ),
                &["projection"],
            )?,
            registry,
        };
        metrics.register()?;
        Ok(metrics)
    }

    fn register(&self) -> Result<(), prometheus::Error> {
        let registry = &self.registry;
        registry.register(Box::new(self.events.clone()))?;
        registry.register(Box::new(self.batch_events.clone()))?;
        registry.register(Box::new(self.append_seconds.clone()))?;
        registry.register(Box::new(self.not_appended.clone()))?;
        registry.register(Box::new(self.views.clone()))?;
        registry.register(Box::new(self.refusals.clone()))?;
        registry.register(Box::new(self.decided_again.clone()))?;
        registry.register(Box::new(self.sign_ins_refused.clone()))?;
        registry.register(Box::new(self.rate_limited.clone()))?;
        registry.register(Box::new(self.keys_fetched.clone()))?;
        registry.register(Box::new(self.messages.clone()))?;
        registry.register(Box::new(self.messages_queued.clone()))?;
        registry.register(Box::new(self.messages_dead.clone()))?;
        registry.register(Box::new(self.messages_oldest.clone()))?;
        registry.register(Box::new(self.not_found_signed_in.clone()))?;
        registry.register(Box::new(self.guessing_callers.clone()))?;
        registry.register(Box::new(self.request_seconds.clone()))?;
        registry.register(Box::new(self.projection_lag.clone()))?;
        registry.register(Box::new(self.projection_lag_seconds.clone()))
    }

    /// A token was not taken.
    pub(crate) fn sign_in_refused(&self, why: Unverified) {
        self.sign_ins_refused.with_label_values(&[why.code()]).inc();
    }

    /// Something needed a token, and there was none.
    pub(crate) fn sign_in_missing(&self) {
        self.sign_ins_refused.with_label_values(&["missing"]).inc();
    }

    /// A request was one too many.
    pub(crate) fn rate_limited(&self, limit: &str) {
        self.rate_limited.with_label_values(&[limit]).inc();
    }

    /// An issuer was asked for its keys. Its name comes from the configuration.
    pub(crate) fn keys_fetched(&self, issuer: &str, is_given: bool) {
        let outcome = if is_given { "given" } else { "failed" };
        let counter = self.keys_fetched.with_label_values(&[issuer, outcome]);
        counter.inc();
    }

    /// A message was tried.
    pub(crate) fn message_tried(&self, channel: &str, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Sent => "sent",
            Outcome::Withheld(_) => "withheld",
            Outcome::Again(..) => "failed",
            Outcome::Dead(_) => "dead",
        };
        self.messages.with_label_values(&[channel, outcome]).inc();
    }

    /// How many messages wait, as the server sees it that delivers them.
    pub(crate) fn messages_wait(&self, waiting: &Waiting, now: Timestamp) {
        self.messages_queued.set(waiting.waiting);
        self.messages_dead.set(waiting.dead);
        let oldest = waiting.oldest.map(|oldest| now - oldest);
        let seconds = oldest.map_or(0.0, |oldest| oldest.as_seconds_f64().max(0.0));
        self.messages_oldest.set(seconds);
    }

    /// Everything in Prometheus' text format.
    pub fn render(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

impl AppendObserver for Metrics {
    fn committed(&self, _: &TenantId, _: usize, events: usize, took: Duration) {
        self.events.inc_by(events as u64);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a batch has a few thousand events at most"
        )]
        self.batch_events.observe(events as f64);
        self.append_seconds.observe(took.as_secs_f64());
    }

    fn refused(&self, _: &TenantId, why: &AppendError) {
        let why = match why {
            AppendError::Conflict { .. } => "conflict",
            AppendError::NoLongerHolds { .. } => "no_longer_holds",
            AppendError::Repeated { .. } => "repeated",
            AppendError::KeyReused => "key_reused",
            AppendError::OccursInFuture { .. } => "occurs_in_future",
            AppendError::ClockJumped { .. } => "clock_jumped",
            AppendError::UnknownTenant(_) => "unknown_tenant",
            AppendError::TooLarge { .. } => "too_large",
            AppendError::Unavailable => "unavailable",
            AppendError::OutcomeUnknown => "outcome_unknown",
            AppendError::WentBack { .. } => "went_back",
        };
        self.not_appended.with_label_values(&[why]).inc();
    }
}

impl LedgerObserver for Metrics {
    fn viewed(&self, action: Action) {
        self.views.with_label_values(&[action.code()]).inc();
    }

    fn refused(&self, action: Action) {
        self.refusals.with_label_values(&[action.code()]).inc();
    }

    fn decided_again(&self) {
        self.decided_again.inc();
    }
}
