//! Agreements with the family: made, settled.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use ledger_core::{
    case::{MakeAgreement, SettleAgreement},
    ids::{AgreementId, CaseId, MeetingId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Agreements},
        execute,
    },
    error::ApiError,
    fields::{Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// What family and services have agreed on.
    NewAgreement {
        /// What was agreed.
        #[schema(value_type = schemas::LongText)]
        text: Text,
        /// The meeting at which it was made.
        #[schema(value_type = Option<schemas::Id>)]
        meeting: Option<MeetingId>,
        /// The party that sees to it.
        #[schema(value_type = Option<schemas::Id>)]
        responsible: Option<PartyId>,
        /// By when.
        due: Option<NaiveDate>,
    }
}

body! {
    /// How an agreement ended.
    Settlement {
        /// Whether it was kept.
        kept: bool,
        /// How it went.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

/// Read the agreements of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/agreements", tag = "cases", operation_id = "readAgreements",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The agreements.", body = Agreements)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Agreements>(&service, case, &asker, &wishes, &past).await
}

/// Record an agreement
#[utoipa::path(
    post, path = "/cases/{caseId}/agreements", tag = "cases",
    operation_id = "makeAgreement",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = NewAgreement,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn make(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewAgreement>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::MakeAgreement(MakeAgreement {
            meeting: body.meeting,
            responsible: body.responsible,
            due: body.due,
            text: body.text.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Settle an agreement
#[utoipa::path(
    post, path = "/cases/{caseId}/agreements/{agreementId}/settlement", tag = "cases",
    operation_id = "settleAgreement",
    description = "It was kept, or it no longer holds.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("agreementId" = schemas::Id, Path, description = "The agreement."),
        CommandHeaders,
    ),
    request_body = Settlement,
    responses((status = 200, description = "It is settled.", body = Done)),
)]
pub(super) async fn settle(
    State(service): State<Service>,
    Segments((case, agreement)): Segments<(CaseId, AgreementId)>,
    command: Command<Settlement>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::SettleAgreement(SettleAgreement {
            agreement,
            kept: body.kept,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
