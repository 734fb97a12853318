//! What was appended is read back in order, in pieces, and as a tree.

use ledger_core::{
    ids::{AccountId, Digest, OrganisationId, Position, ProfileId, StreamId},
    log::{EMPTY_ROOT, SubtreeHash, leaf_hash, node_hash},
    store::{EventStore, StoredEvent, StreamKind, UnplacedEvent},
};

use super::given::{
    Given, account, append, case, case_id, event, everything, kvam, one, request, sula, views,
};

fn positions(events: &[StoredEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position.0).collect()
}

/// Six events of two cases: 1 2 1 2 1 2.
async fn two_cases(store: &dyn EventStore) {
    for _ in 0..3 {
        append(store, one(&case(1))).await;
        append(store, one(&case(2))).await;
    }
}

pub(crate) async fn a_stream_is_read_after_a_version_and_in_pieces(given: Given) {
    let store = given.open().await;
    two_cases(&*store).await;
    for (after, limit, expected) in [
        (0, 10, vec![0, 2, 4]),
        (0, 2, vec![0, 2]),
        (1, 10, vec![2, 4]),
        (1, 1, vec![2]),
        (3, 10, vec![]),
        (99, 10, vec![]),
    ] {
        let events = store.read_stream(&kvam(), &case(1), after, limit).await;
        assert_eq!(
            positions(&events.expect("reads")),
            expected,
            "{after} {limit}"
        );
    }
    let nothing = store.read_stream(&kvam(), &views(1), 0, 10).await;
    assert!(nothing.expect("reads").is_empty());
}

pub(crate) async fn the_ledger_is_read_from_a_position_and_in_pieces(given: Given) {
    let store = given.open().await;
    two_cases(&*store).await;
    for (from, limit, expected) in [
        (0, 10, vec![0, 1, 2, 3, 4, 5]),
        (2, 3, vec![2, 3, 4]),
        (5, 10, vec![5]),
        (6, 10, vec![]),
    ] {
        let events = store.read_from(&kvam(), Position(from), limit).await;
        assert_eq!(
            positions(&events.expect("reads")),
            expected,
            "{from} {limit}"
        );
    }
    let all: Vec<Digest> = everything(&*store)
        .await
        .iter()
        .map(|event| event.leaf_entry)
        .collect();
    for (from, until) in [(0, 6), (1, 4), (4, 99), (6, 9), (3, 3)] {
        let entries = store
            .leaf_entries(&kvam(), from, until)
            .await
            .expect("reads");
        let (from, until) = (
            usize::try_from(from).expect("a position of a test"),
            usize::try_from(until).expect("a position of a test").min(6),
        );
        assert_eq!(entries, all[from.min(until)..until]);
    }
}

pub(crate) async fn positions_are_read_in_order_and_missing_ones_left_out(given: Given) {
    let store = given.open().await;
    two_cases(&*store).await;
    let asked = [5, 99, 0, 3, 0].map(Position);
    let events = store.read_at(&kvam(), &asked).await.expect("reads");
    assert_eq!(positions(&events), [0, 3, 5]);
    assert!(store.read_at(&kvam(), &[]).await.expect("reads").is_empty());
}

pub(crate) async fn what_one_account_did_is_read_newest_first(given: Given) {
    let store = given.open().await;
    let by = |number: Option<u128>| UnplacedEvent {
        account: number.map(account),
        ..event(&case(1))
    };
    let events = [Some(1), Some(2), None, Some(1), Some(1), Some(2)].map(by);
    append(&*store, request(events.to_vec())).await;
    for (before, limit, expected) in [
        (None, 10, vec![4, 3, 0]),
        (None, 2, vec![4, 3]),
        (Some(4), 10, vec![3, 0]),
        (Some(3), 1, vec![0]),
        (Some(0), 10, vec![]),
    ] {
        let before = before.map(Position);
        let events = store.read_account(&kvam(), account(1), before, limit).await;
        assert_eq!(positions(&events.expect("reads")), expected);
    }
    let nobody = store.read_account(&kvam(), account(3), None, 10).await;
    assert!(nobody.expect("reads").is_empty());
}

