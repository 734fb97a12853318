//! What is served, to whom, and for how long it may be kept.

use reqwest::Method;
use serde_json::Value;

use super::{happen, log_of, published, stranger::Stranger};
use crate::{
    support::service::{Answer, Client, TestService},
    watching::key_of,
};

const FOREVER: &str = "public, max-age=604800, immutable";

async fn size_of(anyone: &Client, tenant: &str) -> u64 {
    let head = anyone.get(&format!("/tlog/{tenant}/checkpoint")).await;
    let head = head.text();
    head.lines().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_never_changes_may_be_kept_and_the_newest_head_only_for_a_moment() {
    let service = TestService::start().await;
    let anyone = service.anyone();
    let size = published(&service).await;
    let octets = "application/octet-stream";
    let text = "text/plain; charset=utf-8";
    let tile = format!("/tlog/kvam/tile/0/000.p/{size}");
    let entries = format!("/tlog/kvam/tile/entries/000.p/{size}");
    for (path, content_type, kept) in [
        ("/tlog/kvam/checkpoint", text, "public, max-age=2"),
        ("/tlog/kvam/vkey", text, "public, max-age=60"),
        ("/tlog/kvam/rotations", text, "public, max-age=60"),
        (&tile, octets, FOREVER),
        (&entries, octets, FOREVER),
    ] {
        let answer = anyone.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), content_type, "{path}");
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert!(answer.header("ratelimit").starts_with("\"address\";r="));
        // Whoever has it is not sent it again.
        let tag = answer.header("etag").to_owned();
        for known in [
            tag.clone(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            "*".into(),
        ] {
            let request = anyone.request(Method::GET, path);
            let again = Answer::to(request.header("if-none-match", known)).await;
            assert_eq!(again.status, 304, "{path}");
            assert_eq!((again.bytes.len(), again.header("etag")), (0, &*tag));
            assert_eq!(again.header("cache-control"), kept);
        }
        let request = anyone.request(Method::GET, path);
        let other = Answer::to(request.header("if-none-match", "\"other\"")).await;
        assert_eq!(other.bytes, answer.bytes);
        let head = Answer::to(anyone.request(Method::HEAD, path)).await;
        assert_eq!((head.status.as_u16(), head.bytes.len()), (200, 0));
    }
    let keys = anyone.get("/tlog/kvam/vkey").await.text();
    assert_eq!(keys, format!("{}\n", key_of(&service).await));
    assert_eq!(anyone.get(&tile).await.bytes.len() as u64, 32 * size);
    assert_eq!(anyone.get(&entries).await.bytes.len() as u64, 34 * size);
}

#[tokio::test]
async fn whatever_is_not_there_is_not_there_in_the_same_way() {
    // The first head is published at the start, the next one would be in a minute.
    let service = TestService::start_with(&[("publish_interval_ms", "60000")]).await;
    let anyone = service.anyone();
    let size = published(&service).await;
    happen(&service, &["Skulen", "Barnehagen"]).await;
    let tip = service.instance.store();
    let tip = tip.tip(service.instance.tenant()).await.unwrap();
    assert_eq!(tip.frontier.size(), size + 2);
    assert_eq!(size_of(&anyone, "kvam").await, size);

    let not_there = anyone.get("/nowhere").await.problem(404);
    let of = |problem: &Value| {
        let members = ["type", "title", "status", "detail"];
        members.map(|member| problem[member].clone())
    };
    let beyond = |kind: &str| format!("kvam/tile/{kind}/000.p/{}", size + 1);
    for path in [
        // Another tenant, and none.
        "sula/checkpoint",
        "sula/vkey",
        "sula/tile/0/000.p/1",
        "KVAM/checkpoint",
        "%2e%2e/checkpoint",
        "kvam",
        "kvam/",
        // Recorded, and not published.
        &beyond("0"),
        &beyond("entries"),
        // Beyond.
        "kvam/tile/0/000",
        "kvam/tile/0/001.p/1",
        "kvam/tile/1/000.p/1",
        "kvam/tile/entries/x001/x234/067",
        // No paths of tiles.
        "kvam/tile/0/0.p/1",
        "kvam/tile/0/000.p/0",
        "kvam/tile/8/000",
        "kvam/tile/-1/000",
        "kvam/tile/data/000.p/1",
        "kvam/tile/8/0/000.p/1",
        "kvam/tile/",
        "kvam/rotation/0",
        "kvam/rotation/latest",
        "kvam/latest",
    ] {
        let answer = anyone.get(&format!("/tlog/{path}")).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("etag"), "", "{path}");
        assert_eq!(of(&answer.problem(404)), of(&not_there), "{path}");
    }
    let posted = Answer::to(anyone.request(Method::POST, "/tlog/kvam/checkpoint")).await;
    posted.problem(405);
}

