//! A document that comes in as `multipart/form-data` (RFC 7578): what is said about it, then its bytes.

use std::{sync::Arc, time::Duration};

use aws_lc_rs::digest::{Context, SHA256};
use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts as _, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::StatusCode,
};
use ledger_core::{
    ids::{CaseId, Code},
    ledger::{Caller, DocumentDescription, Executed, Ledger, Occasion, Repeatable, Upload},
    sealing::DOCUMENT_BYTES_MAX,
};
use tokio::time::timeout;

use super::{
    format::{self, Format, TextCheck},
    pdf::PdfCheck,
};
use crate::api::{
    error::ApiError,
    fields::{self, Line, body},
    request::{self, Asker},
    schemas,
    service::Service,
};

/// What a multipart body may be larger than its document: boundaries, headers, the metadata.
const AROUND_BYTES_MAX: usize = 64 * 1024;
/// The longest metadata.
const METADATA_BYTES_MAX: usize = 16 * 1024;
/// How much of a declared media type is looked at.
const DECLARED_CHARS_MAX: usize = 100;
/// What a text turns out to be that is none.
const NO_TEXT: &str = "no text in UTF-8";
/// How long the next bytes may take.
const NEXT_BYTES_WITHIN: Duration = Duration::from_secs(30);
/// How long a whole document may take: 25 MiB at a slow 0.5 Mbit/s.
pub(in crate::api) const UPLOAD_SECONDS_MAX: u64 = 600;

body! {
    /// What is said about a document.
    Metadata {
        /// The section that it belongs to.
        #[schema(value_type = schemas::CodeWord, example = "documents")]
        section: Code,
        /// Its heading.
        #[schema(value_type = schemas::LineText, example = "Minutes of the first meeting")]
        title: Line,
        /// The name of the file.
        #[schema(value_type = schemas::LineText, example = "minutes.pdf")]
        file_name: Line,
    }
}

/// A document with what is said about it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
pub(in crate::api) struct UploadDescription {
    /// What is said about it; must come first.
    metadata: Metadata,
    /// Its bytes.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// A document about to come in.
pub(in crate::api) struct DocumentUpload {
    caller: Caller,
    occasion: Occasion,
    key: String,
    asked: String,
    parts: Multipart,
}

impl FromRequest<Service> for DocumentUpload {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Service) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Asker {
            caller,
            mut occasion,
        } = Asker::from_request_parts(&mut parts, service).await?;
        let key = request::idempotency_key(&parts.headers)?;
        occasion.case_version = request::if_match(&parts.headers)?;
        let asked = request::what_is_asked(&parts);
        let mut request = Request::from_parts(parts, body);
        let bytes_max = service.config().document_bytes_max + AROUND_BYTES_MAX;
        DefaultBodyLimit::max(bytes_max).apply(&mut request);
        let parts = Multipart::from_request(request, service)
            .await
            .map_err(|_| ApiError::UnsupportedMediaType {
                accepted: "multipart/form-data",
            })?;
        Ok(Self {
            caller,
            occasion,
            key,
            asked,
            parts,
        })
    }
}

impl DocumentUpload {
    /// Takes the document in and files it.
    pub(in crate::api) async fn take_in(
        self,
        ledger: Arc<Ledger>,
        case: CaseId,
        bytes_max: u64,
    ) -> Result<Executed, ApiError> {
        let Self {
            caller,
            mut occasion,
            key,
            asked,
            mut parts,
        } = self;
        let bytes_max = bytes_max.min(DOCUMENT_BYTES_MAX);
        let said = metadata(&mut parts).await?;
        let metadata: Metadata = fields::read(&said)?;
        let mut file = next_part(&mut parts, "file", "the second part must be `file`").await?;
        let section = metadata.section.clone();
        let mut upload = ledger
            .upload(&caller, case, section, bytes_max, &occasion)
            .await?;
        let taken = take_file(&mut file, &mut upload, bytes_max).await;
        drop(file);
        let taken = match taken {
            Ok(taken) => no_more(&mut parts).await.map(|()| taken),
            Err(error) => Err(error),
        };
        let (format, digest) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                upload.discard().await?;
                return Err(error);
            }
        };
        occasion.repeatable = Some(Repeatable {
            key,
            request: [asked.as_bytes(), &said, digest.as_ref()].concat(),
        });
        let description = DocumentDescription {
            section: metadata.section,
            format: format.code(),
            title: metadata.title.0,
            file_name: metadata.file_name.0,
        };
        Ok(upload.finish(description, &occasion).await?)
    }
}