pub(crate) async fn a_kind_of_streams_is_read_at_once(given: Given) {
    let store = given.open().await;
    let of_account = |bits: u128| StreamId::Account(AccountId::from_ulid(bits.into()));
    let of_organisation =
        |bits: u128| StreamId::Organisation(OrganisationId::from_ulid(bits.into()));
    let profile: ProfileId = "stafettloggen-kvam".parse().expect("a profile");
    let streams = [
        of_account(u128::MAX),
        StreamId::Ledger,
        of_organisation(1),
        case(1),
        of_account(0),
        StreamId::Profile(profile),
        views(1),
        of_organisation(u128::MAX),
        of_account(u128::MAX),
    ];
    append(&*store, request(streams.iter().map(event).collect())).await;
    for (kind, expected) in [
        (StreamKind::Accounts, vec![0, 4, 8]),
        (StreamKind::Organisations, vec![2, 7]),
    ] {
        let events = store.read_kind(&kvam(), kind, None).await;
        assert_eq!(positions(&events.expect("reads")), expected, "{kind:?}");
        // On from the first, and after the end.
        let later = store
            .read_kind(&kvam(), kind, Some(Position(expected[0])))
            .await;
        assert_eq!(positions(&later.expect("reads")), expected[1..], "{kind:?}");
        let none = store.read_kind(&kvam(), kind, Some(Position(8))).await;
        assert!(none.expect("reads").is_empty(), "{kind:?}");
    }
}

pub(crate) async fn every_case_is_listed_once_in_pieces(given: Given) {
    let store = given.open().await;
    store.open_tenant(&sula()).await.expect("opens");
    let profile: ProfileId = "stafettloggen-kvam".parse().expect("a profile");
    let streams = [
        case(7),
        views(3),
        case(u128::MAX),
        StreamId::Account(account(5)),
        case(0),
        case(7),
        StreamId::Profile(profile),
        case(12),
        case(0),
    ];
    append(&*store, request(streams.iter().map(event).collect())).await;
    for (after, limit, expected) in [
        (None, 10, vec![0, 7, 12, u128::MAX]),
        (None, 2, vec![0, 7]),
        (Some(7), 2, vec![12, u128::MAX]),
        (Some(6), 1, vec![7]),
        (Some(u128::MAX), 10, vec![]),
        (None, 0, vec![]),
    ] {
        let cases = store.cases(&kvam(), after.map(case_id), limit).await;
        let expected: Vec<_> = expected.into_iter().map(case_id).collect();
        assert_eq!(cases.expect("reads"), expected, "after {after:?}, {limit}");
    }
    assert!(
        store
            .cases(&sula(), None, 10)
            .await
            .expect("reads")
            .is_empty(),
        "of another ledger"
    );
}

/// The root of a tree as RFC 6962 §2.1 defines it, slow and recursive.
fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(root(left), root(right))
        }
    }
}

async fn leaves(store: &dyn EventStore) -> Vec<Digest> {
    let events = everything(store).await;
    events
        .iter()
        .map(|event| leaf_hash(event.leaf_entry))
        .collect()
}

pub(crate) async fn the_tip_is_that_of_the_tree_over_all_leaf_entries(given: Given) {
    let store = given.open().await;
    assert_eq!(
        store.tip(&kvam()).await.expect("a tip").frontier.root(),
        EMPTY_ROOT
    );
    for count in [1, 1, 3, 7, 1] {
        append(
            &*store,
            request((0..count).map(|_| event(&case(1))).collect()),
        )
        .await;
        let leaves = leaves(&*store).await;
        let tip = store.tip(&kvam()).await.expect("a tip");
        assert_eq!(tip.frontier.size(), leaves.len() as u64);
        assert_eq!(
            tip.frontier.root(),
            root(&leaves),
            "of {} leaves",
            leaves.len()
        );
    }
}

pub(crate) async fn subtrees_of_256_leaves_are_kept(given: Given) {
    let store = given.open().await;
    // A subtree ends in the middle of a request, and at the end of one.
    for count in [255, 2, 255, 10] {
        append(
            &*store,
            request((0..count).map(|_| event(&case(1))).collect()),
        )
        .await;
    }
    let leaves = leaves(&*store).await;
    let kept = |index: usize| SubtreeHash {
        level: 8,
        index: index as u64,
        hash: root(&leaves[index * 256..(index + 1) * 256]),
    };
    for (from, until, expected) in [
        (0, 9, vec![kept(0), kept(1)]),
        (0, 1, vec![kept(0)]),
        (1, 2, vec![kept(1)]),
        (2, 9, vec![]),
    ] {
        let found = store.subtree_hashes(&kvam(), 8, from, until).await;
        assert_eq!(found.expect("reads"), expected);
    }
    assert!(
        store
            .subtree_hashes(&kvam(), 16, 0, 9)
            .await
            .expect("reads")
            .is_empty()
    );
}
