//! Handing over data on a referral: prepared, sent, password conveyed, received, packed copy destroyed.

mod persons;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use ledger_core::{
    case::{ConcludeSending, ConfirmReceipt, ConveyPassword, SendingOutcome},
    ids::{CaseId, Code, ReferralId, TransmissionId},
    ledger::CaseCommand,
    profile::Language,
};
use serde::Serialize;
use utoipa::ToSchema;

use self::persons::{PersonFields, Persons};
use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{FieldError, NoBody, Text, body},
    openapi::CommandHeaders,
    request::{Command, Segments},
    schemas,
    service::Service,
};
use crate::transmission::{self, Order, PrepareError, SendError, SevenZip};

body! {
    /// Whose data are handed over, and which: how to reach them, and nothing else.
    NewTransmission {
        /// The persons, each a party that has consented.
        #[schema(value_type = Vec<PersonFields>)]
        persons: Persons,
        /// In which language the family reads its print; left out for that of the system.
        #[schema(value_type = Option<String>, example = "en")]
        print_language: Option<String>,
    }
}

body! {
    /// A sending.
    NewSending {
        /// Whether to send although nothing is known of the sending before; the file may then arrive twice, under one
        /// Message-ID.
        #[schema(required = false)]
        again: Option<bool>,
    }
}

body! {
    /// By which way the password went; never the password.
    ConveyedPassword {
        /// Which of the profile's channels; never the one by which the file goes.
        #[schema(value_type = schemas::CodeWord, example = "sms")]
        channel: Code,
        /// A remark, such as to whom.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

body! {
    /// That the receiver has confirmed.
    Receipt {
        /// A remark, such as who confirmed it.
        #[schema(value_type = Option<schemas::LongText>)]
        remark: Text,
    }
}

/// What was prepared.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PreparedTransmission {
    /// What was recorded.
    #[serde(flatten)]
    done: Done,
    /// The password of the packed file. It is shown this once and kept nowhere; a repeated request shows it no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "h7kp-2mwx-qd4t-9vfb-a3nc-zr6e-8ysu")]
    password: Option<String>,
}

/// What became of a sending.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SendingDone {
    /// What was recorded last.
    #[serde(flatten)]
    done: Done,
    /// `sent`, `failed`, or `repeated` where the same request was carried out before; read the referral then.
    #[schema(example = "sent")]
    outcome: &'static str,
    /// Why it failed, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the mail server refused the message for now, with code 451")]
    why: Option<String>,
}

/// Fill in and pack what is handed over on a referral
#[utoipa::path(
    post, path = "/cases/{caseId}/referrals/{referralId}/transmissions", tag = "cases",
    operation_id = "prepareTransmission",
    description = "Files the form and a print for the family as documents of the case, and keeps a packed copy of the \
                   form (7z, AES-256) under a key of its own. Consent and agreements must be in force. Nothing leaves.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("referralId" = schemas::Id, Path, description = "The referral."),
        CommandHeaders,
    ),
    request_body = NewTransmission,
    responses((status = 201, description = "It is prepared.", body = PreparedTransmission)),
)]
pub(super) async fn prepare(
    State(service): State<Service>,
    Segments((case, referral)): Segments<(CaseId, ReferralId)>,
    command: Command<NewTransmission>,
) -> Result<Response, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let print_language = body.print_language.as_deref().map(language).transpose()?;
    let order = Order {
        case,
        referral,
        persons: body.persons.0,
        print_language,
    };
    let ledger = service.ledger().clone();
    let prepared = service
        .to_its_end(async move {
            let packer = std::sync::Arc::new(SevenZip);
            transmission::prepare(&ledger, packer, &caller, order, &occasion).await
        })
        .await?;
    let body = PreparedTransmission {
        done: Done::of(&prepared.executed),
        password: prepared
            .password
            .map(|password| password.expose().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Send what was prepared
#[utoipa::path(
    post, path = "/cases/{caseId}/transmissions/{transmissionId}/sending", tag = "cases",
    operation_id = "sendTransmission",
    description = "To the mailbox that the agreement with the receiver names, and to no other. It is recorded before the \
                   mail leaves, if consent and agreements are in force then, and again after it. A failure is an outcome, \
                   and can be sent again under the same Message-ID.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("transmissionId" = schemas::Id, Path, description = "The transmission."),
        CommandHeaders,
    ),
    request_body = NewSending,
    responses((status = 200, description = "It was tried.", body = SendingDone)),
)]
pub(super) async fn send(
    State(service): State<Service>,
    Segments((case, transmission)): Segments<(CaseId, TransmissionId)>,
    command: Command<NewSending>,
) -> Result<Response, ApiError> {
    let Command {
        caller,
        occasion,
        body,
    } = command;
    let post = service.post().cloned().ok_or(ApiError::NoMailServer)?;
    let ledger = service.ledger().clone();
    let what = (case, transmission, body.again.unwrap_or_default());
    let outcome = service
        .to_its_end(
            async move { transmission::send(&ledger, &*post, &caller, what, &occasion).await },
        )
        .await?;
    let body = SendingDone {
        done: Done::of(&outcome.executed),
        outcome: match &outcome.failure {
            _ if outcome.repeated => "repeated",
            Some(_) => "failed",
            None => "sent",
        },
        why: outcome.failure.map(|failure| failure.to_string()),
    };
    Ok((StatusCode::OK, Json(body)).into_response())
}

