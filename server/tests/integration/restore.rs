//! A restored backup brings nothing back: neither erased content nor an earlier past as the present.

use std::{fs, path::Path, process::Command};

use caseledger::{
    config::{Config, ConfigArgs, Environment},
    instance::Instance,
};
use ledger_core::{
    ids::CaseId,
    ledger::{LedgerError, Look},
};

use crate::support::{
    postgres::{made_cluster, new_directory},
    story::{Cast, OpenedCase, cast, occasion},
};
use caseledger::embedded_postgres::Durability;

const SECRET: &str = "heilt hemmeleg";

fn config(data_dir: &Path) -> Config {
    let args = ConfigArgs {
        data_dir: Some(data_dir.to_owned()),
        ..ConfigArgs::default()
    };
    let environment = Environment::new(
        Vec::<(String, String)>::new(),
        rustix::process::geteuid().is_root(),
    );
    Config::load(&args, &environment).unwrap()
}

/// A physical copy, with owners and rights.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(copied.success());
}

async fn story(instance: &Instance) -> (Cast, OpenedCase) {
    let ledger = &instance.ledger;
    let cast = cast(ledger, instance.tenant(), "Cast").await;
    let case = cast.open_case(ledger, SECRET).await;
    cast.consent(ledger, case, None, SECRET).await;
    cast.note(ledger, case.id, SECRET).await;
    cast.archive(ledger, case.id, SECRET).await;
    (cast, case)
}

/// Everything that the guardian can still open of the case.
async fn opened(instance: &Instance, cast: &Cast, case: CaseId) -> Vec<String> {
    match instance
        .ledger
        .look(&cast.guardian, case, &Look::Case, &occasion())
        .await
    {
        Ok(shown) => {
            let contents = shown
                .events
                .iter()
                .filter_map(|event| shown.contents.get(event.position));
            contents
                .map(|content| String::from_utf8_lossy(&content.json).into_owned())
                .collect()
        }
        Err(_) => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_copy_opens_nothing_that_was_erased_and_signs_nothing_below_what_was_published()
{
    let directory = new_directory();
    let data_dir = directory.join("data");
    fs::create_dir_all(&data_dir).unwrap();
    let cluster = data_dir.join("postgres");
    // A cluster that exists already saves the initdb; the instance starts and owns it.
    fs::rename(made_cluster(Durability::Durable).directory, &cluster).unwrap();
    let backup = directory.join("backup");

    let instance = Instance::open(config(&data_dir)).await.unwrap();
    let tenant = instance.tenant().clone();
    let (cast, case) = story(&instance).await;
    assert!(
        opened(&instance, &cast, case.id)
            .await
            .iter()
            .any(|content| content.contains(SECRET))
    );
    instance.close().await.unwrap();
    copy(&cluster, &backup);

    let instance = Instance::open(config(&data_dir)).await.unwrap();
    instance
        .ledger
        .erase(&cast.archivist, case.id, &occasion())
        .await
        .unwrap();
    let published = instance
        .ledger
        .publish(&tenant)
        .await
        .unwrap()
        .claimed()
        .size;
    let former = instance.ledger.origin(&tenant).await.unwrap();
    instance.close().await.unwrap();

    fs::remove_dir_all(&cluster).unwrap();
    copy(&backup, &cluster);

    let refused = Instance::open(config(&data_dir))
        .await
        .err()
        .expect("a restored database is refused");
    let refused = refused.downcast::<LedgerError>().unwrap();
    assert!(
        matches!(refused, LedgerError::Restored { published: known, .. } if known == published),
        "{refused}"
    );

    // Whoever gets past that finds the content there, and no key that opens it.
    let instance = Instance::open_unchecked(config(&data_dir)).await.unwrap();
    let contents = opened(&instance, &cast, case.id).await;
    assert!(contents.is_empty(), "{contents:?}");
    let below = instance.ledger.publish(&tenant).await.unwrap_err();
    assert!(matches!(below, LedgerError::Restored { .. }), "{below}");

    let origin = "caseledger.localhost/kvam-2".parse().unwrap();
    let report = instance.ledger.recover(&tenant, &origin).await.unwrap();
    assert!(report.contents_deleted > 0);
    assert_eq!(report.published_size, published);
    let head = instance.ledger.publish(&tenant).await.unwrap();
    assert_eq!(head.claimed().origin, origin);
    assert_ne!(head.claimed().origin, former);
    let verified = instance
        .ledger
        .verify(&tenant, true, &|_, _| ())
        .await
        .unwrap();
    assert_eq!(verified.errors, []);
    instance.close().await.unwrap();

    // And the service runs on as before.
    let instance = Instance::open(config(&data_dir)).await.unwrap();
    assert!(opened(&instance, &cast, case.id).await.is_empty());
    instance.close().await.unwrap();
}
