//! What is due: consents that expire, are best renewed or are to be given anew; measures to begin and to evaluate;
//! meetings; agreements; handovers that wait for an answer; the steps of a transmission; legal holds. And agreements of organisations that end.
//!
//! One row a thing, by its case, its kind and its own id, without any text. Which months are recommended and what is to
//! be given anew after a change (V27, V28) is not in the rows: the rule book says it at the time of the question.
//!
//! A row goes when the thing is settled: a consent when it is withdrawn, invalid or renewed, or its giver says no to
//! a new one or takes part no longer; a measure when it has begun, or ended; a meeting when it was held or cancelled; a handover when it is taken
//! or declined, or whoever was asked has left. While a case is closed or archived its rows are kept but not found,
//! because it can be reopened (X10); a legal hold and a packed copy that is to be destroyed are found all the same, because they
//! outlast the work. When the consent
//! to a case is withdrawn, or the case rests, what was planned is still planned: it is found by those who may still see
//! it. When a case is erased its rows go, from the first of the two events on.

mod fold;
mod query;

use std::str::FromStr;

use async_trait::async_trait;
use ledger_core::{
    ids::{InvalidId, TenantId},
    profile::Part,
    store::Recorded,
};
use sqlx::PgConnection;

pub use self::query::{
    AgreementPlace, DueAgreement, DueItem, DuePlace, Whose, agreements, find, next_position,
    of_everyone, profiles,
};
use crate::{Generation, Projection, ProjectionError};

const NAME: &str = "due";

/// What kind of thing is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The last day of a consent (V26).
    ConsentExpires,
    /// The day on which a consent is best renewed (V28).
    ConsentRenewal,
    /// A consent that is to be given anew, because the situation has changed (V27); undated.
    ConsentAnew,
    /// A measure is to be evaluated (V3).
    MeasureEvaluation,
    /// A measure is to begin; undated where no day was planned.
    MeasureBegins,
    /// A meeting (V1).
    Meeting,
    /// Something agreed with the family is to be done.
    AgreementDue,
    /// The baton waits for an answer (X2); undated.
    HandoverWaiting,
    /// A sending has begun and has not succeeded; dated by its last attempt.
    SendingUnderWay,
    /// A password is to be conveyed (M14).
    PasswordToConvey,
    /// The receiver of something is to confirm.
    ReceiptAwaited,
    /// The packed copy of what was handed over is to be destroyed (M15).
    WorkingCopyToDestroy,
    /// A legal hold is in force; undated.
    Hold,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::ConsentExpires,
        Self::ConsentRenewal,
        Self::ConsentAnew,
        Self::MeasureEvaluation,
        Self::MeasureBegins,
        Self::Meeting,
        Self::AgreementDue,
        Self::HandoverWaiting,
        Self::SendingUnderWay,
        Self::PasswordToConvey,
        Self::ReceiptAwaited,
        Self::WorkingCopyToDestroy,
        Self::Hold,
    ];

    /// Its code in rows and answers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ConsentExpires => "consent_expires",
            Self::ConsentRenewal => "consent_renewal",
            Self::ConsentAnew => "consent_anew",
            Self::MeasureEvaluation => "measure_evaluation",
            Self::MeasureBegins => "measure_begins",
            Self::Meeting => "meeting",
            Self::AgreementDue => "agreement_due",
            Self::HandoverWaiting => "handover_waiting",
            Self::SendingUnderWay => "sending_under_way",
            Self::PasswordToConvey => "password_to_convey",
            Self::ReceiptAwaited => "receipt_awaited",
            Self::WorkingCopyToDestroy => "working_copy_to_destroy",
            Self::Hold => "hold",
        }
    }

    /// The part of a case that it belongs to: whoever may not see that part is not shown it.
    pub const fn part(self) -> Part {
        match self {
            Self::ConsentExpires | Self::ConsentRenewal | Self::ConsentAnew => Part::Consents,
            Self::MeasureEvaluation | Self::MeasureBegins => Part::Measures,
            Self::Meeting => Part::Meetings,
            Self::AgreementDue => Part::Agreements,
            Self::HandoverWaiting => Part::Parties,
            Self::SendingUnderWay
            | Self::PasswordToConvey
            | Self::ReceiptAwaited
            | Self::WorkingCopyToDestroy => Part::Referrals,
            Self::Hold => Part::Course,
        }
    }
}

