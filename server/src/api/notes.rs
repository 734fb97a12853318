//! Notes.

use axum::{extract::State, response::Response};
use ledger_core::{case::AddNote, ids::Code, ledger::CaseCommand};

use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::{
        excerpt::{self, Notes},
        execute,
    },
    error::ApiError,
    fields::{Line, Text, body},
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, Command, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

body! {
    /// A note to write.
    NewNote {
        /// The section that it belongs to.
        #[schema(value_type = schemas::CodeWord, example = "notes")]
        section: Code,
        /// Its heading.
        #[schema(value_type = schemas::LineText, example = "Mornings")]
        title: Line,
        /// Its text.
        #[schema(value_type = Option<schemas::LongText>)]
        text: Text,
    }
}

/// Read the notes of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/notes", tag = "cases", operation_id = "readNotes",
    description = "Decided, and noted in the ledger, as a reading of the sections in which they stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The notes.", body = Notes)),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Notes>(&service, case, &asker, &wishes, &past).await
}

/// Write a note
#[utoipa::path(
    post, path = "/cases/{caseId}/notes", tag = "cases", operation_id = "addNote",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body = NewNote,
    responses((status = 201, description = "It is written.", body = Done)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    Segments(case): InCase,
    command: Command<NewNote>,
) -> Result<Response, ApiError> {
    let executed = execute(&service, case, command, |body| {
        CaseCommand::AddNote(AddNote {
            section: body.section,
            title: body.title.0,
            text: body.text.0,
        })
    })
    .await?;
    Ok(answer::created(&executed))
}
