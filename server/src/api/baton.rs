//! The baton: offered by whoever holds it, taken by whoever was asked. Until then it stays where it is.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{AcceptBaton, DeclineBaton, OfferBaton},
    ids::{CaseId, HandoverId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{NoBody, Text, body},
    openapi::CommandHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// Whom to ask.
    BatonOffer {
        /// The party that is asked to take the baton.
        #[schema(value_type = schemas::Id)]
        to: PartyId,
        /// What is said about it.
        #[schema(value_type = Option<schemas::LongText>)]
        message: Text,
    }
}

body! {
    /// Why the baton stays where it is.
    BatonRefusal {
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

/// Offer the baton
#[utoipa::path(
    post, path = "/cases/{caseId}/baton/offers", tag = "cases",
    operation_id = "offerBaton",
    description = "Nothing changes until it is taken. One offer waits at a time.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        CommandHeaders,
    ),
    request_body = BatonOffer,
    responses((status = 201, description = "It is offered.", body = Done)),
)]
pub(super) async fn offer(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<BatonOffer>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::OfferBaton(OfferBaton {
            to: body.to,
            message: body.message.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Take the baton
#[utoipa::path(
    post, path = "/cases/{caseId}/baton/offers/{handoverId}/acceptance", tag = "cases",
    operation_id = "acceptBaton",
    description = "By whoever was asked. Where the case moves to another unit with it, the consents are given anew before.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("handoverId" = schemas::Id, Path, description = "The offer."),
        CommandHeaders,
    ),
    responses((status = 200, description = "It is taken.", body = Done)),
)]
pub(super) async fn accept(
    State(service): State<Service>,
    Segments((case, handover)): Segments<(CaseId, HandoverId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |_| {
        CaseCommand::AcceptBaton(AcceptBaton { handover })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Say no to the baton, or take the offer back
#[utoipa::path(
    post, path = "/cases/{caseId}/baton/offers/{handoverId}/refusal", tag = "cases",
    operation_id = "declineBaton",
    description = "By whoever was asked, or by whoever offered it.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("handoverId" = schemas::Id, Path, description = "The offer."),
        CommandHeaders,
    ),
    request_body = BatonRefusal,
    responses((status = 200, description = "The baton stays where it is.", body = Done)),
)]
pub(super) async fn decline(
    State(service): State<Service>,
    Segments((case, handover)): Segments<(CaseId, HandoverId)>,
    command: Command<BatonRefusal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::DeclineBaton(DeclineBaton {
            handover,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
