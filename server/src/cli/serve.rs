//! `caseledger serve`: the service.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{Exit, Failure, parts, session::Session};
use crate::instance::Instance;

/// Run the service until it is asked to stop
///
/// Answers at the address `listen`. Without a database URL it starts a Postgres of its own in the data directory and
/// ends it afterwards. SIGINT (Ctrl-C) or SIGTERM ends it: no new requests are taken, those under way are answered,
/// and the last tree head is published.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger serve
  caseledger serve --set listen=127.0.0.1:8081 --data-dir ./data
  DATABASE_URL=postgres://ledger@db.example.org/ledger caseledger serve --config /etc/caseledger.toml")]
pub(super) struct ServeArgs {}

impl ServeArgs {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Exit> {
        let config = session.config_of_service()?;
        // First the address: a second service is told so before it waits for a database.
        let listener = listen(config.listen).await?;
        let stop = stop_signal()?;
        let instance = Arc::new(Instance::open(config).await?);
        tracing::info!(
            "answering at http://{}, tenant {}",
            listener.local_addr()?,
            instance.tenant()
        );
        parts::serve_until(instance, listener, stop).await?;
        Ok(Exit::Done)
    }
}

/// Takes the address.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::usage(format!(
            "{address} cannot be listened on ({error}). Stop the program that uses it, or choose another address: \
             --set listen=127.0.0.1:{}",
            address.port().checked_add(1).unwrap_or(8080)
        ))
        .into()
    })
}

/// Resolves when somebody asks this process to stop.
pub(crate) fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be watched for")?;
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be watched for")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("asked to stop: answering what is under way");
    })
}
