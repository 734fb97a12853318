//! Several servers of one tenant: each message is sent by one of them, and another goes on when that one ends.

use std::sync::Arc;

use caseledger::{api, instance::Instance};
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot};

use super::{closed_port, rows, story, webhooks::Program};
use crate::support::{eventually, service::PROFILE};

#[tokio::test]
async fn one_server_delivers_and_another_goes_on_when_it_ends() {
    let program = Program::start(Vec::new()).await;
    let (mut story, _folder) = story(closed_port(), &[]).await;
    let body = json!({ "profile": PROFILE, "url": program.url, "kinds": ["meeting"] });
    let administrator = &story.service.administrator;
    administrator.post("/v1/webhooks", &body).await.good();
    let case = story.case().await;
    // The other server waits for the lease.
    let config = story.service.instance.config.clone();
    let other = Arc::new(Instance::open(config).await.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(api::serve(Arc::clone(&other), listener, async {
        let _ = stopped.await;
    }));
    let path = format!("/v1/cases/{}/meetings", case.id);
    let meeting = json!({
        "at": "2040-01-15T09:00:00Z", "title": "Morgonane", "place": "Skulen", "agenda": "",
    });
    story.holder.client.post(&path, &meeting).await.good();
    program.called(1).await;
    story.service.begin_to_stop().await.unwrap().unwrap();
    let holder = crate::support::service::Client::at(&url)
        .sign_in(&story.holder.id)
        .await;
    holder.post(&path, &meeting).await.good();
    program.called(2).await;
    let database = &story.service.database;
    eventually("both are noted as sent", async || {
        let rows = rows(database, "meeting").await;
        let programs = rows.iter().filter(|row| row.channel == "webhook");
        (programs.filter(|row| row.state == "sent").count() == 2).then_some(())
    })
    .await;
    let calls = program.calls();
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    drop(stop);
    serving.await.unwrap().unwrap();
}
