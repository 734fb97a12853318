//! The outbox: how far the ledger was read, and what is to be delivered. Ids and codes, never an address or a text.

mod delivering;

use chrono::NaiveDate;
use ledger_core::{
    clock::Timestamp,
    ids::{CaseId, Code, Position, ProfileId, TenantId},
};
use sqlx::{PgConnection, PgPool};

pub(crate) use delivering::{DeadLetter, Delivery, Outcome, Waiting};

use super::NotifyError;

/// How long a lease lasts that is not renewed.
const LEASE_SECONDS: i32 = 15;

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
