//! Referrals of a family to other organisations.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::MakeReferral,
    ids::{Code, OrganisationId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Referrals},
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
    /// A referral to make.
    NewReferral {
        /// Which of the profile's kinds.
        #[schema(value_type = schemas::CodeWord, example = "psychosocial")]
        kind: Code,
        /// Which subtype of that kind; it says whether data are shared.
        #[schema(value_type = schemas::CodeWord, example = "welfare_centre")]
        subtype: Code,
        /// To which organisation; needed where data are shared.
        #[schema(value_type = Option<schemas::Id>)]
        receiver: Option<OrganisationId>,
        /// What the family hopes for.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

/// Read the referrals of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/referrals", tag = "cases", operation_id = "readReferrals",
    description = "With what was handed over on them. Decided, and noted in the ledger, as a reading of the section in \
                   which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The referrals.", body = Referrals)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Referrals>(&service, case, &asker, &wishes, &past).await
}

/// Refer a family to another organisation
#[utoipa::path(
    post, path = "/cases/{caseId}/referrals", tag = "cases", operation_id = "makeReferral",
    description = "Where the subtype shares data, the consent that names the receiver and the agreements with it must be \
                   in force. Where it shares none, it needs neither, and nothing can be handed over on it.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewReferral,
    responses((status = 201, description = "It is made.", body = Done)),
)]
pub(super) async fn make(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewReferral>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::MakeReferral(MakeReferral {
            kind: body.kind,
            subtype: body.subtype,
            receiver: body.receiver,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}
