//! Whose bundle it is: the keys and the two signed heads.

use std::fs;

use caseledger::export::bundle::{self, BundleError, Problem, Trust};
use ledger_core::log::{SignedHead, SigningKey};

use super::story::{Story, findings, write_manifests_anew};

#[tokio::test]
async fn a_key_from_elsewhere_makes_the_bundle_the_ledgers() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    let keys = story.ledger.verifier_keys(&story.tenant).await.unwrap();
    let verified = bundle::verify_with(&root, &keys).unwrap();
    assert_eq!(verified.trust, Trust::GivenKey);
    assert_eq!(verified.signed_by, keys[0]);
}

#[tokio::test]
async fn a_bundle_of_another_ledger_is_refused() {
    let (story, other) = (Story::closed().await, Story::closed().await);
    let root = story.bundle().await.path;
    let keys = other.ledger.verifier_keys(&other.tenant).await.unwrap();
    let error = bundle::verify_with(&root, &keys).unwrap_err();
    let BundleError::Invalid { findings, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        findings
            .iter()
            .any(|finding| matches!(finding.problem, Problem::NotTrusted)),
        "{error}"
    );
}

#[tokio::test]
async fn heads_of_two_signers_do_not_make_one_bundle() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    // Somebody else signs the head that the proofs lead to, and slips in the key.
    let text = fs::read_to_string(root.join("data/proofs/head.txt")).unwrap();
    let head: SignedHead = text.parse().unwrap();
    let forger = SigningKey::from_seed(head.claimed().origin.clone(), &[7; 32]);
    let replaced = SignedHead::sign(head.claimed().clone(), &[&forger]).unwrap();
    fs::write(root.join("data/proofs/head.txt"), replaced.to_string()).unwrap();
    let mut keys = fs::read_to_string(root.join("data/keys/log.vkey")).unwrap();
    keys += &forger.verifier().to_string();
    keys += "\n";
    fs::write(root.join("data/keys/log.vkey"), keys).unwrap();
    write_manifests_anew(&root);
    let found = findings(&root);
    assert!(
        found
            .iter()
            .any(|finding| matches!(finding.problem, Problem::OtherSigner)),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_bundle_made_after_the_signing_key_was_changed_verifies() {
    let story = Story::closed().await;
    story
        .ledger
        .rotate_signing_key(&story.tenant)
        .await
        .unwrap();
    let root = story.bundle().await.path;
    let keys = story.ledger.verifier_keys(&story.tenant).await.unwrap();
    assert_eq!(keys.len(), 2);
    let verified = bundle::verify_with(&root, &keys[1..]).unwrap();
    assert_eq!(verified.signed_by, keys[1]);
}

#[tokio::test]
async fn what_is_no_bundle_is_said_to_be_none() {
    let story = Story::closed().await;
    for path in [story.folder().join("nothing"), "/dev/null".into()] {
        let error = bundle::verify(&path).unwrap_err();
        assert!(matches!(error, BundleError::NotABundle(_)), "{error}");
    }
    // An empty folder is one of which everything is missing.
    let found = findings(story.folder());
    assert_eq!(found.len(), 16, "{found:?}");
    assert!(
        found
            .iter()
            .all(|finding| matches!(finding.problem, Problem::Missing)),
        "{found:?}"
    );
}
