//! The background task. Of several servers the one that holds the lease reads the events once, plans each day of each system
//! once, and delivers what waits; if it ends, another goes on from where it stands written.

use std::{sync::Arc, time::Duration};

use chrono::{Days, NaiveDate, TimeDelta};
use futures::{StreamExt as _, stream};
use ledger_core::{
    clock::Timestamp,
    events::Event,
    ids::{AccountId, CaseId, Position, ProfileId},
    ledger::Caller,
    profile::{Assurance, NotificationKind, Profile},
    store::{Recorded, StoredEvent},
};
use projections::due;
use ulid::Ulid;

use super::{
    NotifyError, backoff,
    email::{Email, Tried},
    outbox::{Channel, Delivery, Outbox, Outcome, Planned},
    plan::{self, Ways},
    webhook::Webhooks,
};
use crate::{instance::Instance, mail::Mailer};

/// Events that are read at a time.
const EVENTS_MAX: usize = 500;
/// Things that are due and read at a time.
const DUE_MAX: u32 = 500;
/// Messages that are taken at a time, and that are under way at the same time.
const CLAIMED_MAX: i64 = 16;
const SENT_AT_A_TIME: usize = 4;
/// How often the lease is renewed while messages are under way: well before it runs out.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// Reads, plans and delivers for one tenant.
pub(crate) struct Subscriber {
    instance: Arc<Instance>,
    outbox: Outbox,
    email: Option<Email>,
    webhooks: Webhooks,
}

impl Subscriber {
    /// What the configuration says; makes the checkpoint of a tenant that has none, at the end of the ledger.
    pub(crate) async fn begin(instance: Arc<Instance>) -> anyhow::Result<Self> {
        let config = &instance.config;
        let tenant = instance.tenant().clone();
        let mailer = Mailer::try_new(config)?;
        let email = match (mailer, config.notifier) {
            (Some(mailer), Some(account)) => Some(Email {
                mailer,
                sender: sender(&instance, account),
                sign_in_url: config.sign_in_url.clone(),
            }),
            _ => None,
        };
        let webhooks = Webhooks {
            tenant: tenant.clone(),
            source: config.origin.as_str().to_owned(),
            private_too: config.webhooks_to_private_addresses,
        };
        let outbox = instance.outbox();
        let tip = instance.store().tip(&tenant).await?;
        outbox.begin_at(Position(tip.frontier.size())).await?;
        Ok(Self {
            instance,
            outbox,
            email,
            webhooks,
        })
    }

