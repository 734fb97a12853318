//! Documents: taken in and handed out piece by piece, never whole in memory.

mod format;
mod pdf;
mod upload;

use axum::{
    body::Body,
    extract::State,
    http::{
        HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use futures::stream;
use ledger_core::{
    ids::{CaseId, DocumentId},
    ledger::{Download, LedgerError},
};
use tracing::Instrument as _;

pub(super) use self::upload::UPLOAD_SECONDS_MAX;
use self::upload::{DocumentUpload, UploadDescription};
use super::{
    answer::{self, Done},
    as_of::PastQuery,
    cases::excerpt::{self, Documents},
    error::ApiError,
    openapi::{CommandHeaders, ReadHeaders},
    request::{Asked, Asker, InCase, Segments},
    schemas,
    service::Service,
};
use crate::words::Wishes;

/// List the documents of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/documents", tag = "cases", operation_id = "readDocuments",
    description = "Without their bodies. Decided, and noted in the ledger, as a reading of the sections in which they \
                   stand alone.",
    params(("caseId" = schemas::Id, Path, description = "The case."), PastQuery, ReadHeaders),
    responses((status = 200, description = "The documents.", body = Documents)),
)]
pub(super) async fn list(
    State(service): State<Service>,
    Segments(case): InCase,
    Asked(past): Asked<PastQuery>,
    asker: Asker,
    wishes: Wishes,
) -> Result<Response, ApiError> {
    excerpt::read::<Documents>(&service, case, &asker, &wishes, &past).await
}

/// File a document
#[utoipa::path(
    post, path = "/cases/{caseId}/documents", tag = "cases", operation_id = "addDocument",
    description = "Two parts, in this order: `metadata` as JSON, then `file`. What kind of file it is is told by its \
                   bytes; PDF, PNG, JPEG and plain text in UTF-8 are kept. A media type that is declared for the file \
                   must be that of its bytes. A PDF that names a script, a program to start, another file within it \
                   and the like is refused.",
    params(("caseId" = schemas::Id, Path, description = "The case."), CommandHeaders),
    request_body(content = UploadDescription, content_type = "multipart/form-data"),
    responses((status = 201, description = "It is filed.", body = Done)),
)]
pub(super) async fn add(
    State(service): State<Service>,
    Segments(case): InCase,
    upload: DocumentUpload,
) -> Result<Response, ApiError> {
    let ledger = service.ledger().clone();
    let bytes_max = service.config().document_bytes_max as u64;
    // Goes on when the client has gone, so that what was stored of half a body is taken away again.
    let work = upload.take_in(ledger, case, bytes_max);
    let executed = service.to_its_end(work.in_current_span()).await?;
    Ok(answer::created(&executed))
}

/// Fetch a document
#[utoipa::path(
    get, path = "/cases/{caseId}/documents/{documentId}", tag = "cases", operation_id = "readDocument",
    description = "While it is handed out it is decided again every few seconds. If the permission ends, so does the \
                   connection: a body shorter than Content-Length is not the document.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("documentId" = schemas::Id, Path, description = "The document."),
        ReadHeaders,
    ),
    responses(
        (status = 200, description = "The document.", content(
            (String = "application/pdf"),
            (String = "image/png"),
            (String = "image/jpeg"),
            (String = "text/plain", example = "Minutes of the first meeting"),
        )),
    ),
)]
pub(super) async fn read(
    State(service): State<Service>,
    Segments((case, document)): Segments<(CaseId, DocumentId)>,
    asker: Asker,
) -> Result<Response, ApiError> {
    let Asker { caller, occasion } = &asker;
    let mut download = service
        .ledger()
        .download(caller, case, document, occasion)
        .await?;
    let media_type = format::media_type(&download.format);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (CONTENT_LENGTH, download.size_bytes.into()),
        (
            CONTENT_DISPOSITION,
            attachment(download.file_name.as_deref()),
        ),
        // Whatever opens it in place after all lets nothing in it run.
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; sandbox"),
        ),
    ];
    // The first piece is opened before anything is answered, so that damage is still told as a problem.
    let first = download.next().await?;
    Ok((headers, pieces(first, download)).into_response())
}

/// The body: an error in the middle cuts the connection, so that nobody takes a part for the whole.
fn pieces(first: Option<Vec<u8>>, download: Download) -> Body {
    let span = tracing::Span::current();
    let rest = stream::try_unfold((first, download), move |(ready, mut download)| {
        let span = span.clone();
        async move {
            let piece = match ready {
                Some(piece) => Some(piece),
                None => download.next().await.inspect_err(note_the_cut)?,
            };
            Ok::<_, LedgerError>(piece.map(|piece| (piece, (None, download))))
        }
        .instrument(span)
    });
    Body::from_stream(rest)
}

fn note_the_cut(error: &LedgerError) {
    tracing::warn!(%error, "a download was cut off");
}

/// `attachment` with the file's name, in ASCII for old clients and whole for the others (RFC 6266 §4.3, RFC 8187).
fn attachment(file_name: Option<&str>) -> HeaderValue {
    use std::fmt::Write as _;
    let Some(name) = file_name else {
        return HeaderValue::from_static("attachment");
    };
    let plain: String = name
        .chars()
        .map(|c| match c {
            ' '..='~' if !matches!(c, '"' | '\\' | '%' | '/') => c,
            _ => '_',
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_name_and_nothing_else_gets_into_the_header() {
        assert_eq!(
            attachment(Some("møte \"3\".pdf")),
            "attachment; filename=\"m_te _3_.pdf\"; filename*=UTF-8''m%C3%B8te%20%223%22.pdf"
        );
        assert_eq!(
            attachment(Some("a\r\nSet-Cookie: b")),
            "attachment; filename=\"a__Set-Cookie: b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b"
        );
        assert_eq!(attachment(None), "attachment");
    }
}
