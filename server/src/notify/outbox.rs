//! The outbox: how far the ledger was read, and what is to be delivered. Ids and codes, never an address or a text.

use chrono::{NaiveDate, TimeDelta};
use ledger_core::{
    clock::Timestamp,
    ids::{CaseId, Code, Position, ProfileId, TenantId},
};
use sqlx::{FromRow, PgConnection, PgPool};

use super::NotifyError;

/// How long a lease lasts that is not renewed.
const LEASE_SECONDS: i32 = 15;
/// How long it is kept that something was sent.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A message to somebody is sent by e-mail, one to a program by a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    Webhook,
}

impl Channel {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

/// A message that was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) id: String,
    pub(crate) channel: Channel,
    pub(crate) kind: &'static str,
    pub(crate) profile: ProfileId,
    pub(crate) case: CaseId,
    pub(crate) section: Code,
    /// The party or the webhook.
    pub(crate) to: String,
    pub(crate) cause: String,
    pub(crate) due_on: Option<NaiveDate>,
    /// For what is gathered: the id and cause that it has if the one of its day has left already, and when that day begins.
    pub(crate) else_later: Option<(String, String, Timestamp)>,
}

/// A message that is to be delivered now.
#[derive(Debug, FromRow)]
pub(crate) struct Delivery {
    pub(crate) delivery_id: String,
    pub(crate) channel: String,
    pub(crate) kind: String,
    pub(crate) profile: String,
    pub(crate) case_id: String,
    pub(crate) section: String,
    pub(crate) party_id: Option<String>,
    pub(crate) webhook_id: Option<String>,
    pub(crate) due_on: Option<NaiveDate>,
    pub(crate) attempts: i32,
    pub(crate) planned_at: Timestamp,
}

/// A message that could not be delivered.
#[derive(Debug, FromRow)]
pub(crate) struct DeadLetter {
    pub(crate) delivery_id: String,
    pub(crate) channel: String,
    pub(crate) kind: String,
    pub(crate) webhook_id: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) planned_at: Timestamp,
    pub(crate) settled_at: Option<Timestamp>,
    pub(crate) outcome: Option<String>,
}

/// How many wait and how many are dead, and since when the oldest waits.
#[derive(Debug, Default, FromRow)]
pub(crate) struct Waiting {
    pub(crate) waiting: i64,
    pub(crate) dead: i64,
    pub(crate) oldest: Option<Timestamp>,
}

