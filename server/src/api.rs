//! The HTTP API. This page is the whole route table; a resource's handlers stand in the file of its name.
//!
//! A handler reads what is asked, calls the ledger and shapes the answer. Who may do what is decided in the ledger; how
//! failures look stands in [`problem`]; what happens around every request in [`surround`].

mod access_intervals;
mod accounts;
mod agreements;
mod answer;
mod as_of;
mod audit;
mod baton;
mod candidates;
mod cases;
mod changes;
mod clearances;
mod client_address;
mod closing_agreements;
mod cloud_events;
mod connection;
mod consents;
mod corrections;
mod correlation;
mod course;
mod dead_letters;
mod dev_tokens;
mod documents;
mod due;
mod emergencies;
mod error;
mod events;
mod fields;
mod guessing;
mod health;
mod holds;
mod information;
mod language;
mod ledger;
mod lifecycle;
mod listen;
mod log_exports;
mod measures;
mod meetings;
mod negotiate;
mod notes;
mod numbers;
mod open_streams;
mod openapi;
mod organisation_agreements;
mod organisations;
mod own_contact;
mod parties;
mod problem;
mod profiles;
mod rate_limit;
mod read_models;
mod redactions;
mod referrals;
mod request;
mod rounds;
mod schemas;
mod service;
mod services;
mod statuses;
mod surround;
mod tenants;
mod timeline;
mod tlog;
mod transmissions;
mod webhooks;

use std::{any::Any, future::Future, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    http::header::ACCESS_CONTROL_ALLOW_ORIGIN,
    middleware,
    response::{IntoResponse as _, Response},
    routing::get,
};
use tokio::{net::TcpListener, task::JoinSet, time::timeout_at};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{error::ApiError, listen::Limits, service::Service};
use crate::{instance::Instance, notify::Subscriber};

/// Every operation, below `/v1`.
#[expect(clippy::too_many_lines, reason = "the whole route table on one page")]
fn operations() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::frame())
        // Before the sign-in.
        .routes(routes!(tenants::list))
        // Organisations, accounts, rules.
        .routes(routes!(organisations::register))
        .routes(routes!(organisation_agreements::sign))
        .routes(routes!(organisation_agreements::end))
        .routes(routes!(accounts::activate))
        .routes(routes!(accounts::deactivate))
        .routes(routes!(accounts::assign_role))
        .routes(routes!(accounts::end_role))
        // Messages to people and programs.
        .routes(routes!(own_contact::read))
        .routes(routes!(own_contact::set))
        .routes(routes!(own_contact::set_preferences))
        .routes(routes!(webhooks::add, webhooks::list))
        .routes(routes!(webhooks::remove))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::retry))
        // Rules.
        .routes(routes!(profiles::adopt))
        .routes(routes!(profiles::read))
        .routes(routes!(due::agreements))
        .routes(routes!(numbers::read))
        // Cases.
        .routes(routes!(clearances::clear))
        .routes(routes!(cases::open, cases::list))
        .routes(routes!(cases::search))
        .routes(routes!(cases::read))
        .routes(routes!(cases::print))
        .routes(routes!(timeline::read))
        .routes(routes!(events::follow))
        .routes(routes!(due::list))
        // Who takes part in them.
        .routes(routes!(parties::add, parties::read))
        .routes(routes!(parties::remove))
        .routes(routes!(parties::assign_task))
        .routes(routes!(parties::come_of_age))
        .routes(routes!(services::add, services::read))
        .routes(routes!(services::remove))
        .routes(routes!(baton::offer))
        .routes(routes!(baton::accept))
        .routes(routes!(baton::decline))
        .routes(routes!(information::record))
        .routes(routes!(consents::give, consents::read))
        .routes(routes!(consents::withdraw))
        .routes(routes!(consents::decline))
        .routes(routes!(consents::invalidate))
        .routes(routes!(changes::record))
        .routes(routes!(rounds::open, rounds::read))
        .routes(routes!(rounds::end))
        .routes(routes!(rounds::invite))
        .routes(routes!(rounds::confirm))
        .routes(routes!(rounds::revoke))
        .routes(routes!(rounds::accept))
        // What is planned, done and written in them.
        .routes(routes!(measures::plan, measures::read))
        .routes(routes!(measures::begin))
        .routes(routes!(measures::change))
        .routes(routes!(measures::evaluate))
        .routes(routes!(measures::end))
        .routes(routes!(meetings::plan, meetings::read))
        .routes(routes!(meetings::move_to))
        .routes(routes!(meetings::hold))
        .routes(routes!(meetings::cancel))
        .routes(routes!(agreements::make, agreements::read))
        .routes(routes!(agreements::settle))
        .routes(routes!(referrals::make, referrals::read))
        .routes(routes!(transmissions::prepare))
        .routes(routes!(transmissions::send))
        .routes(routes!(transmissions::record_sent))
        .routes(routes!(transmissions::convey_password))
        .routes(routes!(transmissions::confirm_receipt))
        .routes(routes!(transmissions::destroy))
        .routes(routes!(notes::add, notes::read))
        .routes(routes!(documents::add, documents::list))
        .routes(routes!(documents::read))
        .routes(routes!(corrections::correct))
        .routes(routes!(redactions::redact))
        // Emergencies.
        .routes(routes!(emergencies::break_glass))
        .routes(routes!(emergencies::mend_glass))
        // Their course and their end.
        .routes(routes!(statuses::change))
        .routes(routes!(course::rest))
        .routes(routes!(course::resume))
        .routes(routes!(course::reopen))
        .routes(routes!(holds::place))
        .routes(routes!(holds::lift))
        .routes(routes!(closing_agreements::agree))
        .routes(routes!(closing_agreements::take_back))
        .routes(routes!(lifecycle::close))
        .routes(routes!(lifecycle::archive))
        .routes(routes!(lifecycle::erase))
        // An auditor's questions.
        .routes(routes!(audit::saw::of_case))
        .routes(routes!(audit::could::of_case))
        .routes(routes!(audit::intervals::of_case))
        .routes(routes!(audit::hindsight::of_case))
        .routes(routes!(audit::exposure::of_case))
        .routes(routes!(audit::exposure::of_system))
        .routes(routes!(audit::knew::of_case))
        .routes(routes!(audit::changed::of_case))
        .routes(routes!(audit::emergencies::of_case))
        .routes(routes!(audit::why::of_event))
        .routes(routes!(audit::own::of_case))
        .routes(routes!(audit::unusual::of_system))
        .routes(routes!(audit::person::saw))
        .routes(routes!(audit::person::changed))
        .routes(routes!(access_intervals::read))
        .routes(routes!(log_exports::of_case))
        .routes(routes!(log_exports::of_many))
        // Proofs, open to everyone.
        .routes(routes!(ledger::head))
        .routes(routes!(ledger::keys))
        .routes(routes!(ledger::receipt))
        .routes(routes!(ledger::consistency))
        // Development.
        .routes(routes!(dev_tokens::issue))
}