#[tokio::test]
async fn tenants_of_one_database_have_logs_of_their_own() {
    let kvam = TestService::start().await;
    let sula = kvam.start_beside("sula").await;
    happen(&kvam, &["Skulen"]).await;
    let (size, other) = (published(&kvam).await, published(&sula).await);
    assert_ne!(size, other);
    let entries = |tenant: &str| format!("/tlog/{tenant}/tile/entries/000.p/{other}");
    let of_kvam = kvam.anyone().get(&entries("kvam")).await;
    let of_sula = sula.anyone().get(&entries("sula")).await;
    // Not one entry of the one is in the other.
    let (of_kvam, _) = of_kvam.bytes.as_chunks::<34>();
    let (of_sula, _) = of_sula.bytes.as_chunks::<34>();
    assert_eq!(of_kvam.len(), of_sula.len());
    assert!(of_kvam.iter().all(|entry| !of_sula.contains(entry)));
    kvam.anyone().get(&entries("sula")).await.problem(404);
    sula.anyone().get(&entries("kvam")).await.problem(404);
    for service in [&kvam, &sula] {
        let key = key_of(service).await;
        let looked = Stranger::new(&key).look(&log_of(service)).await;
        assert_eq!(looked, Ok(published(service).await));
    }
}

#[tokio::test]
async fn a_log_that_is_closed_to_the_public_is_not_there_and_its_proofs_take_a_sign_in() {
    let service = TestService::start_with(&[("public_log", "false")]).await;
    let anyone = service.anyone();
    published(&service).await;
    for path in ["checkpoint", "vkey", "rotations", "tile/0/000.p/1"] {
        let path = format!("/tlog/kvam/{path}");
        anyone.get(&path).await.problem(404);
        service.administrator.get(&path).await.problem(404);
    }
    for path in ["head", "receipts/0", "consistency?old=1&new=2"] {
        let path = format!("/v1/ledger/{path}");
        anyone.get(&path).await.problem(401);
        service.administrator.get(&path).await.good();
    }
    // A bundle or a receipt that somebody holds is verified with these.
    anyone.get("/v1/ledger/keys").await.good();
}

#[tokio::test]
async fn two_servers_of_one_ledger_serve_the_same_log() {
    let service = TestService::start().await;
    let other = service.start_another().await;
    let (here, there) = (service.anyone(), other.anyone());
    let key = key_of(&service).await;
    let mut stranger = Stranger::new(&key);
    for round in 0..3 {
        // Each writes, and whoever watches asks now the one and now the other.
        happen(&service, &["Skulen"]).await;
        stranger.look(&log_of(&other)).await.unwrap();
        happen(&other, &["Barnehagen"]).await;
        let size = published(&other).await;
        assert_eq!(stranger.look(&log_of(&service)).await, Ok(size), "{round}");
        assert_eq!(stranger.look(&log_of(&other)).await, Ok(size), "{round}");
        for path in [
            "checkpoint".to_owned(),
            "vkey".to_owned(),
            format!("tile/0/000.p/{size}"),
            format!("tile/0/000.p/{}", size - 1),
            format!("tile/entries/000.p/{size}"),
        ] {
            let path = format!("/tlog/kvam/{path}");
            let (one, two) = (here.get(&path).await, there.get(&path).await);
            assert_eq!(one.status, 200, "{path}");
            assert_eq!(one.bytes, two.bytes, "{path}");
            assert_eq!(one.header("etag"), two.header("etag"), "{path}");
        }
    }
}
