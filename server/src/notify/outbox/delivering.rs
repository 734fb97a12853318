//! What is to be delivered: taking it, noting how it ended, and what could not be.

use chrono::{NaiveDate, TimeDelta};
use ledger_core::clock::Timestamp;
use sqlx::FromRow;

use super::{NotifyError, Outbox};

/// How long it is kept that something was sent.
const KEPT: TimeDelta = TimeDelta::days(30);

/// A message that is to be delivered now.
#[derive(Debug, FromRow)]
#[expect(
    clippy::struct_field_names,
    reason = "they are called as the columns are"
)]
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
#[expect(
    clippy::struct_field_names,
    reason = "they are called as the columns are"
)]
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

impl Outbox {
    /// Messages whose time has come, each counted as tried before it is: if this process dies now, they are due again
    /// after `pause`.
    pub(in crate::notify) async fn claim(
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
    pub(in crate::notify) async fn settle(
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
    pub(in crate::notify) async fn forget_old(&self, now: Timestamp) -> Result<(), NotifyError> {
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
    pub(in crate::notify) async fn waiting(&self) -> Result<Waiting, NotifyError> {
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