    /// Goes on until `stop` resolves. What fails is logged and tried again.
    pub(crate) async fn run_until(self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let every = Duration::from_millis(self.instance.config.notification_interval_ms);
        loop {
            if let Err(error) = self.once().await {
                tracing::warn!(%error, "messages wait: they could not be planned or delivered");
            }
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(every) => {}
            }
        }
        if let Err(error) = self.outbox.give_up().await {
            tracing::debug!(%error, "another server goes on when the lease has run out");
        }
    }

    async fn once(&self) -> Result<(), NotifyError> {
        let Some(mut next) = self.outbox.lease().await? else {
            return Ok(());
        };
        while let Some(further) = self.plan_events(next).await? {
            next = further;
            if self.outbox.lease().await? != Some(next) {
                return Ok(());
            }
        }
        self.plan_days(next).await?;
        self.deliver_under_lease().await?;
        self.outbox.forget_old(self.instance.ledger.now()).await?;
        let waiting = self.outbox.waiting().await?;
        self.instance
            .metrics
            .messages_wait(&waiting, self.instance.ledger.now());
        Ok(())
    }

    /// Plans what the next events cause; gives the position after them, or nothing when all were read.
    async fn plan_events(&self, next: Position) -> Result<Option<Position>, NotifyError> {
        let (ledger, tenant) = (&self.instance.ledger, self.instance.tenant());
        let stored = ledger.store().read_from(tenant, next, EVENTS_MAX).await?;
        let Some(last) = stored.last() else {
            return Ok(None);
        };
        let further = Position(last.position.0 + 1);
        let events: Result<Vec<Recorded>, _> = stored.iter().map(StoredEvent::decode).collect();
        let events = events?;
        let erased: Vec<CaseId> = events
            .iter()
            .filter(|recorded| matches!(recorded.event, Event::ErasureStarted(_)))
            .filter_map(|recorded| recorded.envelope.case)
            .collect();
        let notices = ledger.notices_of(tenant, &events).await?;
        let planned = self.planned(notices).await?;
        let kept = self
            .outbox
            .planned_up_to(next, further, &planned, &erased, ledger.now())
            .await?;
        Ok(kept.then_some(further))
    }

    async fn planned(
        &self,
        notices: Vec<(ProfileId, ledger_core::notices::Notice)>,
    ) -> Result<Vec<Planned>, NotifyError> {
        if notices.is_empty() {
            return Ok(Vec::new());
        }
        let (ledger, tenant) = (&self.instance.ledger, self.instance.tenant());
        let webhooks = ledger.webhooks_told(tenant).await?;
        let ways = Ways {
            email: self.email.is_some(),
            webhooks: &webhooks,
        };
        let mut planned = Vec::new();
        for (system, notice) in notices {
            if let Some(rule_book) = ledger.rule_book(tenant, &system).await? {
                let profile = rule_book.profile();
                planned.extend(plan::deliveries(tenant, &system, profile, &notice, &ways));
            }
        }
        Ok(planned)
    }

    /// Plans the day that has begun in each system, once the read model of what is due knows all that was read.
    async fn plan_days(&self, next: Position) -> Result<(), NotifyError> {
        let (ledger, tenant) = (&self.instance.ledger, self.instance.tenant());
        let pool = &self.instance.projector;
        for system in due::profiles(pool, tenant).await? {
            let Some(rule_book) = ledger.rule_book(tenant, &system).await? else {
                continue;
            };
            let profile = rule_book.profile();
            let today = profile.date_of(ledger.now());
            let told = self.outbox.told_through(&system).await?;
            if told.is_some_and(|told| told >= today) || furthest(profile, today).is_none() {
                continue;
            }
            if due::next_position(pool, tenant).await? < next {
                continue;
            }
            let notices = self.due_on(&rule_book, today).await?;
            let planned = self.planned(notices).await?;
            self.outbox
                .planned_day(&system, today, &planned, ledger.now())
                .await?;
        }
        Ok(())
    }

    /// What is to be told today of what falls on a day from today on.
    async fn due_on(
        &self,
        rule_book: &Arc<ledger_core::access::RuleBook>,
        today: NaiveDate,
    ) -> Result<Vec<(ProfileId, ledger_core::notices::Notice)>, NotifyError> {
        let (ledger, tenant) = (&self.instance.ledger, self.instance.tenant());
        let profile = rule_book.profile();
        let Some(until) = furthest(profile, today) else {
            return Ok(Vec::new());
        };
        let books = [Arc::clone(rule_book)];
        let (mut notices, mut after) = (Vec::new(), None);
        loop {
            let pool = &self.instance.projector;
            let page =
                due::of_everyone(pool, tenant, &books, today, until, after.as_ref(), DUE_MAX)
                    .await?;
            for item in &page {
                let (Some(kind), Some(on)) = (kind_of(item.kind), item.on) else {
                    continue;
                };
                if tell_from(profile, kind, on).is_some_and(|from| from <= today) {
                    let notice = ledger
                        .notice_of_day(tenant, kind, item.case, &item.item, on)
                        .await?;
                    notices.extend(notice);
                }
            }
            match page.last() {
                Some(last) if page.len() == DUE_MAX as usize => after = Some(last.place()),
                _ => return Ok(notices),
            }
        }
    }

    /// Delivers for as long as this server holds the lease, which is renewed meanwhile.
    async fn deliver_under_lease(&self) -> Result<(), NotifyError> {
        let mut delivering = std::pin::pin!(self.deliver());
        loop {
            tokio::select! {
                delivered = &mut delivering => return delivered,
                () = tokio::time::sleep(RENEW_EVERY) => {
                    if self.outbox.lease().await?.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn deliver(&self) -> Result<(), NotifyError> {
        let mut channels = vec![Channel::Webhook.code()];
        if self.email.is_some() {
            channels.push(Channel::Email.code());
        }
        let first = self.first_pause();
        loop {
            let ledger = &self.instance.ledger;
            let pause = backoff::pause(first, 1, ledger.entropy());
            let now = ledger.now();
            let claimed = self
                .outbox
                .claim(&channels, now, pause, CLAIMED_MAX)
                .await?;
            if claimed.is_empty() {
                return Ok(());
            }
            let settled: Vec<Result<(), NotifyError>> = stream::iter(claimed)
                .map(|delivery| async move { self.deliver_one(&delivery).await })
                .buffer_unordered(SENT_AT_A_TIME)
                .collect()
                .await;
            settled.into_iter().collect::<Result<(), NotifyError>>()?;
        }
    }

    async fn deliver_one(&self, delivery: &Delivery) -> Result<(), NotifyError> {
        let ledger = &self.instance.ledger;
        let now = ledger.now();
        let tried = match (&self.email, delivery.channel == Channel::Email.code()) {
            (Some(email), true) => email.send(ledger, delivery, now).await?,
            (None, true) => return Ok(()),
            (_, false) => self.webhooks.send(ledger, delivery, now).await?,
        };
        let attempts = u32::try_from(delivery.attempts).unwrap_or(u32::MAX);
        let outcome = match tried {
            Tried::Ended(outcome) => outcome,
            Tried::Failed(why) if attempts >= self.instance.config.notification_attempts_max => {
                Outcome::Dead(why)
            }
            Tried::Failed(why) => {
                let pause = backoff::pause(self.first_pause(), attempts, ledger.entropy());
                Outcome::Again(ledger.now() + pause, why)
            }
        };
        self.instance
            .metrics
            .message_tried(&delivery.channel, &outcome);
        let now: Timestamp = ledger.now();
        self.outbox
            .settle(&delivery.delivery_id, &outcome, now)
            .await
    }

    fn first_pause(&self) -> TimeDelta {
        let first = self.instance.config.notification_retry_first_ms;
        TimeDelta::milliseconds(i64::try_from(first).unwrap_or(i64::MAX))
    }
}

/// The service itself signs in nowhere: whoever has set `notifier` and runs this program stands behind the account. The
/// event says so by its issuer.
fn sender(instance: &Instance, account: AccountId) -> Caller {
    Caller {
        tenant: instance.tenant().clone(),
        account,
        issuer: "notifier".parse().expect("a word of a-z is a code"),
        assurance: Assurance::High,
    }
}

/// An id for this process among the servers of a tenant.
pub(crate) fn holder(instance_entropy: &dyn ledger_core::clock::Entropy) -> String {
    let mut bytes = [0; 16];
    instance_entropy.fill(&mut bytes);
    Ulid::from_bytes(bytes).to_string()
}

/// The last day of which something is told today; nothing, where nothing dated is told at all.
fn furthest(profile: &Profile, today: NaiveDate) -> Option<NaiveDate> {
    let rules = profile.notifications.values();
    let days = rules.filter_map(|rule| rule.days_before).max()?;
    today.checked_add_days(Days::new(days.into()))
}

/// From which day on something that falls on a day is told.
fn tell_from(profile: &Profile, kind: NotificationKind, on: NaiveDate) -> Option<NaiveDate> {
    let days = profile.notifications.get(&kind)?.days_before?;
    on.checked_sub_days(Days::new(days.into()))
}

/// The kind of notification for a kind of what is due.
const fn kind_of(kind: due::Kind) -> Option<NotificationKind> {
    match kind {
        due::Kind::ConsentExpires => Some(NotificationKind::ConsentExpires),
        due::Kind::ConsentRenewal => Some(NotificationKind::ConsentRenewal),
        due::Kind::MeasureEvaluation => Some(NotificationKind::MeasureEvaluation),
        due::Kind::ConsentAnew
        | due::Kind::MeasureBegins
        | due::Kind::Meeting
        | due::Kind::AgreementDue
        | due::Kind::HandoverWaiting
        | due::Kind::SendingUnderWay
        | due::Kind::PasswordToConvey
        | due::Kind::ReceiptAwaited
        | due::Kind::WorkingCopyToDestroy
        | due::Kind::Hold => None,
    }
}
