//! What happens around every request, in this order: its trace id, who is calling, how often they call, what they want
//! to be given, then the handler within its time; and last, on whatever came of it, the headers of every answer, a line
//! in the log and a figure in the metrics.
//!
//! **Invariant: the log and the metrics name the matched route, never the path or the query.**

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use ledger_core::event::CorrelationId;
use tracing::Instrument as _;

use super::{
    correlation, documents, error::ApiError, negotiate, rate_limit::Allowance,
    request::Circumstances, service::Service,
};

/// How long a request may take until its answer begins, uploads apart.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// See the module.
pub(super) async fn surround(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let entropy = service.ledger().entropy();
    let correlation_id = correlation::of(request.headers(), entropy);
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", %correlation_id, %method, %route);
    let mut response = answer(&service, request, &route, correlation_id, next)
        .instrument(span.clone())
        .await;
    let headers = response.headers_mut();
    correlation::echo(headers, correlation_id, entropy);
    protect(headers);
    let status = response.status();
    let took = began.elapsed();
    let _entered = span.entered();
    tracing::info!(
        status = status.as_u16(),
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    // The class alone: `2xx`, so that the figures stay few.
    let class = format!("{}xx", status.as_u16() / 100);
    let seconds = &service.instance().metrics.request_seconds;
    seconds
        .with_label_values(&[method.as_str(), route.as_str(), class.as_str()])
        .observe(took.as_secs_f64());
    response
}

async fn answer(
    service: &Service,
    mut request: Request,
    route: &str,
    correlation_id: CorrelationId,
    next: Next,
) -> Response {
    let caller = service.issuers().caller(request.headers()).await;
    let address = request
        .extensions()
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| network_of(peer.0));
    let account = caller.as_ref().ok().map(|caller| caller.account);
    let allowance = service
        .rate_limiter()
        .take((account, address), Instant::now());
    request.extensions_mut().insert(Circumstances {
        correlation_id,
        caller,
    });
    let answered = within_limits(service, request, route, allowance, next).await;
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    announce(response.headers_mut(), allowance);
    response
}

async fn within_limits(
    service: &Service,
    request: Request,
    route: &str,
    allowance: Allowance,
    next: Next,
) -> Result<Response, ApiError> {
    if !allowance.is_allowed {
        return Err(ApiError::TooManyRequests {
            retry_after_seconds: 1,
        });
    }
    let _place = service
        .requests()
        .try_acquire()
        .map_err(|_| ApiError::Busy)?;
    negotiate::check(request.headers(), route)?;
    let within = if route == "/v1/cases/{caseId}/documents" {
        Duration::from_secs(documents::UPLOAD_SECONDS_MAX)
    } else {
        ANSWER_WITHIN
    };
    tokio::time::timeout(within, next.run(request))
        .await
        .map_err(|_| ApiError::TimedOut)
}

/// Whose address counts as one: a household or an office has a whole /64 of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(
            address.to_bits() & !u128::from(u64::MAX),
        )),
    }
}

/// How many requests are left (draft-ietf-httpapi-ratelimit-headers).
fn announce(headers: &mut HeaderMap, allowance: Allowance) {
    let Allowance {
        per_second,
        remaining,
        ..
    } = allowance;
    let value = |text: String| {
        HeaderValue::try_from(text).expect("letters, digits and quotes may stand in a header")
    };
    headers.insert(
        RATE_LIMIT_POLICY,
        value(format!("\"caller\";q={per_second};w=1")),
    );
    headers.insert(RATE_LIMIT, value(format!("\"caller\";r={remaining};t=1")));
}

/// The headers of every answer.
fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (API_VERSION, env!("CARGO_PKG_VERSION")),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A document has a stricter one.
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'"));
}
