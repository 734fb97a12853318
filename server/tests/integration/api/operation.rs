//! Running it: health, metrics, development tokens, stopping.

use std::sync::Arc;

use caseledger::{
    api,
    config::{Config, ConfigArgs, Environment},
    instance::Instance,
};
use serde_json::json;
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tokio::{net::TcpListener, sync::mpsc};

use crate::support::{
    postgres::{TestDatabase, cluster},
    service::{TestService, config, new_key},
    story_by_http::{Story, metadata},
};

#[tokio::test]
async fn it_says_that_it_lives_and_that_it_is_ready() {
    let service = TestService::start().await;
    let anyone = service.anyone();
    assert_eq!(anyone.get("/healthz").await.good()["status"], "ok");
    let ready = anyone.get("/readyz").await.good();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["database"], true);
    assert_eq!(ready["keyStore"], true);
    assert_eq!(ready["notRestored"], true);
    // Without its database it lives on, and is not ready.
    cut_off(&service.database).await;
    assert_eq!(anyone.get("/healthz").await.good()["status"], "ok");
    let answer = anyone.get("/readyz").await;
    assert_eq!(answer.status, 503);
    let problem = service.administrator.get("/v1/cases").await;
    assert_eq!(problem.header("retry-after"), "2");
    problem.problem(503);
}

/// Ends every session of a database and lets nobody in again.
async fn cut_off(database: &TestDatabase) {
    let mut connection = cluster().await.options("postgres").connect().await.unwrap();
    let name = &database.name;
    for sql in [
        format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    ] {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql));
        sql.execute(&mut connection).await.unwrap();
    }
}

#[tokio::test]
async fn metrics_name_routes_and_nobody() {
    let story = Story::begin().await;
    let case = story.case().await;
    let path = format!("/v1/cases/{}", case.id);
    story.holder.client.get(&path).await.good();
    let metrics = story.service.anyone().get("/metrics").await.text();
    assert!(
        metrics.contains("route=\"/v1/cases/{caseId}\""),
        "{metrics}"
    );
    assert!(metrics.contains("caseledger_views_total{action=\"view_case\"} 1"));
    for id in [&case.id, &story.holder.id, &case.guardian_party] {
        assert!(!metrics.contains(id.as_str()));
    }
}

#[tokio::test]
async fn development_tokens_are_given_only_where_nobody_else_reaches() {
    // The configuration refuses it …
    let (folder, args) = (tempfile::tempdir().unwrap(), ConfigArgs::default());
    let args = ConfigArgs {
        data_dir: Some(folder.path().to_owned()),
        set: vec!["dev_tokens=true".into(), "listen=0.0.0.0:8080".into()],
        ..args
    };
    let environment = Environment::new::<&str, &str>([], false);
    assert!(Config::load(&args, &environment).is_err());
    // … and so does the service, wherever its listener came from.
    let (config, _kept) = config(&[]).await;
    let instance = Arc::new(Instance::open(config).await.unwrap());
    let exposed = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = api::serve(instance, exposed, std::future::pending()).await;
    assert!(refused.unwrap_err().to_string().contains("dev_tokens"));
}

#[tokio::test]
async fn without_development_tokens_nobody_gets_one() {
    let (config, _kept) = config(&[("dev_tokens", "false")]).await;
    let instance = Arc::new(Instance::open(config).await.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/dev/tokens", listener.local_addr().unwrap());
    let serving = tokio::spawn(api::serve(instance, listener, std::future::pending()));
    let body = json!({ "accountId": "01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    let answer = reqwest::Client::new().post(url).json(&body).send().await;
    assert_eq!(answer.unwrap().status(), 404);
    serving.abort();
}

#[tokio::test]
async fn a_request_that_was_begun_is_finished_when_the_service_stops() {
    let mut story = Story::begin().await;
    let case = story.case().await;
    // A document of which the first two megabytes have come.
    let (more, pieces) = mpsc::unbounded_channel::<Result<Vec<u8>, std::io::Error>>();
    let stream = futures::stream::unfold(pieces, |mut pieces| async move {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    let part = reqwest::multipart::Part::stream(reqwest::Body::wrap_stream(stream));
    let holder = story.holder.client.clone();
    let filing = tokio::spawn({
        let case = case.id.clone();
        async move { holder.file_part(&case, &metadata(), part, &new_key()).await }
    });
    more.send(Ok(vec![b'a'; 2 * 1024 * 1024])).unwrap();
    let instance = Arc::clone(&story.service.instance);
    loop {
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM document_chunks")
            .fetch_one(&instance.writer)
            .await
            .unwrap();
        if stored > 0 {
            break;
        }
    }

    let stopped = story.service.begin_to_stop();
    let address = story.service.url.trim_start_matches("http://").to_owned();
    while tokio::net::TcpStream::connect(&address).await.is_ok() {}
    more.send(Ok(b"end".to_vec())).unwrap();
    drop(more);
    let filed = filing.await.unwrap().good();
    assert!(filed["documentId"].is_string());
    stopped.await.unwrap().unwrap();
}