impl FromStr for Kind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let kind = Self::ALL.into_iter().find(|kind| kind.code() == text);
        kind.ok_or_else(|| InvalidId {
            kind: "kind of what is due",
            given: text.chars().take(60).collect(),
            expected: "one of the known kinds, for example meeting",
        })
    }
}

/// The projection behind [`find`] and [`agreements`].
#[derive(Debug, Clone, Copy)]
pub struct Due;

#[async_trait]
impl Projection for Due {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> i32 {
        2
    }

    fn tables(&self) -> &'static [&'static str] {
        &["due_cases", "due_consents", "due_items", "due_agreements"]
    }

    async fn apply(
        &self,
        batch: &[Recorded],
        generation: Generation,
        tenant: &TenantId,
        connection: &mut PgConnection,
    ) -> Result<(), ProjectionError> {
        let changes = fold::Changes::of(batch);
        let mut filling = Filling {
            tenant,
            generation,
            connection,
        };
        // What is erased goes first: a case that is gone takes in nothing more.
        filling.erase(changes.erased()).await?;
        filling.insert_cases(changes.cases(true)).await?;
        filling.update_cases(changes.cases(false)).await?;
        filling.delete_consents(changes.consents_gone()).await?;
        filling.insert_consents(changes.consents_given()).await?;
        filling.delete_items(changes.items_settled()).await?;
        filling.update_items(changes.items_moved()).await?;
        filling.insert_items(changes.items_waiting()).await?;
        // Last: what came in this batch goes too with whoever left in it.
        filling.delete_of_parties(changes.left()).await?;
        filling
            .delete_agreements(changes.agreements_ended())
            .await?;
        filling.insert_agreements(changes.agreements_signed()).await
    }
}

/// The generation that is being filled.
struct Filling<'a> {
    tenant: &'a TenantId,
    generation: Generation,
    connection: &'a mut PgConnection,
}

