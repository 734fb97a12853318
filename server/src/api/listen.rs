//! Connections: accepted up to a number, limited in what their heads may hold and how long they may take, and ended
//! gracefully.
//!
//! axum's own loop offers none of these limits; this is that loop with hyper's.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};
use tower::Service as _;

use super::{client_address::Peer, connection::Progressing};

/// Connections that are open at the same time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;
/// How many headers a request may have.
const HEADERS_MAX: usize = 64;
/// How large the head of a request may be, and how much waits to be written.
const BUFFER_BYTES_MAX: usize = 64 * 1024;
/// How long the head of the next request may take; an idle connection ends after it.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// The pause after a failure to accept, such as too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// Limits that come from the configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long a client may take nothing of what it is given.
    pub(super) progress_within: Duration,
    /// How long begun requests may take after `stop`.
    pub(super) grace: Duration,
}

/// Answers requests until `stop` resolves, then lets the begun ones end; gives the moment up to which whatever is
/// left may still take.
pub(super) async fn listen(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Instant {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = accept(&listener, &connections);
        let (stream, peer, place) = tokio::select! {
            () = &mut stop => break,
            accepted = next => accepted,
        };
        let connection = serve(
            stream,
            peer,
            router.clone(),
            limits.progress_within,
            graceful.watcher(),
        );
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    // From here on nobody new is let in.
    drop(listener);
    let until = Instant::now() + limits.grace;
    if timeout_at(until, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end in time and are cut off");
    }
    until
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(connections)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    progress_within: Duration,
    watcher: Watcher,
) {
    // Answers are small and whole; waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it began");
    }
    let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().call(request)
    });
    let stream = TokioIo::new(Progressing::new(stream, progress_within));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS_MAX)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(stream, answer);
    if let Err(error) = watcher.watch(connection).await {
        // Clients go away; that is theirs to know.
        tracing::debug!(%error, "a connection ended early");
    }
}
