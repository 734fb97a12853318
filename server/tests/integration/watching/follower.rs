//! `caseledger monitor` on a log that is kept as it should be.

use std::fs;

use ledger_core::log::VerifierKey;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Monitor, happen, key_of, log_of, published, stranger::Stranger};
use crate::support::service::{PROFILE, TestService};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_followed_from_look_to_look() {
    let service = TestService::start().await;
    let (log, key) = (log_of(&service), key_of(&service).await);
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(&key, folder.path());
    let size = published(&service).await;

    let first = monitor.look(&log, &["--json"]).await.ends_with(0).json();
    assert_eq!(first["finding"], "first");
    assert_eq!(first["size"], size);
    let unchanged = monitor.look(&log, &[]).await.ends_with(0);
    assert!(unchanged.out.contains("Unchanged"), "{}", unchanged.out);

    happen(&service, &["Skulen", "Barnehagen"]).await;
    published(&service).await;
    let checkpoint = format!("{log}/checkpoint");
    let grown = monitor.look(&checkpoint, &["--entries", "--json"]).await;
    let grown = grown.ends_with(0).json();
    assert_eq!(grown["finding"], "grown");
    assert_eq!(grown["knownSize"], size);
    assert_eq!(grown["size"], size + 2);
    assert_eq!(grown["entriesHashed"], 2);

    // What is remembered is whole, and the log's own text.
    let remembered: Value = serde_json::from_slice(&fs::read(&monitor.state).unwrap()).unwrap();
    let head = service.anyone().get("/tlog/kvam/checkpoint").await.text();
    assert_eq!(remembered["signedHead"], head);
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing unfinished, no evidence of anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_several_tiles_is_followed_by_us_and_by_others() {
    let service = TestService::start().await;
    let (log, key) = (log_of(&service), key_of(&service).await);
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(&key, folder.path());
    let mut stranger = Stranger::new(&key);
    stranger.look(&log).await.unwrap();
    monitor.look(&log, &[]).await.ends_with(0);
    let mut registering = JoinSet::new();
    for unit in 0..12 {
        let administrator = service.administrator.clone();
        registering.spawn(async move {
            for number in 0..45 {
                let name = format!("Skule {unit}-{number}");
                let body = json!({ "profile": PROFILE, "kind": "school", "name": name });
                administrator.post("/v1/organisations", &body).await.good();
            }
        });
    }
    registering.join_all().await;
    let size = published(&service).await;
    assert!(size > 512);
    assert_eq!(stranger.look(&log).await, Ok(size));
    let grown = monitor.look(&log, &["--entries", "--json"]).await;
    let grown = grown.ends_with(0).json();
    assert_eq!(grown["size"], size);
    let tile = service.anyone().get("/tlog/kvam/tile/1/000.p/2").await;
    assert_eq!(tile.bytes.len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_key_is_followed_and_an_unknown_one_is_not() {
    let service = TestService::start().await;
    let (log, key) = (log_of(&service), key_of(&service).await);
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(&key, folder.path());
    monitor.look(&log, &[]).await.ends_with(0);
    let tenant = service.instance.tenant();
    let ledger = &service.instance.ledger;
    let rotated = ledger.rotate_signing_key(tenant).await.unwrap();
    happen(&service, &["Skulen"]).await;
    published(&service).await;
    let new = key_of(&service).await;
    assert_ne!(new, key);

    let anyone = service.anyone();
    let listed = anyone.get("/tlog/kvam/rotations").await.text();
    assert_eq!(listed, format!("rotation/{rotated}\n"));
    let path = format!("/tlog/kvam/rotation/{rotated}");
    assert_eq!(anyone.get(&path).await.text().matches("\n— ").count(), 2);
    let keys = anyone.get("/tlog/kvam/vkey").await.text();
    assert_eq!(keys, format!("{key}\n{new}\n"));

    // Whoever knows the first key follows; a stranger's tool is told the new one by its owner.
    let followed = monitor.look(&log, &[]).await.ends_with(0);
    followed.says_in_order(&["The signing key was changed", "Consistent"]);
    assert!(followed.out.contains(&new.to_string()), "{}", followed.out);
    let again = monitor.look(&log, &[]).await.ends_with(0);
    assert!(!again.out.contains("was changed"), "{}", again.out);
    Stranger::new(&new).look(&log).await.unwrap();

    let unknown = VerifierKey::new(key.origin().clone(), *b"not the key that this log has...");
    let elsewhere = tempfile::tempdir().unwrap();
    let refused = Monitor::new(&unknown, elsewhere.path());
    let refused = refused.look(&log, &[]).await.ends_with(10);
    assert!(
        refused.err.contains("NOT SIGNED BY A KEY THAT YOU TRUST"),
        "{}",
        refused.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_watched_is_said() {
    let service = TestService::start_with(&[("public_log", "false")]).await;
    let key = key_of(&service).await;
    let folder = tempfile::tempdir().unwrap();
    let monitor = Monitor::new(&key, folder.path());
    let closed = monitor.look(&log_of(&service), &[]).await.ends_with(5);
    assert!(closed.err.contains("there is no log at"), "{}", closed.err);
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}/tlog/kvam", taken.local_addr().unwrap());
    drop(taken);
    let away = monitor.look(&nobody, &["--json"]).await.ends_with(5);
    let error: Value = serde_json::from_str(&away.err).unwrap();
    assert_eq!(error["error"]["kind"], "unavailable");
    monitor
        .look("ftp://nowhere.example/", &[])
        .await
        .ends_with(2);
    assert!(!monitor.state.exists());
    fs::write(&monitor.state, "{}").unwrap();
    let unreadable = monitor.look(&nobody, &[]).await.ends_with(2);
    assert!(
        unreadable.err.contains("watched.json"),
        "{}",
        unreadable.err
    );
}
