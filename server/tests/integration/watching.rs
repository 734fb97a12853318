//! A log that others watch: what it serves, and what becomes of an attacker who has the database and the keys.

mod attacks;
mod follower;
mod routes;
mod stranger;

use std::path::{Path, PathBuf};

use ledger_core::log::VerifierKey;
use serde_json::json;

use crate::{
    cli::{Program, Run},
    support::{
        eventually,
        service::{PROFILE, TestService},
    },
};

/// The log that a service serves.
fn log_of(service: &TestService) -> String {
    format!("{}/tlog/{}", service.url, service.instance.tenant())
}

/// The key that its owner would have published.
async fn key_of(service: &TestService) -> VerifierKey {
    let ledger = &service.instance.ledger;
    let keys = ledger.verifier_keys(service.instance.tenant()).await;
    keys.unwrap().pop().unwrap()
}

/// Something happens: one event each.
async fn happen(service: &TestService, names: &[&str]) {
    for name in names {
        let body = json!({ "profile": PROFILE, "kind": "school", "name": name });
        let administrator = &service.administrator;
        administrator.post("/v1/organisations", &body).await.good();
    }
}

/// Waits until everything that happened is published; gives how many events that is.
async fn published(service: &TestService) -> u64 {
    let (ledger, tenant) = (&service.instance.ledger, service.instance.tenant());
    let tip = ledger.store().tip(tenant).await.unwrap();
    let size = tip.frontier.size();
    eventually("everything is published", async || {
        let head = ledger.head(tenant).await.unwrap()?;
        (head.claimed().size >= size).then_some(size)
    })
    .await
}

/// `caseledger monitor` with a file of its own, as whoever watches the log runs it.
#[derive(Clone)]
struct Monitor {
    key: String,
    state: PathBuf,
}

impl Monitor {
    fn new(key: &VerifierKey, folder: &Path) -> Self {
        Self {
            key: key.to_string(),
            state: folder.join("watched.json"),
        }
    }

    /// Looks at the log at an address.
    async fn look(&self, log: &str, more: &[&str]) -> Run {
        let (this, log) = (self.clone(), log.to_owned());
        let more: Vec<String> = more.iter().map(|&word| word.to_owned()).collect();
        // The service answers in this process, so nothing here may wait for it.
        tokio::task::spawn_blocking(move || {
            let state = this.state.to_str().unwrap();
            let mut arguments = vec!["monitor", &log, "--vkey", &this.key, "--state", state];
            arguments.extend(more.iter().map(String::as_str));
            Program::new().run(&arguments)
        })
        .await
        .unwrap()
    }
}
