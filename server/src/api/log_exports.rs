//! The log of cases in the formats of the field, as it is written. Each case is decided and noted by itself; whatever
//! goes wrong in the middle cuts the connection, so that nobody takes a part for the whole.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use futures::stream;
use ledger_core::{
    clock::{Span, to_micros},
    ids::{CaseId, ProfileId},
    ledger::LedgerError,
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use super::{
    as_of,
    error::ApiError,
    fields::FieldError,
    negotiate,
    open_streams::Place,
    openapi::ReadHeaders,
    request::{Asked, Asker, Segments},
    schemas,
    service::Service,
};
use crate::export::log::{Extent, LogExport, LogFormat};

/// Of which time.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PeriodQuery {
    /// Only what was recorded from this moment on.
    from: Option<DateTime<Utc>>,
    /// Only what was recorded before this moment.
    to: Option<DateTime<Utc>>,
}

/// Of which cases, and of which time.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogQuery {
    /// The system whose cases are meant; left out, those of all systems.
    #[param(value_type = Option<schemas::ProfileName>)]
    profile: Option<ProfileId>,
    /// Only what was recorded from this moment on.
    from: Option<DateTime<Utc>>,
    /// Only what was recorded before this moment.
    to: Option<DateTime<Utc>>,
}

/// The names of the formats.
struct FormatName;

impl PartialSchema for FormatName {
    fn schema() -> RefOr<Schema> {
        let names = LogFormat::ALL.iter().map(|format| format.name());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for FormatName {}

/// Export the log of a case
#[utoipa::path(
    get, path = "/cases/{caseId}/log-exports/{format}", tag = "audit", operation_id = "exportLogOfCase",
    description = "Who did and saw what, when and on what basis, in a format of the field. Names staff and organisations; \
                   holds no text of the case, but in XES what came in with an imported log goes out again. Noted in the \
                   ledger. A connection that breaks leaves no whole export.",
    params(
        ("caseId" = schemas::Id, Path, description = "The case."),
        ("format" = inline(FormatName), Path, description = "The format."),
        PeriodQuery, ReadHeaders,
    ),
    responses((
        status = 200, description = "The records, in order of time.",
        content(
            (String = "application/fhir+ndjson", example = "{\"resourceType\":\"AuditEvent\"}\n"),
            (String = "text/csv", example = "ledgerPosition,eventID\r\n41,110110\r\n"),
            (Vec<Object> = "application/json", example = json!([{ "ledgerPosition": 41, "eventID": "110110" }])),
            (String = "application/x-ndjson", example = "{\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}\n"),
            (Object = "application/ld+json", example = json!({ "@context": {}, "@graph": [] })),
            (String = "application/xml", example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1849.2016\"/>\n"),
        ),
    )),
)]
pub(super) async fn of_case(
    State(service): State<Service>,
    Segments((case, format)): Segments<(CaseId, String)>,
    Asked(query): Asked<PeriodQuery>,
    headers: HeaderMap,
    asker: Asker,
) -> Result<Response, ApiError> {
    let period = period(query.from, query.to)?;
    export(
        &service,
        &headers,
        asker,
        &format,
        Extent::Case(case),
        period,
    )
    .await
}

/// Export the log of many cases
#[utoipa::path(
    get, path = "/log-exports/{format}", tag = "audit", operation_id = "exportLog",
    description = "Of a system, or of the whole tenant. Each case is decided and noted in the ledger by itself, just before \
                   it is sent; cases whose log the caller may not have are left out. A connection that breaks leaves no \
                   whole export.",
    params(
        ("format" = inline(FormatName), Path, description = "The format."),
        LogQuery, ReadHeaders,
    ),
    responses((
        status = 200, description = "The records, case by case.",
        content(
            (String = "application/fhir+ndjson", example = "{\"resourceType\":\"AuditEvent\"}\n"),
            (String = "text/csv", example = "ledgerPosition,eventID\r\n41,110110\r\n"),
            (Vec<Object> = "application/json", example = json!([{ "ledgerPosition": 41, "eventID": "110110" }])),
            (String = "application/x-ndjson", example = "{\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}\n"),
            (Object = "application/ld+json", example = json!({ "@context": {}, "@graph": [] })),
            (String = "application/xml", example = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1849.2016\"/>\n"),
        ),
    )),
)]
pub(super) async fn of_many(
    State(service): State<Service>,
    Segments(format): Segments<String>,
    Asked(query): Asked<LogQuery>,
    headers: HeaderMap,
    asker: Asker,
) -> Result<Response, ApiError> {
    let period = period(query.from, query.to)?;
    let extent = query.profile.map_or(Extent::Tenant, Extent::System);
    export(&service, &headers, asker, &format, extent, period).await
}

async fn export(
    service: &Service,
    headers: &HeaderMap,
    asker: Asker,
    format: &str,
    extent: Extent,
    period: Span,
) -> Result<Response, ApiError> {
    let format = LogFormat::named(format).ok_or(LedgerError::NotFound)?;
    let media_type = format.media_type();
    negotiate::check_for(headers, media_type)?;
    let Asker { caller, occasion } = asker;
    let place = service.open_streams().take_place(caller.account)?;
    let ledger = service.ledger().clone();
    let export = LogExport::begin(ledger, caller, occasion, format, extent, period).await?;
    let mut sending = Sending {
        export,
        closing: service.closing().clone(),
        _place: place,
    };
    // The first piece is made before anything is answered, so that a refusal is still told as a problem.
    let first = sending.export.next().await?;
    let disposition = format!("attachment; filename=\"log.{}\"", format.file_extension());
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (
            CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    Ok((headers, pieces(first, sending)).into_response())
}

/// An export that is being sent, and what it holds meanwhile.
struct Sending {
    export: LogExport,
    closing: CancellationToken,
    _place: Place,
}

/// Why an export was cut off.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the service is about to stop")]
    Closing,
}

impl Sending {
    /// The next piece that has anything in it.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Cut> {
        loop {
            let piece = tokio::select! {
                () = self.closing.cancelled() => return Err(Cut::Closing),
                piece = self.export.next() => piece?,
            };
            match piece {
                Some(piece) if piece.is_empty() => {}
                piece => return Ok(piece),
            }
        }
    }
}

fn pieces(first: Option<Vec<u8>>, sending: Sending) -> Body {
    let span = tracing::Span::current();
    let begun = first.filter(|piece| !piece.is_empty());
    let rest = stream::try_unfold((begun, sending), move |(ready, mut sending)| {
        let span = span.clone();
        async move {
            let piece = match ready {
                Some(piece) => Some(piece),
                None => sending.next().await.inspect_err(note_the_cut)?,
            };
            Ok::<_, Cut>(piece.map(|piece| (Bytes::from(piece), (None, sending))))
        }
        .instrument(span)
    });
    Body::from_stream(rest)
}

fn note_the_cut(error: &Cut) {
    tracing::warn!(%error, "an export of the log was cut off");
}

fn period(from: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Result<Span, ApiError> {
    let period = Span {
        from: as_of::moment("from", from)?.map(to_micros),
        until: as_of::moment("to", until)?.map(to_micros),
    };
    match (period.from, period.until) {
        (Some(from), Some(until)) if from >= until => {
            let message = "must lie after `from`; it is not part of the period itself";
            Err(ApiError::Fields(vec![FieldError::new("to", message)]))
        }
        _ => Ok(period),
    }
}
