//! What the ledger publishes can be checked with the public key alone.

use std::sync::Arc;

use ledger_core::{
    ids::Position,
    ledger::{Ledger, LedgerError},
    log::{leaf_entry, verify_consistency},
    sealing::PublishedHead,
};
use tokio::task::JoinSet;

use crate::story::{Kvam, note, occasion, tenant};

#[tokio::test]
async fn every_event_has_a_receipt_that_anyone_can_verify() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Møte").await;
    let keys = kvam.ledger.verifier_keys(&tenant()).await.expect("keys");
    let events = kvam
        .parts
        .store
        .read_from(&tenant(), Position(0), 1_000)
        .await
        .expect("reads");
    for event in &events {
        let receipt = kvam
            .ledger
            .receipt(&tenant(), event.position)
            .await
            .expect("a receipt");
        let head = receipt.verify(&keys).expect("it proves");
        assert_eq!(head.size, events.len() as u64);
        assert_eq!(
            receipt.leaf_entry,
            leaf_entry(&event.salt.0, &event.envelope)
        );
        let mut forged = receipt.clone();
        forged.leaf_entry.0[0] ^= 1;
        forged.verify(&keys).expect_err("it proves nothing else");
    }
    let beyond = Position(events.len() as u64);
    let receipt = kvam.ledger.receipt(&tenant(), beyond).await;
    assert!(matches!(receipt, Err(LedgerError::NotFound)));
}

#[tokio::test]
async fn a_later_head_is_proven_to_contain_the_earlier_one() {
    let kvam = Kvam::in_memory().await;
    let earlier = kvam.ledger.publish(&tenant()).await.expect("publishes");
    kvam.log().await;
    let later = kvam.ledger.publish(&tenant()).await.expect("publishes");
    let (old, new) = (earlier.claimed(), later.claimed());
    assert!(old.size < new.size);
    let proof = kvam
        .ledger
        .consistency(&tenant(), old.size, new.size)
        .await
        .expect("a proof");
    verify_consistency(old.size, old.root, new.size, new.root, &proof).expect("it proves");
    let unpublished = kvam
        .ledger
        .consistency(&tenant(), old.size, new.size + 1)
        .await;
    assert!(matches!(unpublished, Err(LedgerError::NotFound)));
}

#[tokio::test]
async fn a_rotation_carries_trust_from_the_old_key_to_the_new() {
    let kvam = Kvam::in_memory().await;
    let old = kvam.ledger.verifier_keys(&tenant()).await.expect("keys");
    let position = kvam
        .ledger
        .rotate_signing_key(&tenant())
        .await
        .expect("rotates");
    let keys = kvam.ledger.verifier_keys(&tenant()).await.expect("keys");
    let new = &keys[1..];
    let name = format!("rotation-{position}");
    let both = kvam
        .ledger
        .named_head(&tenant(), &name)
        .await
        .expect("reads")
        .expect("is served");
    both.verify(&old).expect("the old key vouches");
    both.verify(new).expect("so does the new one");

    kvam.log().await;
    let next = kvam.ledger.publish(&tenant()).await.expect("publishes");
    next.verify(new).expect("the new key signs from here on");
    next.verify(&old).expect_err("the old one no longer does");
}

#[tokio::test]
async fn the_whole_ledger_verifies_with_its_contents() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    kvam.notes(&kvam.teacher, log.id, "Møte").await;
    kvam.sees(&kvam.nurse, log.id).await;
    let head = kvam.ledger.publish(&tenant()).await.expect("publishes");
    let found = kvam
        .ledger
        .verify(&tenant(), true, &|_, _| {})
        .await
        .expect("reads");
    assert_eq!(found.errors, []);
    assert_eq!(
        (found.events, found.root),
        (head.claimed().size, head.claimed().root)
    );
    assert_eq!(found.published, Some(head.claimed().size));
    assert!(found.contents > 0);
}

#[tokio::test]
async fn a_ledger_behind_what_was_published_says_that_it_was_restored() {
    let kvam = Kvam::in_memory().await;
    let tip = kvam.parts.store.tip(&tenant()).await.expect("a tip");
    let published = PublishedHead {
        size: tip.frontier.size() + 3,
        root: tip.frontier.root(),
        at: kvam.now(),
    };
    kvam.parts
        .keyring
        .remember_published(&tenant(), "ledger.example/kvam", published)
        .await
        .expect("is remembered");
    let is_restored = |error| {
        matches!(error, LedgerError::Restored { found, published: size }
            if found == tip.frontier.size() && size == published.size)
    };
    assert!(is_restored(
        kvam.ledger
            .check_restored(&tenant())
            .await
            .expect_err("is noticed")
    ));
    assert!(is_restored(
        kvam.ledger
            .publish(&tenant())
            .await
            .expect_err("is noticed")
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publishers_that_overtake_each_other_do_not_take_it_for_a_restore() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let mut publishers = JoinSet::new();
    for _ in 0..4 {
        let ledger: Arc<Ledger> = Arc::clone(&kvam.ledger);
        let teacher = kvam.teacher.clone();
        publishers.spawn(async move {
            for _ in 0..100 {
                let done = ledger
                    .execute(&teacher, log.id, note("?"), &occasion())
                    .await;
                done.expect("is done");
                ledger.publish(&tenant()).await.expect("publishes");
            }
        });
    }
    publishers.join_all().await;
    let tip = kvam.parts.store.tip(&tenant()).await.expect("a tip");
    let head = kvam.ledger.publish(&tenant()).await.expect("publishes");
    assert_eq!(head.claimed().size, tip.frontier.size());
}

#[tokio::test]
async fn servers_that_start_at_the_same_moment_open_one_ledger() {
    let kvam = Kvam::in_memory().await;
    let sula = "sula".parse().expect("a tenant");
    let mut servers = JoinSet::new();
    for _ in 0..4 {
        let ledger = Ledger::new(kvam.parts.clone());
        let tenant: ledger_core::ids::TenantId = Clone::clone(&sula);
        servers.spawn(async move {
            let origin = "ledger.example/sula".parse().expect("an origin");
            ledger.open_ledger(&tenant, &origin).await
        });
    }
    for opened in servers.join_all().await {
        opened.expect("opens");
    }
    let tip = kvam.parts.store.tip(&sula).await.expect("a tip");
    assert_eq!(tip.frontier.size(), 1);
}
