//! What all handlers share.

use std::{future::Future, sync::Arc, time::Instant};

use anyhow::ensure;
use ledger_core::{
    ids::{AccountId, TenantId},
    ledger::Ledger,
};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    error::ApiError, guessing::Guessing, health::Lag, open_streams::OpenStreams,
    rate_limit::RateLimits,
};
use crate::{
    auth::{Issuers, dev::DevIssuer},
    config::Config,
    instance::{Instance, MachineClock},
    mail::Mailer,
    transmission::Post,
};

/// Requests that are answered at the same time; more are asked to come back.
const REQUESTS_AT_A_TIME: usize = 512;

/// What all handlers share; cheap to clone.
#[derive(Clone)]
pub(super) struct Service(Arc<Shared>);

struct Shared {
    instance: Arc<Instance>,
    /// The way by which packed files go, if the configuration names a mail server.
    post: Option<Arc<dyn Post>>,
    issuers: Issuers,
    dev_issuer: Option<Arc<DevIssuer>>,
    rate_limits: RateLimits,
    guessing: Guessing,
    lag: Arc<Lag>,
    requests: Semaphore,
    open_streams: OpenStreams,
    /// Says that the service is about to stop, to whatever would go on for long.
    closing: CancellationToken,
    /// Work that goes on although its client has gone.
    tasks: TaskTracker,
}

impl Service {
    /// Whether the service sends messages to people.
    pub(super) fn mails(&self) -> bool {
        self.0.post.is_some() && self.0.instance.config.notifier.is_some()
    }

    /// Puts the shared parts together for a service that others reach if `is_exposed`.
    pub(super) fn try_new(instance: Arc<Instance>, is_exposed: bool) -> anyhow::Result<Self> {
        let config = &instance.config;
        let mut issuers = Issuers::try_new(
            &config.issuers,
            &config.tenant,
            &instance.ledger,
            &instance.metrics,
        )?;
        let dev_issuer = if config.dev_tokens {
            ensure!(
                !is_exposed,
                "`dev_tokens` gives a token to anyone who asks; listen on a loopback address such as 127.0.0.1, or turn it off"
            );
            let issuer = Arc::new(DevIssuer::try_new(
                config.tenant.clone(),
                config.dev_token_secret.as_ref(),
                Arc::new(MachineClock),
                instance.ledger.entropy(),
            )?);
            issuers.push(issuer.clone());
            Some(issuer)
        } else {
            None
        };
        let post = Mailer::try_new(config)?.map(|mailer| Arc::new(mailer) as Arc<dyn Post>);
        Ok(Self(Arc::new(Shared {
            post,
            rate_limits: RateLimits::new(config),
            guessing: Guessing::default(),
            lag: Arc::new(Lag::new(Arc::clone(&instance.metrics))),
            issuers,
            dev_issuer,
            requests: Semaphore::new(REQUESTS_AT_A_TIME),
            open_streams: OpenStreams::default(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
            instance,
        })))
    }

    pub(super) fn instance(&self) -> &Arc<Instance> {
        &self.0.instance
    }

    pub(super) fn ledger(&self) -> &Arc<Ledger> {
        &self.0.instance.ledger
    }

    pub(super) fn config(&self) -> &Config {
        &self.0.instance.config
    }

    pub(super) fn tenant(&self) -> &TenantId {
        self.0.instance.tenant()
    }

    pub(super) fn post(&self) -> Option<&Arc<dyn Post>> {
        self.0.post.as_ref()
    }

    pub(super) fn issuers(&self) -> &Issuers {
        &self.0.issuers
    }

    pub(super) fn dev_issuer(&self) -> Option<&Arc<DevIssuer>> {
        self.0.dev_issuer.as_ref()
    }

    pub(super) fn rate_limits(&self) -> &RateLimits {
        &self.0.rate_limits
    }

    /// Counts an attempt at an invitation. Their secrets cannot be guessed; nobody is to try all the same.
    pub(super) fn may_try_an_invitation(&self, account: AccountId) -> Result<(), ApiError> {
        let allowance = self.0.rate_limits.invitations.take(account, Instant::now());
        if allowance.is_allowed {
            return Ok(());
        }
        self.0.instance.metrics.rate_limited(allowance.limit);
        Err(ApiError::TooManyRequests {
            retry_after_seconds: allowance.next_in_seconds.into(),
        })
    }

    pub(super) fn guessing(&self) -> &Guessing {
        &self.0.guessing
    }

    pub(super) fn lag(&self) -> &Arc<Lag> {
        &self.0.lag
    }

    pub(super) fn requests(&self) -> &Semaphore {
        &self.0.requests
    }

    pub(super) fn open_streams(&self) -> &OpenStreams {
        &self.0.open_streams
    }

    pub(super) fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub(super) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// Carries something out to its end, whether or not the client waits for it: a redaction whose event is written
    /// must also destroy, and a stopping service finishes what it has begun.
    pub(super) async fn to_its_end<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        match self.0.tasks.spawn(work).await {
            Ok(done) => done.map_err(Into::into),
            // It panicked; the panic is logged where it happened.
            Err(_) => Err(ApiError::Internal),
        }
    }
}
