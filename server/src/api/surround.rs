//! What happens around every request, in this order: its trace id, how often its address calls, who is calling and how
//! often, what they want to be given, then the handler within its time; and last, on whatever came of it, the words of a
//! problem in the caller's language, the headers of every answer, a line in the log and a figure in the metrics.
//!
//! **Invariant: the log and the metrics name the matched route, never the path or the query.**

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use ledger_core::{event::CorrelationId, ledger::Caller};
use tracing::Instrument as _;

use super::{
    client_address, correlation, documents,
    error::ApiError,
    language, negotiate, problem,
    rate_limit::{self, Allowance},
    request::Circumstances,
    service::Service,
};
use crate::{auth::SignInError, metrics::Metrics};

/// How long a request may take until its answer begins, uploads apart.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// See the module.
pub(super) async fn surround(
    State(service): State<Service>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let entropy = service.ledger().entropy();
    let correlation_id = correlation::of(request.headers(), entropy);
    let wishes = language::wished(request.headers());
    let method = request.method().as_str().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", %correlation_id, %method, %route);
    let response = answer(&service, request, &route, correlation_id, next)
        .instrument(span.clone())
        .await;
    let mut response = problem::put_into_words(response, &wishes);
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
    let mut limited = Limited::default();
    let address = client_address::of(&request, &service.config().forwarded_for_from);
    let signed_in = sign_in(service, address, request.headers(), &mut limited).await;
    let account = match &signed_in {
        Ok(Ok(caller)) => Some(caller.account),
        _ => None,
    };
    let answered = match signed_in {
        Ok(caller) => {
            request.extensions_mut().insert(Circumstances {
                correlation_id,
                caller,
            });
            within_limits(service, request, route, next).await
        }
        Err(refused) => Err(refused),
    };
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    let metrics = &service.instance().metrics;
    match (response.status(), account) {
        (StatusCode::NOT_FOUND, Some(account)) => {
            service.guessing().note(account, Instant::now(), metrics);
        }
        (StatusCode::UNAUTHORIZED, None) if !limited.token_is_invalid => {
            metrics.sign_in_missing();
        }
        _ => {}
    }
    rate_limit::announce(response.headers_mut(), &limited.allowances);
    response
}

/// What counted of a request.
#[derive(Default)]
struct Limited {
    allowances: Vec<Allowance>,
    token_is_invalid: bool,
}

impl Limited {
    /// Refuses a request of which there were too many.
    fn check(&mut self, allowance: Allowance, metrics: &Metrics) -> Result<(), ApiError> {
        self.allowances.push(allowance);
        if allowance.is_allowed {
            return Ok(());
        }
        metrics.rate_limited(allowance.limit);
        Err(ApiError::TooManyRequests {
            retry_after_seconds: allowance.next_in_seconds.into(),
        })
    }
}

/// Who is calling, if they may call just now. The address counts before a token is looked at, and a token is not looked
/// at where too many were invalid: checking costs time, and guessing should.
async fn sign_in(
    service: &Service,
    address: IpAddr,
    headers: &HeaderMap,
    limited: &mut Limited,
) -> Result<Result<Caller, SignInError>, ApiError> {
    let (limits, metrics) = (service.rate_limits(), &service.instance().metrics);
    let now = Instant::now();
    limited.check(limits.addresses.take(address, now), metrics)?;
    if headers.contains_key(AUTHORIZATION) {
        let failed = limits.failed_sign_ins.look(&address, now);
        if !failed.is_allowed {
            limited.check(failed, metrics)?;
        }
    }
    let caller = service.issuers().caller(headers).await;
    match &caller {
        Ok(caller) => limited.check(limits.accounts.take(caller.account, now), metrics)?,
        Err(SignInError::Invalid(why)) => {
            metrics.sign_in_refused(*why);
            limited.token_is_invalid = true;
            let failed = limits.failed_sign_ins.take(address, Instant::now());
            limited.allowances.push(failed);
        }
        Err(SignInError::Missing | SignInError::Unavailable) => {}
    }
    Ok(caller)
}

async fn within_limits(
    service: &Service,
    request: Request,
    route: &str,
    next: Next,
) -> Result<Response, ApiError> {
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

/// The headers of every answer.
fn protect(headers: &mut HeaderMap) {
    let fixed = [
        (API_VERSION, env!("CARGO_PKG_VERSION")),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is open to everyone and stays as it is may be kept.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    // A document has a stricter one.
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'"));
}