impl Filling<'_> {
    async fn erase(&mut self, cases: Vec<String>) -> Result<(), ProjectionError> {
        if cases.is_empty() {
            return Ok(());
        }
        for statement in [
            "DELETE FROM due_items WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
            "DELETE FROM due_consents WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
            "DELETE FROM due_cases WHERE tenant_id = $1 AND generation = $2 AND case_id = ANY($3)",
        ] {
            sqlx::query(statement)
                .bind(self.tenant.as_str())
                .bind(self.generation)
                .bind(&cases)
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }

    async fn insert_cases(&mut self, opened: fold::CaseRows) -> Result<(), ProjectionError> {
        if opened.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO due_cases (tenant_id, generation, case_id, profile, is_open,
                                    changed_position)
             SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::boolean[], $6::bigint[])",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(opened.cases)
        .bind(opened.profiles)
        .bind(opened.are_open)
        .bind(opened.changed_positions)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn update_cases(&mut self, changed: fold::CaseRows) -> Result<(), ProjectionError> {
        if changed.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "UPDATE due_cases AS listed
             SET is_open = coalesce(changed.is_open, listed.is_open),
                 changed_position = coalesce(changed.changed_position, listed.changed_position)
             FROM unnest($3::text[], $4::boolean[], $5::bigint[])
                  AS changed (case_id, is_open, changed_position)
             WHERE tenant_id = $1 AND generation = $2 AND listed.case_id = changed.case_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(changed.cases)
        .bind(changed.are_open)
        .bind(changed.changed_positions)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn delete_consents(
        &mut self,
        (cases, consents): (Vec<String>, Vec<String>),
    ) -> Result<(), ProjectionError> {
        if cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "DELETE FROM due_consents AS known
             USING unnest($3::text[], $4::text[]) AS gone (case_id, consent_id)
             WHERE tenant_id = $1 AND generation = $2
               AND known.case_id = gone.case_id AND known.consent_id = gone.consent_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(cases)
        .bind(consents)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    /// Consents of a case that is not there are left out: an erased case takes in nothing.
    async fn insert_consents(&mut self, given: fold::ConsentRows) -> Result<(), ProjectionError> {
        if given.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO due_consents (tenant_id, generation, case_id, consent_id, consent_kind,
                                       party_id, given_position, given_at, valid_from,
                                       valid_through)
             SELECT $1, $2, given.*
             FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                         $8::timestamptz[], $9::date[], $10::date[])
                  AS given (case_id, consent_id, consent_kind, party_id, given_position, given_at,
                            valid_from, valid_through)
             JOIN due_cases AS listed ON listed.tenant_id = $1 AND listed.generation = $2
                                     AND listed.case_id = given.case_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(given.cases)
        .bind(given.consents)
        .bind(given.kinds)
        .bind(given.parties)
        .bind(given.given_positions)
        .bind(given.given_at)
        .bind(given.valid_from)
        .bind(given.valid_through)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn delete_items(&mut self, settled: fold::ItemRows) -> Result<(), ProjectionError> {
        if settled.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "DELETE FROM due_items AS item
             USING unnest($3::text[], $4::text[], $5::text[]) AS settled (case_id, kind, item_id)
             WHERE tenant_id = $1 AND generation = $2 AND item.case_id = settled.case_id
               AND item.kind = settled.kind AND item.item_id = settled.item_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(settled.cases)
        .bind(settled.kinds)
        .bind(settled.items)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn update_items(&mut self, moved: fold::ItemRows) -> Result<(), ProjectionError> {
        if moved.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "UPDATE due_items AS item SET due_on = moved.due_on, due_at = moved.due_at,
                                          party_id = coalesce(moved.party_id, item.party_id)
             FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                         $8::timestamptz[])
                  AS moved (case_id, kind, item_id, party_id, due_on, due_at)
             WHERE tenant_id = $1 AND generation = $2 AND item.case_id = moved.case_id
               AND item.kind = moved.kind AND item.item_id = moved.item_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(moved.cases)
        .bind(moved.kinds)
        .bind(moved.items)
        .bind(moved.parties)
        .bind(moved.due_on)
        .bind(moved.due_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn insert_items(&mut self, waiting: fold::ItemRows) -> Result<(), ProjectionError> {
        if waiting.cases.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO due_items (tenant_id, generation, case_id, kind, item_id, party_id,
                                    due_on, due_at)
             SELECT $1, $2, waiting.*
             FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                         $8::timestamptz[])
                  AS waiting (case_id, kind, item_id, party_id, due_on, due_at)
             JOIN due_cases AS listed ON listed.tenant_id = $1 AND listed.generation = $2
                                     AND listed.case_id = waiting.case_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(waiting.cases)
        .bind(waiting.kinds)
        .bind(waiting.items)
        .bind(waiting.parties)
        .bind(waiting.due_on)
        .bind(waiting.due_at)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn delete_of_parties(
        &mut self,
        (cases, parties): (Vec<String>, Vec<String>),
    ) -> Result<(), ProjectionError> {
        if cases.is_empty() {
            return Ok(());
        }
        for statement in [
            "DELETE FROM due_consents AS consent
             USING unnest($3::text[], $4::text[]) AS gone (case_id, party_id)
             WHERE tenant_id = $1 AND generation = $2
               AND consent.case_id = gone.case_id AND consent.party_id = gone.party_id",
            "DELETE FROM due_items AS item
             USING unnest($3::text[], $4::text[]) AS gone (case_id, party_id)
             WHERE tenant_id = $1 AND generation = $2 AND item.kind = 'handover_waiting'
               AND item.case_id = gone.case_id AND item.party_id = gone.party_id",
        ] {
            sqlx::query(statement)
                .bind(self.tenant.as_str())
                .bind(self.generation)
                .bind(&cases)
                .bind(&parties)
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }

    async fn delete_agreements(
        &mut self,
        (organisations, agreements): (Vec<String>, Vec<String>),
    ) -> Result<(), ProjectionError> {
        if organisations.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "DELETE FROM due_agreements AS known
             USING unnest($3::text[], $4::text[]) AS ended (organisation_id, agreement_id)
             WHERE tenant_id = $1 AND generation = $2
               AND known.organisation_id = ended.organisation_id
               AND known.agreement_id = ended.agreement_id",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(organisations)
        .bind(agreements)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }

    async fn insert_agreements(
        &mut self,
        signed: fold::AgreementRows,
    ) -> Result<(), ProjectionError> {
        if signed.organisations.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO due_agreements (tenant_id, generation, organisation_id, agreement_id,
                                         agreement_kind, valid_through)
             SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::date[])",
        )
        .bind(self.tenant.as_str())
        .bind(self.generation)
        .bind(signed.organisations)
        .bind(signed.agreements)
        .bind(signed.kinds)
        .bind(signed.valid_through)
        .execute(&mut *self.connection)
        .await?;
        Ok(())
    }
}