/// Takes in the bytes of the file; its format and its SHA-256.
async fn take_file(
    file: &mut Field<'_>,
    upload: &mut Upload,
    bytes_max: u64,
) -> Result<(Format, aws_lc_rs::digest::Digest), ApiError> {
    let unsupported = |found| ApiError::UnsupportedFormat {
        accepted: format::ACCEPTED,
        found,
    };
    let declared = declared(file);
    let mut head = Vec::new();
    while head.len() < format::HEAD_BYTES {
        match next_bytes(file, bytes_max).await? {
            Some(bytes) => head.extend_from_slice(&bytes),
            None => break,
        }
    }
    let format = Format::of(&head).map_err(unsupported)?;
    if let Some(declared) = declared.filter(|declared| !format.is_called(declared)) {
        return Err(ApiError::FormatDiffers {
            declared,
            found: format::media_type(&format.code()),
        });
    }
    let mut text = (format == Format::Text).then(TextCheck::default);
    let mut pdf = (format == Format::Pdf).then(PdfCheck::default);
    let active = |what| ApiError::ActiveContent { what };
    let mut digest = Context::new(&SHA256);
    let mut taken: u64 = 0;
    let mut next = Some(Bytes::from(head));
    while let Some(bytes) = next {
        taken += bytes.len() as u64;
        if taken > bytes_max {
            return Err(ApiError::BodyTooLarge { bytes_max });
        }
        if text.as_mut().is_some_and(|text| !text.take(&bytes)) {
            return Err(unsupported(NO_TEXT));
        }
        if let Some(what) = pdf.as_mut().and_then(|pdf| pdf.take(&bytes)) {
            return Err(active(what));
        }
        digest.update(&bytes);
        upload.write(&bytes).await?;
        next = next_bytes(file, bytes_max).await?;
    }
    if text.is_some_and(|text| !text.is_whole()) {
        return Err(unsupported(NO_TEXT));
    }
    if let Some(what) = pdf.and_then(|mut pdf| pdf.end()) {
        return Err(active(what));
    }
    Ok((format, digest.finish()))
}

/// The media type that the client has declared for the file, without its parameters; nothing, if it only says that
/// there are bytes.
fn declared(file: &Field<'_>) -> Option<String> {
    let media_type = file.content_type()?.split(';').next()?;
    let media_type = media_type.trim().to_ascii_lowercase();
    let says_something = !media_type.is_empty() && media_type != "application/octet-stream";
    // It stands in an answer.
    says_something.then(|| media_type.chars().take(DECLARED_CHARS_MAX).collect())
}

async fn metadata(parts: &mut Multipart) -> Result<Vec<u8>, ApiError> {
    let bytes_max = METADATA_BYTES_MAX as u64;
    let mut part = next_part(parts, "metadata", "the first part must be `metadata`").await?;
    let mut said = Vec::new();
    while let Some(bytes) = next_bytes(&mut part, bytes_max).await? {
        said.extend_from_slice(&bytes);
        if said.len() > METADATA_BYTES_MAX {
            return Err(ApiError::BodyTooLarge { bytes_max });
        }
    }
    Ok(said)
}

async fn next_part<'a>(
    parts: &'a mut Multipart,
    name: &str,
    expected: &'static str,
) -> Result<Field<'a>, ApiError> {
    let next = timeout(NEXT_BYTES_WITHIN, parts.next_field()).await;
    let part = next
        .map_err(|_| ApiError::BodyInterrupted)?
        .map_err(|error| interrupted(&error, 0))?;
    part.filter(|part| part.name() == Some(name))
        .ok_or(ApiError::Multipart(expected))
}

async fn no_more(parts: &mut Multipart) -> Result<(), ApiError> {
    let next = timeout(NEXT_BYTES_WITHIN, parts.next_field()).await;
    match next.map_err(|_| ApiError::BodyInterrupted)? {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(ApiError::Multipart(
            "there are two parts, `metadata` and `file`, and nothing after them",
        )),
        Err(error) => Err(interrupted(&error, 0)),
    }
}

async fn next_bytes(part: &mut Field<'_>, bytes_max: u64) -> Result<Option<Bytes>, ApiError> {
    let next = timeout(NEXT_BYTES_WITHIN, part.chunk()).await;
    next.map_err(|_| ApiError::BodyInterrupted)?
        .map_err(|error| interrupted(&error, bytes_max))
}

fn interrupted(error: &MultipartError, bytes_max: u64) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::BodyTooLarge { bytes_max },
        _ => ApiError::BodyInterrupted,
    }
}