/// Record that something was sent of which the ledger does not know
#[utoipa::path(
    post, path = "/cases/{caseId}/transmissions/{transmissionId}/sent", tag = "cases",
    operation_id = "recordSent",
    description = "For a sending that was begun and of which nothing more is known, or that seemed to have failed: ask the \
                   receiver first.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("transmissionId" = schemas::Id, Path, description = "The transmission."),
        CommandHeaders,
    ),
    responses((status = 200, description = "It is recorded.", body = Done)),
)]
pub(super) async fn record_sent(
    State(service): State<Service>,
    Segments((case, transmission)): Segments<(CaseId, TransmissionId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |_| {
        CaseCommand::ConcludeSending(ConcludeSending {
            transmission,
            sending: None,
            outcome: SendingOutcome::FoundSent,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Record that the receiver was told the password
#[utoipa::path(
    post, path = "/cases/{caseId}/transmissions/{transmissionId}/password", tag = "cases",
    operation_id = "conveyPassword",
    description = "By another way than that of the file.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("transmissionId" = schemas::Id, Path, description = "The transmission."),
        CommandHeaders,
    ),
    request_body = ConveyedPassword,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn convey_password(
    State(service): State<Service>,
    Segments((case, transmission)): Segments<(CaseId, TransmissionId)>,
    command: Command<ConveyedPassword>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::ConveyPassword(ConveyPassword {
            transmission,
            channel: body.channel,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Record that the receiver has confirmed
#[utoipa::path(
    post, path = "/cases/{caseId}/transmissions/{transmissionId}/receipt", tag = "cases",
    operation_id = "confirmReceipt",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("transmissionId" = schemas::Id, Path, description = "The transmission."),
        CommandHeaders,
    ),
    request_body = Receipt,
    responses((status = 201, description = "It is recorded.", body = Done)),
)]
pub(super) async fn confirm_receipt(
    State(service): State<Service>,
    Segments((case, transmission)): Segments<(CaseId, TransmissionId)>,
    command: Command<Receipt>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::ConfirmReceipt(ConfirmReceipt {
            transmission,
            remark: body.remark.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}

/// Destroy the packed copy of what was handed over
#[utoipa::path(
    post, path = "/cases/{caseId}/transmissions/{transmissionId}/destruction", tag = "cases",
    operation_id = "destroyWorkingCopy",
    description = "Its key is destroyed, and the copy deleted. The form and the print stay in the case.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("transmissionId" = schemas::Id, Path, description = "The transmission."),
        CommandHeaders,
    ),
    responses((status = 200, description = "It is destroyed.", body = Done)),
)]
pub(super) async fn destroy(
    State(service): State<Service>,
    Segments((case, transmission)): Segments<(CaseId, TransmissionId)>,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let Command {
        caller, occasion, ..
    } = command;
    let ledger = service.ledger().clone();
    let executed = service
        .to_its_end(async move {
            ledger
                .destroy_working_copy(&caller, case, transmission, &occasion)
                .await
        })
        .await?;
    Ok(answer::done(&executed))
}

fn language(tag: &str) -> Result<Language, ApiError> {
    let mut known = Language::ALL.into_iter();
    known.find(|known| known.code() == tag).ok_or_else(|| {
        let known: Vec<&str> = Language::ALL.iter().map(|known| known.code()).collect();
        let message = format!(
            "is no language that is known here; it has {}",
            known.join(", ")
        );
        ApiError::Fields(vec![FieldError::new("printLanguage", message)])
    })
}

impl From<SendError> for ApiError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Ledger(error) => Self::Ledger(error),
        }
    }
}

impl From<PrepareError> for ApiError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Ledger(error) => Self::Ledger(error),
            // What is printed comes from these fields alone; the rule book's own words are checked with it.
            PrepareError::Sheet(error) => {
                Self::Fields(vec![FieldError::new("persons", error.to_string())])
            }
            PrepareError::Pack(_) | PrepareError::CutOff => Self::Internal,
        }
    }
}
