//! Events of a tenant have one order, without gaps, whoever writes at the same time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use ledger_core::{
    event::complete_envelope,
    ids::{Position, StreamId},
    log,
    store::{AppendError, EventStore, ReadError},
};
use tokio::task::JoinSet;

use super::given::{
    Given, account, append, case, chunk, digest, document, event, event_with_content, everything,
    having_seen, idempotency, kvam, lookup, one, repeatable, request, size, sula, views,
};

pub(crate) async fn positions_have_no_gap_and_versions_count_from_one_in_each_stream(given: Given) {
    let store = given.open().await;
    let mut places = Vec::new();
    for stream in [case(1), case(2), case(1), views(1), case(1)] {
        let appended = append(&*store, one(&stream)).await;
        places.push((appended.first.0, appended.versions));
    }
    let expected = [(0, 1), (1, 1), (2, 2), (3, 1), (4, 3)];
    assert_eq!(
        places,
        expected.map(|(first, version)| (first, vec![version]))
    );
    assert_eq!(size(&*store).await, 5);
}

pub(crate) async fn events_of_one_request_stand_one_after_another(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    let events = [case(1), views(1), case(1), case(2)].map(|stream| event(&stream));
    let ids = events.each_ref().map(|event| event.event_id);
    let appended = append(&*store, request(events.to_vec())).await;
    assert_eq!(appended.first, Position(1));
    assert_eq!(appended.versions, [2, 1, 3, 1]);
    let stored = store
        .read_from(&kvam(), Position(1), 10)
        .await
        .expect("reads");
    let found: Vec<_> = stored
        .iter()
        .map(|stored| stored.decode().expect("decodes").envelope)
        .collect();
    assert_eq!(
        found.iter().map(|event| event.event_id).collect::<Vec<_>>(),
        ids
    );
    for (envelope, version) in found.iter().zip(appended.versions) {
        assert_eq!(envelope.version, version);
        assert_eq!(envelope.recorded_at, appended.recorded_at);
    }
    let entries: Vec<_> = stored.iter().map(|stored| stored.leaf_entry).collect();
    assert_eq!(entries, appended.leaf_entries);
}

pub(crate) async fn what_is_read_is_what_was_appended(given: Given) {
    let store = given.open().await;
    let event = event(&case(1));
    let appended = append(&*store, request(vec![event.clone()])).await;
    let envelope = complete_envelope(&event.envelope, 1, appended.recorded_at);
    let stored = everything(&*store).await.pop().expect("one event");
    assert_eq!(stored.envelope, envelope, "byte for byte");
    assert_eq!(stored.salt, event.salt);
    assert_eq!(stored.leaf_entry, log::leaf_entry(&event.salt.0, &envelope));
    assert_eq!(
        store.tip(&kvam()).await.expect("a tip").recorded_at,
        appended.recorded_at
    );
}

pub(crate) async fn writers_at_once_leave_no_gap_and_lose_nothing(given: Given) {
    const WRITERS: u128 = 16;
    const EACH: u64 = 12;
    let store = given.open().await;
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for seen in 0..EACH {
                let own = case(number);
                let request = having_seen(&[(&own, seen)], &own);
                let id = request.events[0].event_id;
                let appended = append(&*store, request).await;
                assert_eq!(appended.versions, [seen + 1]);
                acknowledged.push((appended.first, id));
            }
            acknowledged
        });
    }
    let acknowledged: HashMap<_, _> = writers.join_all().await.into_iter().flatten().collect();
    let total = usize::try_from(WRITERS).expect("small") * usize::try_from(EACH).expect("small");
    assert_eq!(acknowledged.len(), total, "each has a position of its own");
    let stored = everything(&*store).await;
    assert_eq!(stored.len(), total);
    for (expected, stored) in stored.iter().enumerate() {
        assert_eq!(stored.position.0, expected as u64);
        let envelope = stored.decode().expect("decodes").envelope;
        assert_eq!(acknowledged.get(&stored.position), Some(&envelope.event_id));
    }
    assert_no_version_is_missing(&*store).await;
}