fn router(service: Service) -> Router {
    let (operations, described) = operations().split_for_parts();
    let described = Arc::new(openapi::completed(described));
    let description = move || {
        let described = Arc::clone(&described);
        async move { ([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(&*described)).into_response() }
    };
    Router::new()
        .nest(
            openapi::BASE,
            operations.route("/openapi.json", get(description)),
        )
        // The log for programs that are not ours, by a protocol of others.
        .route("/tlog/{tenant}/checkpoint", get(tlog::checkpoint))
        .route("/tlog/{tenant}/vkey", get(tlog::keys))
        .route("/tlog/{tenant}/rotations", get(tlog::rotations))
        .route("/tlog/{tenant}/rotation/{position}", get(tlog::rotation))
        .route("/tlog/{tenant}/tile/{*tile}", get(tlog::tile))
        // For whoever runs the machine.
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(|| async { ApiError::UnknownRoute })
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
        .layer(DefaultBodyLimit::max(
            service.config().request_body_bytes_max,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            service.clone(),
            surround::surround,
        ))
        .with_state(service)
}

/// The panic's own text is logged where it happened; it may hold anything, so it goes no further.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::Internal.into_response()
}

/// The OpenAPI description of the service.
pub fn openapi() -> utoipa::openapi::OpenApi {
    openapi::completed(operations().into_openapi())
}

/// Serves an instance until `stop` resolves: answers requests, publishes heads, keeps the read models up to date, sends
/// messages.
/// Then nobody new is let in, and requests that were begun end within `shutdown_grace_ms`. Closing the instance is left
/// to the caller.
pub async fn serve(
    instance: Arc<Instance>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let is_exposed = !listener.local_addr()?.ip().is_loopback();
    let service = Service::try_new(Arc::clone(&instance), is_exposed)?;
    let config = &instance.config;
    let limits = Limits {
        progress_within: Duration::from_millis(config.release_within_ms),
        grace: Duration::from_millis(config.shutdown_grace_ms),
    };
    let background_ends = CancellationToken::new();
    let subscriber = Subscriber::begin(Arc::clone(&instance)).await?;
    let mut background = in_the_background(&service, subscriber, &background_ends);

    let closing = service.closing().clone();
    let stop = async move {
        stop.await;
        // Streams would otherwise last as long as they are let.
        closing.cancel();
    };
    let until = listen::listen(listener, router(service.clone()), limits, stop).await;

    // Commands go on without their clients; the publisher goes on for whoever waits for a receipt.
    let tasks = service.tasks();
    tasks.close();
    if timeout_at(until, tasks.wait()).await.is_err() {
        tracing::warn!("some commands did not end in time; they are repeated by their keys");
    }
    background_ends.cancel();
    while let Some(ended) = background.join_next().await {
        ended??;
    }
    Ok(())
}

/// The publisher, the read models, and messages to people and programs.
fn in_the_background(
    service: &Service,
    subscriber: Subscriber,
    ends: &CancellationToken,
) -> JoinSet<anyhow::Result<()>> {
    let mut tasks = JoinSet::new();
    let instance = Arc::clone(service.instance());
    let end = ends.clone().cancelled_owned();
    tasks.spawn(async move {
        instance.publish_until(end).await;
        Ok(())
    });
    let end = ends.clone().cancelled_owned();
    tasks.spawn(async move {
        subscriber.run_until(end).await;
        Ok(())
    });
    let instance = Arc::clone(service.instance());
    let lag = Arc::clone(service.lag());
    let end = ends.clone().cancelled_owned();
    tasks.spawn(async move {
        let kept = projections::run_until(
            instance.projector.clone(),
            instance.store(),
            instance.tenant().clone(),
            lag,
            end,
        );
        // Lists become old without them, but nothing else does: the service goes on and says so.
        if let Err(error) = kept.await {
            tracing::error!(%error, "the read models are not kept up to date any more");
        }
        Ok(())
    });
    tasks
}
