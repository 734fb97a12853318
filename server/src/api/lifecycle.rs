//! The end of a case: closed, archived, erased. Each demands the version that was seen (`If-Match`), because what was
//! added in between might speak against it.

use axum::{extract::State, response::Response};
use ledger_core::{
    case::{ArchiveCase, CloseCase},
    ids::Code,
    ledger::CaseCommand,
};

use super::{
    answer::{self, Done},
    cases::execute,
    error::ApiError,
    fields::{Line, NoBody, Text, body},
    openapi::EndingHeaders,
    request::{Command, InCase, Segments},
    schemas,
    service::Service,
};

body! {
    /// How a case ends.
    Closing {
        /// Which of the profile's reasons.
        #[schema(value_type = schemas::CodeWord, example = "thrives")]
        reason: Code,
        /// How it ended, in words.
        #[schema(value_type = Option<schemas::LongText>)]
        summary: Text,
    }
}

body! {
    /// What the archive answered.
    Archiving {
        /// The archive's own reference or receipt.
        #[schema(value_type = schemas::LineText, example = "IKA 2026/1187")]
        reference: Line,
    }
}

/// Close a case
#[utoipa::path(
    post, path = "/cases/{caseId}/closing", tag = "lifecycle", operation_id = "closeCase",
    params(("caseId" = schemas::Id, Path, description = "The case."), EndingHeaders),
    request_body = Closing,
    responses((status = 200, description = "It is closed.", body = Done)),
)]
pub(super) async fn close(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Closing>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command.with_version()?, |body| {
        CaseCommand::Close(CloseCase {
            reason: body.reason,
            summary: body.summary.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Record that the archive has confirmed the newest package
#[utoipa::path(
    post, path = "/cases/{caseId}/archiving", tag = "lifecycle", operation_id = "archiveCase",
    params(("caseId" = schemas::Id, Path, description = "The case."), EndingHeaders),
    request_body = Archiving,
    responses((status = 200, description = "It is archived.", body = Done)),
)]
pub(super) async fn archive(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<Archiving>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command.with_version()?, |body| {
        CaseCommand::Archive(ArchiveCase {
            reference: body.reference.0,
        })
    })
    .await?;
    Ok(answer::done(&executed))
}

/// Erase an archived case
#[utoipa::path(
    post, path = "/cases/{caseId}/erasure", tag = "lifecycle", operation_id = "eraseCase",
    description = "Destroys its keys, contents and documents. The answer is the certificate; it says from when on no \
                   backup can hold them either. After a failure, ask for it again: it goes on where it stopped.",
    params(("caseId" = schemas::Id, Path, description = "The case."), EndingHeaders),
    responses((status = 200, description = "It is erased.", body = Done)),
)]
pub(super) async fn erase(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NoBody>,
) -> Result<Response, ApiError> {
    let Command {
        caller, occasion, ..
    } = command.with_version()?;
    let ledger = service.ledger().clone();
    let erased = service
        .to_its_end(async move { ledger.erase(&caller, case, &occasion).await })
        .await?;
    Ok(answer::done(&erased.certificate))
}
