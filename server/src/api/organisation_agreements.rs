//! Agreements that an organisation has signed, such as one on processing data on another's behalf.

use std::collections::BTreeMap;

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    directory::{EndAgreement, SignAgreement},
    ids::{AgreementId, Code, OrganisationId, ProfileId},
    ledger::DirectoryCommand,
};
use serde_json::Value;

use super::{
    accounts::administer,
    answer::{self, Done},
    error::ApiError,
    fields::{Field, Line, Text, body},
    openapi::CommandHeaders,
    request::{Command, Segments},
    schemas,
    service::Service,
};

body! {
    /// An agreement that was signed.
    SignedAgreement {
        /// By the rules of which system it is recorded.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// Which of the profile's kinds.
        #[schema(value_type = schemas::CodeWord, example = "data_processing")]
        kind: Code,
        /// First day on which it holds; left out for today.
        valid_from: Option<NaiveDate>,
        /// Last day on which it holds; left out for until it is ended.
        valid_through: Option<NaiveDate>,
        /// The other organisation that has signed it, where it is registered here.
        #[schema(value_type = Option<schemas::Id>)]
        with: Option<OrganisationId>,
        /// Its name.
        #[schema(value_type = schemas::LineText, example = "Data-processing agreement")]
        title: Line,
        /// Where the signed text is kept.
        #[schema(value_type = Option<schemas::LongText>)]
        reference: Text,
        /// What it says of each item that the profile asks for, each under its code.
        #[schema(value_type = BTreeMap<String, String>, required = false,
                 example = json!({ "purpose": "Support at an early stage." }))]
        items: AgreementItems,
        /// The mailbox that it names for what is sent on it, where the profile asks for one.
        #[schema(value_type = Option<String>, example = "intake@welfare.example")]
        mailbox: Option<Line>,
        /// That it binds by professional secrecy whoever receives something on it, where the profile asks for that.
        #[schema(required = false)]
        bound_by_secrecy: Option<bool>,
    }
}

/// Texts by the codes of items.
pub(super) struct AgreementItems(BTreeMap<Code, String>);

impl Field for AgreementItems {
    fn read(value: Option<Value>) -> Result<Self, String> {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Ok(Self(BTreeMap::new()));
        };
        serde_json::from_value(value)
            .map(Self)
            .map_err(|_| "must be an object of texts, each under the code of its item".to_owned())
    }
}

body! {
    /// Why an agreement ends.
    AgreementEnding {
        /// By the rules of which system.
        #[schema(value_type = schemas::ProfileName)]
        profile: ProfileId,
        /// The reason in words.
        #[schema(value_type = Option<schemas::LongText>)]
        reason: Text,
        /// When it ended, if earlier than now.
        occurred_at: Option<DateTime<Utc>>,
    }
}

/// Record an agreement that an organisation has signed
#[utoipa::path(
    post, path = "/organisations/{organisationId}/agreements", tag = "directory",
    operation_id = "signAgreement",
    params(
        ("organisationId" = schemas::Id, Path, description = "Who has signed it."),
        CommandHeaders,
    ),
    request_body = SignedAgreement,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn sign(
    State(service): State<Service>,
    Segments(organisation): Segments<OrganisationId>,
    command: Command<SignedAgreement>,
) -> Result<Response, ApiError> {
    let ledger = service.ledger();
    let agreement = AgreementId::generate(ledger.now(), ledger.entropy());
    let executed = administer(&service, command, |body| {
        let sign = SignAgreement {
            agreement,
            organisation,
            kind: body.kind,
            valid_from: body.valid_from,
            valid_through: body.valid_through,
            with: body.with,
            title: body.title.0,
            reference: body.reference.0,
            items: body.items.0,
            mailbox: body.mailbox.map(|mailbox| mailbox.0),
            bound_by_secrecy: body.bound_by_secrecy.unwrap_or_default(),
        };
        (body.profile, DirectoryCommand::SignAgreement(sign))
    })
    .await?;
    Ok(answer::created(&executed))
}

/// End an agreement of an organisation
#[utoipa::path(
    post, path = "/organisations/{organisationId}/agreements/{agreementId}/ending",
    tag = "directory", operation_id = "endAgreement",
    description = "It ends at once.",
    params(
        ("organisationId" = schemas::Id, Path, description = "Who has signed it."),
        ("agreementId" = schemas::Id, Path, description = "The agreement."),
        CommandHeaders,
    ),
    request_body = AgreementEnding,
    responses((status = 200, description = "It has ended.", body = Done)),
)]
pub(super) async fn end(
    State(service): State<Service>,
    Segments((organisation, agreement)): Segments<(OrganisationId, AgreementId)>,
    command: Command<AgreementEnding>,
) -> Result<Response, ApiError> {
    let executed = administer(&service, command, |body| {
        let end = EndAgreement {
            organisation,
            agreement,
            reason: body.reason.0,
            occurred_at: body.occurred_at,
        };
        (body.profile, DirectoryCommand::EndAgreement(end))
    })
    .await?;
    Ok(answer::done(&executed))
}