pub(crate) async fn writers_at_once_on_one_stream_take_turns(given: Given) {
    const WRITERS: u64 = 8;
    let store = given.open().await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut seen = 0;
            loop {
                let request = having_seen(&[(&case(1), seen)], &case(1));
                match store.append(&kvam(), request).await {
                    Ok(appended) => return appended.versions[0],
                    Err(AppendError::Conflict { actual, .. }) => {
                        assert!(actual > seen, "a conflict tells what is new");
                        seen = actual;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    let versions: BTreeSet<u64> = writers.join_all().await.into_iter().collect();
    assert_eq!(versions, (1..=WRITERS).collect());
    assert_eq!(size(&*store).await, WRITERS);
}

pub(crate) async fn tenants_do_not_see_each_other(given: Given) {
    let store = given.open().await;
    store.open_tenant(&sula()).await.expect("opens");
    let event = event_with_content(&case(1), b"sealed");
    let mut request = repeatable(account(1), 1, 1, &case(1));
    request.events = vec![event];
    request.lookups = vec![lookup(7, 1, 1)];
    append(&*store, request).await;
    store
        .put_chunks(&kvam(), document(1), vec![chunk(0)])
        .await
        .expect("keeps");
    store
        .publish_head(&kvam(), "latest", 1, "head of kvam")
        .await
        .expect("publishes");

    let other = sula();
    assert_eq!(store.tip(&other).await.expect("a tip").frontier.size(), 0);
    assert!(
        store
            .read_from(&other, Position(0), 10)
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .read_stream(&other, &case(1), 0, 10)
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .read_at(&other, &[Position(0)])
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .contents(&other, &[Position(0)])
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .leaf_entries(&other, 0, 10)
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .find(&other, digest(7))
            .await
            .expect("reads")
            .is_empty()
    );
    assert!(
        store
            .chunks(&other, document(1), 0, 10)
            .await
            .expect("reads")
            .is_empty()
    );
    assert_eq!(
        store.published_head(&other, "latest").await.expect("reads"),
        None
    );
    let key = idempotency(account(1), 1, 1);
    assert_eq!(store.repeated(&other, &key).await.expect("reads"), None);
    assert_eq!(
        store
            .delete_contents(&other, &[Position(0)])
            .await
            .expect("deletes"),
        0
    );

    // Its own events begin at nought, whatever others have.
    let appended = store
        .append(&other, one(&case(1)))
        .await
        .expect("is appended");
    assert_eq!((appended.first, appended.versions), (Position(0), vec![1]));
    assert_eq!(
        store
            .contents(&kvam(), &[Position(0)])
            .await
            .expect("reads")
            .len(),
        1
    );
}

pub(crate) async fn a_ledger_that_was_never_opened_takes_nothing(given: Given) {
    let store = given.store;
    let outcome = store.append(&kvam(), one(&case(1))).await;
    assert_eq!(outcome, Err(AppendError::UnknownTenant(kvam())));
    let tip = store.tip(&kvam()).await;
    assert!(matches!(tip, Err(ReadError::UnknownTenant(tenant)) if tenant == kvam()));
    assert!(store.tenants().await.expect("reads").is_empty());
}

pub(crate) async fn opening_a_ledger_again_changes_nothing(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    let before = store.tip(&kvam()).await.expect("a tip");
    store.open_tenant(&kvam()).await.expect("opens");
    store.open_tenant(&sula()).await.expect("opens");
    assert_eq!(store.tip(&kvam()).await.expect("a tip"), before);
    assert_eq!(store.tenants().await.expect("reads"), [kvam(), sula()]);
}

/// In every stream the versions go up by one, in the order of positions.
pub(crate) async fn assert_no_version_is_missing(store: &dyn EventStore) {
    let mut last: HashMap<StreamId, u64> = HashMap::new();
    for stored in everything(store).await {
        let envelope = stored.decode().expect("decodes").envelope;
        let version = last.entry(envelope.stream).or_insert(0);
        *version += 1;
        assert_eq!(envelope.version, *version, "position {}", stored.position);
    }
}