/// How a message ended, for now or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent,
    /// Nothing is sent, and why.
    Withheld(&'static str),
    /// It is tried again then.
    Again(Timestamp, &'static str),
    /// It is not tried again unless an administrator says so.
    Dead(&'static str),
}

/// The outbox of one tenant, over a pool that acts as `ledger_notifier`.
#[derive(Clone)]
pub(crate) struct Outbox {
    pool: PgPool,
    tenant: TenantId,
    /// Which of several servers this is.
    holder: String,
}

impl Outbox {
    pub(crate) const fn new(pool: PgPool, tenant: TenantId, holder: String) -> Self {
        Self {
            pool,
            tenant,
            holder,
        }
    }

    /// Makes the row of a tenant that has none. What lies before `next` is history: nobody is told of it.
    pub(super) async fn begin_at(&self, next: Position) -> Result<(), NotifyError> {
        sqlx::query(
            "INSERT INTO notification_subscribers (tenant_id, next_position, holder, held_until)
             VALUES ($1, $2, $3, '-infinity') ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(bigint(next))
        .bind(&self.holder)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes or renews the lease; gives the next position to be read, or nothing while another server holds it.
    pub(super) async fn lease(&self) -> Result<Option<Position>, NotifyError> {
        let next: Option<i64> = sqlx::query_scalar(
            "UPDATE notification_subscribers
             SET holder = $2, held_until = clock_timestamp() + make_interval(secs => $3)
             WHERE tenant_id = $1 AND (holder = $2 OR held_until < clock_timestamp())
             RETURNING next_position",
        )
        .bind(self.tenant.as_str())
        .bind(&self.holder)
        .bind(f64::from(LEASE_SECONDS))
        .fetch_optional(&self.pool)
        .await?;
        Ok(next.map(|next| Position(u64::try_from(next).unwrap_or_default())))
    }

    /// Lets another server go on at once.
    pub(super) async fn give_up(&self) -> Result<(), NotifyError> {
        sqlx::query(
            "UPDATE notification_subscribers SET held_until = '-infinity'
             WHERE tenant_id = $1 AND holder = $2",
        )
        .bind(self.tenant.as_str())
        .bind(&self.holder)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps what the events from `from` up to `next` have caused, and that they were read; all or nothing. False where
    /// another server has gone on meanwhile.
    pub(super) async fn planned_up_to(
        &self,
        from: Position,
        next: Position,
        planned: &[Planned],
        erased: &[CaseId],
        now: Timestamp,
    ) -> Result<bool, NotifyError> {
        let mut transaction = self.pool.begin().await?;
        let moved = sqlx::query(
            "UPDATE notification_subscribers SET next_position = $4
             WHERE tenant_id = $1 AND holder = $2 AND next_position = $3",
        )
        .bind(self.tenant.as_str())
        .bind(&self.holder)
        .bind(bigint(from))
        .bind(bigint(next))
        .execute(&mut *transaction)
        .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        self.forget(erased, &mut transaction).await?;
        self.keep(planned, now, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The last day of a system whose dated notices were planned.
    pub(super) async fn told_through(
        &self,
        profile: &ProfileId,
    ) -> Result<Option<NaiveDate>, NotifyError> {
        let day = sqlx::query_scalar(
            "SELECT told_through FROM notification_days WHERE tenant_id = $1 AND profile = $2",
        )
        .bind(self.tenant.as_str())
        .bind(profile.as_str())
        .fetch_optional(&self.pool)
        .await?;
        Ok(day)
    }

    /// Keeps what a day of a system causes, and that it was planned; all or nothing. False where another server was faster.
    pub(super) async fn planned_day(
        &self,
        profile: &ProfileId,
        day: NaiveDate,
        planned: &[Planned],
        now: Timestamp,
    ) -> Result<bool, NotifyError> {
        let mut transaction = self.pool.begin().await?;
        let is_first = sqlx::query(
            "INSERT INTO notification_days AS known (tenant_id, profile, told_through)
             SELECT tenant_id, $3, $4 FROM notification_subscribers
             WHERE tenant_id = $1 AND holder = $2 FOR UPDATE
             ON CONFLICT (tenant_id, profile) DO UPDATE SET told_through = excluded.told_through
             WHERE known.told_through < excluded.told_through",
        )
        .bind(self.tenant.as_str())
        .bind(&self.holder)
        .bind(profile.as_str())
        .bind(day)
        .execute(&mut *transaction)
        .await?;
        if is_first.rows_affected() == 0 {
            return Ok(false);
        }
        self.keep(planned, now, &mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Of an erased case nothing is delivered, and nothing kept.
    async fn forget(
        &self,
        cases: &[CaseId],
        connection: &mut PgConnection,
    ) -> Result<(), NotifyError> {
        if cases.is_empty() {
            return Ok(());
        }
        let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
        sqlx::query(
            "DELETE FROM notification_deliveries WHERE tenant_id = $1 AND case_id = ANY($2)",
        )
        .bind(self.tenant.as_str())
        .bind(cases)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Adds what is not there yet. What is gathered on a day whose message has left waits for the next day.
    async fn keep(
        &self,
        planned: &[Planned],
        now: Timestamp,
        connection: &mut PgConnection,
    ) -> Result<(), NotifyError> {
        if planned.is_empty() {
            return Ok(());
        }
        let texts = |of: fn(&Planned) -> String| planned.iter().map(of).collect::<Vec<String>>();
        let later = |of: fn(&(String, String, Timestamp)) -> String| -> Vec<Option<String>> {
            let later = planned.iter().map(|planned| planned.else_later.as_ref());
            later.map(|later| later.map(of)).collect()
        };
        let to = |channel: Channel| -> Vec<Option<String>> {
            let to = planned.iter();
            to.map(|planned| (planned.channel == channel).then(|| planned.to.clone()))
                .collect()
        };
        let due_on: Vec<Option<NaiveDate>> = planned.iter().map(|planned| planned.due_on).collect();
        let later_at: Vec<Option<Timestamp>> = planned
            .iter()
            .map(|planned| planned.else_later.as_ref().map(|(_, _, at)| *at))
            .collect();
        for statement in [KEEP_NOW, KEEP_FOR_LATER] {
            sqlx::query(statement)
                .bind(self.tenant.as_str())
                .bind(now)
                .bind(texts(|planned| planned.id.clone()))
                .bind(texts(|planned| planned.channel.code().to_owned()))
                .bind(texts(|planned| planned.kind.to_owned()))
                .bind(texts(|planned| planned.profile.to_string()))
                .bind(texts(|planned| planned.case.to_string()))
                .bind(texts(|planned| planned.section.to_string()))
                .bind(to(Channel::Email))
                .bind(to(Channel::Webhook))
                .bind(texts(|planned| planned.cause.clone()))
                .bind(&due_on)
                .bind(later(|(id, _, _)| id.clone()))
                .bind(later(|(_, cause, _)| cause.clone()))
                .bind(&later_at)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    /// Messages whose time has come, each counted as tried before it is: if this process dies now, they are due again
    /// after `pause`.
    pub(super) async fn claim(
        &self,
        channels: &[&str],
        now: Timestamp,
        pause: TimeDelta,
        limit: i64,
    ) -> Result<Vec<Delivery>, NotifyError> {
        let deliveries = sqlx::query_as(
            "UPDATE notification_deliveries AS delivery
             SET attempts = attempts + 1, next_attempt_at = $4
             WHERE tenant_id = $1 AND delivery_id IN (
                 SELECT delivery_id FROM notification_deliveries
                 WHERE tenant_id = $1 AND state = 'waiting' AND next_attempt_at <= $3
                   AND channel = ANY($2)
                 ORDER BY next_attempt_at, delivery_id LIMIT $5 FOR UPDATE SKIP LOCKED)
             RETURNING delivery_id, channel, kind, profile, case_id, section, party_id, webhook_id,
                       due_on, attempts, planned_at",
        )
        .bind(self.tenant.as_str())
        .bind(channels)
        .bind(now)
        .bind(now + pause)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(deliveries)
    }

    /// Notes how a try has ended.
    pub(super) async fn settle(
        &self,
        id: &str,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<(), NotifyError> {
        let (state, code, again) = match outcome {
            Outcome::Sent => ("sent", "sent", None),
            Outcome::Withheld(why) => ("withheld", *why, None),
            Outcome::Again(at, why) => ("waiting", *why, Some(*at)),
            Outcome::Dead(why) => ("dead", *why, None),
        };
        sqlx::query(
            "UPDATE notification_deliveries
             SET state = $3, outcome = $4, next_attempt_at = coalesce($5, next_attempt_at),
                 settled_at = CASE WHEN $3 = 'waiting' THEN NULL ELSE $6 END
             WHERE tenant_id = $1 AND delivery_id = $2 AND state = 'waiting'",
        )
        .bind(self.tenant.as_str())
        .bind(id)
        .bind(state)
        .bind(code)
        .bind(again)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Forgets what was settled long ago; dead letters stay until somebody has looked after them. A dated one stays until
    /// its day is past, because its row is what keeps it from being told twice.
    pub(super) async fn forget_old(&self, now: Timestamp) -> Result<(), NotifyError> {
        sqlx::query(
            "DELETE FROM notification_deliveries
             WHERE tenant_id = $1 AND state IN ('sent', 'withheld') AND settled_at < $2
               AND (due_on IS NULL OR due_on < $2::date)",
        )
        .bind(self.tenant.as_str())
        .bind(now - KEPT)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// How much waits.
    pub(super) async fn waiting(&self) -> Result<Waiting, NotifyError> {
        let waiting = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
                    count(*) FILTER (WHERE state = 'dead') AS dead,
                    min(planned_at) FILTER (WHERE state = 'waiting') AS oldest
             FROM notification_deliveries WHERE tenant_id = $1 AND state IN ('waiting', 'dead')",
        )
        .bind(self.tenant.as_str())
        .fetch_one(&self.pool)
        .await?;
        Ok(waiting)
    }

    /// What could not be delivered, by id: at most `limit` after one.
    pub(crate) async fn dead_letters(
        &self,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, NotifyError> {
        let letters = sqlx::query_as(
            "SELECT delivery_id, channel, kind, webhook_id, attempts, planned_at, settled_at, outcome
             FROM notification_deliveries
             WHERE tenant_id = $1 AND state = 'dead' AND ($2::text IS NULL OR delivery_id > $2)
             ORDER BY delivery_id LIMIT $3",
        )
        .bind(self.tenant.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(letters)
    }

    /// Lets a dead letter be tried again from the beginning; whether there was one.
    pub(crate) async fn retry(&self, id: &str, now: Timestamp) -> Result<bool, NotifyError> {
        let retried = sqlx::query(
            "UPDATE notification_deliveries
             SET state = 'waiting', attempts = 0, next_attempt_at = $3, settled_at = NULL
             WHERE tenant_id = $1 AND delivery_id = $2 AND state = 'dead'",
        )
        .bind(self.tenant.as_str())
        .bind(id)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(retried.rows_affected() == 1)
    }
}

/// The columns of what is planned, in the order in which both statements are given them.
macro_rules! planned {
    () => {
        "unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::text[], $11::text[], $12::date[], $13::text[], $14::text[], $15::timestamptz[])
             AS planned (id, channel, kind, profile, case_id, section, party_id, webhook_id, cause,
                         due_on, later_id, later_cause, later_at)"
    };
}

const KEEP_NOW: &str = concat!(
    "INSERT INTO notification_deliveries
         (tenant_id, delivery_id, channel, kind, profile, case_id, section, party_id, webhook_id,
          cause, due_on, state, next_attempt_at, planned_at)
     SELECT $1, id, channel, kind, profile, case_id, section, party_id, webhook_id, cause, due_on,
            'waiting', $2, $2
     FROM ",
    planned!(),
    " ON CONFLICT (tenant_id, delivery_id) DO NOTHING"
);

const KEEP_FOR_LATER: &str = concat!(
    "INSERT INTO notification_deliveries
         (tenant_id, delivery_id, channel, kind, profile, case_id, section, party_id, webhook_id,
          cause, due_on, state, next_attempt_at, planned_at)
     SELECT $1, later_id, planned.channel, planned.kind, planned.profile, planned.case_id,
            planned.section, planned.party_id, planned.webhook_id, later_cause, planned.due_on,
            'waiting', later_at, $2
     FROM ",
    planned!(),
    " JOIN notification_deliveries AS known
        ON known.tenant_id = $1 AND known.delivery_id = planned.id AND known.state <> 'waiting'
      WHERE later_id IS NOT NULL
      ON CONFLICT (tenant_id, delivery_id) DO NOTHING"
);

/// Positions as Postgres counts them; nothing here comes near 2^63.
fn bigint(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}
