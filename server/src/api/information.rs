//! What a member of the family was told before they were asked to consent to it.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use ledger_core::{
    case::RecordInformation,
    ids::{Code, OrganisationId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// What somebody was told.
    GivenInformation {
        /// The party that was told.
        #[schema(value_type = schemas::Id)]
        to: PartyId,
        /// Of which of the profile's items.
        #[schema(value_type = Vec<schemas::CodeWord>, example = json!(["purpose", "to_whom"]))]
        items: BTreeSet<Code>,
        /// The organisation that it was about, where there is one.
        #[schema(value_type = Option<schemas::Id>)]
        about: Option<OrganisationId>,
        /// When they were told, if earlier than now.
        told_at: Option<DateTime<Utc>>,
        /// A remark, such as that an interpreter was there.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

/// Record what somebody was told before they consent
#[utoipa::path(
    post, path = "/cases/{caseId}/information", tag = "cases", operation_id = "recordInformation",
    description = "Some consents can only be recorded once whoever gives them was told what they mean, item by item. \
                   Who told it, and when that was recorded, stands in the ledger.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = GivenInformation,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn record(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<GivenInformation>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::RecordInformation(RecordInformation {
            to: body.to,
            items: body.items,
            about: body.about,
            told_at: body.told_at,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}
