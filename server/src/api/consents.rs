//! Consents: given, and withdrawn as easily (GDPR article 7(3)); declined; declared invalid.

use std::collections::BTreeSet;

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    case::{DeclineConsent, GiveConsent, InvalidateConsent, WithdrawConsent},
    ids::{CaseId, Code, ConsentId, DocumentId, OrganisationId, PartyId},
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Consents},
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
    /// A consent to record.
    NewConsent {
        /// Which of the profile's consents.
        #[schema(value_type = schemas::CodeWord, example = "establish_log")]
        kind: Code,
        /// The party that gives it: the caller's own, or, on a paper form, another member of the family.
        #[schema(value_type = schemas::Id)]
        by: PartyId,
        /// In which of the profile's forms.
        #[schema(value_type = schemas::CodeWord, example = "digital")]
        form: Code,
        /// The scanned form, filed as a document of the case.
        #[schema(value_type = Option<schemas::Id>)]
        scan: Option<DocumentId>,
        /// The consent that it takes the place of.
        #[schema(value_type = Option<schemas::Id>)]
        renews: Option<ConsentId>,
        /// The services that it lets in.
        #[schema(value_type = Vec<schemas::Id>, required = false)]
        services: BTreeSet<OrganisationId>,
        /// First day on which it holds; left out for now.
        valid_from: Option<NaiveDate>,
        /// Last day on which it holds, in the system's time zone; left out for until it is withdrawn.
        valid_through: Option<NaiveDate>,
        /// When it was given, if earlier than now.
        occurred_at: Option<DateTime<Utc>>,
        /// A remark, such as where the signed form is kept.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

body! {
    /// A consent to withdraw.
    Withdrawal {
        /// The party that withdraws it.
        #[schema(value_type = schemas::Id)]
        by: PartyId,
        /// What was said about it. Nobody has to give a reason.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
        /// When it was withdrawn, if earlier than now.
        occurred_at: Option<DateTime<Utc>>,
    }
}

body! {
    /// A no to a consent.
    Refusal {
        /// To which of the profile's consents.
        #[schema(value_type = schemas::CodeWord, example = "establish_log")]
        kind: Code,
        /// The party that says no: the caller's own, or somebody of the family who has no account.
        #[schema(value_type = schemas::Id)]
        by: PartyId,
        /// The services that it was to let in, where the kind names some.
        #[schema(value_type = Vec<schemas::Id>, required = false)]
        services: BTreeSet<OrganisationId>,
        /// What was said about it. Nobody has to give a reason.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
    }
}

body! {
    /// Why a consent was never valid.
    Invalidation {
        /// The reason in words.
        #[schema(value_type = schemas::LongText)]
        reason: Text,
    }
}

/// Read the consents to a case
#[utoipa::path(
    get, path = "/cases/{caseId}/consents", tag = "cases", operation_id = "readConsents",
    description = "Decided, and noted in the ledger, as a reading of the section in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The consents.", body = Consents)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Consents>(&service, case, &asker, &wishes, &past).await
}

/// Record a consent
#[utoipa::path(
    post, path = "/cases/{caseId}/consents", tag = "cases", operation_id = "giveConsent",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewConsent,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn give(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewConsent>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::GiveConsent(GiveConsent {
            kind: body.kind,
            by: body.by,
            form: body.form,
            scan: body.scan,
            renews: body.renews,
            services: body.services,
            valid_from: body.valid_from,
            valid_through: body.valid_through,
            occurred_at: body.occurred_at,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Say no to a consent
#[utoipa::path(
    post, path = "/cases/{caseId}/declined-consents", tag = "cases", operation_id = "declineConsent",
    description = "The no stands until the same party gives the consent. Whoever has given it withdraws it instead.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = Refusal,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn decline(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Refusal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::DeclineConsent(DeclineConsent {
            kind: body.kind,
            by: body.by,
            services: body.services,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Withdraw a consent
#[utoipa::path(
    post, path = "/cases/{caseId}/consents/{consentId}/withdrawal", tag = "cases",
    operation_id = "withdrawConsent",
    description = "It ends at once, also for downloads that are under way.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("consentId" = schemas::Id, Path, description = "The consent."),
        CommandHeaders,
    ),
    request_body = Withdrawal,
    responses((status = 200, description = "It is withdrawn.", body = Done)),
)]
pub(super) async fn withdraw(
    State(service): State<Service>,
    Segments((case, consent)): Segments<(CaseId, ConsentId)>,
    command: Command<Withdrawal>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::WithdrawConsent(WithdrawConsent {
            consent,
            by: body.by,
            reason: body.reason.0,
            occurred_at: body.occurred_at,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Declare that a consent was never valid
#[utoipa::path(
    post, path = "/cases/{caseId}/consents/{consentId}/invalidation", tag = "cases",
    operation_id = "invalidateConsent",
    description = "It ends at once. What was read meanwhile was read without it.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("consentId" = schemas::Id, Path, description = "The consent."),
        CommandHeaders,
    ),
    request_body = Invalidation,
    responses((status = 200, description = "It is declared invalid.", body = Done)),
)]
pub(super) async fn invalidate(
    State(service): State<Service>,
    Segments((case, consent)): Segments<(CaseId, ConsentId)>,
    command: Command<Invalidation>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::InvalidateConsent(InvalidateConsent {
            consent,
            reason: body.reason.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}
