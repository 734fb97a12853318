//! What lies beside the events: contents, ways to find a case, documents, signed heads.

use ledger_core::{
    ids::Position,
    store::{Append, Lookup},
};

use super::given::{
    Given, append, case, case_id, chunk, digest, document, event, event_with_content, everything,
    kvam, lookup, one, request,
};

pub(crate) async fn contents_are_kept_until_they_are_deleted(given: Given) {
    let store = given.open().await;
    let events = vec![
        event_with_content(&case(1), b"first"),
        event(&case(1)),
        event_with_content(&case(1), b""),
    ];
    let sealed = |index: usize| events[index].content.clone().expect("it has content");
    append(&*store, request(events.clone())).await;
    let all = [2, 1, 0, 9].map(Position);
    let found = store.contents(&kvam(), &all).await.expect("reads");
    assert_eq!(found, [(Position(0), sealed(0)), (Position(2), sealed(2))]);

    let entries = everything(&*store).await;
    assert_eq!(
        store
            .delete_contents(&kvam(), &[0, 1].map(Position))
            .await
            .expect("deletes"),
        1
    );
    assert_eq!(
        store
            .delete_contents(&kvam(), &[Position(0)])
            .await
            .expect("deletes"),
        0
    );
    let found = store.contents(&kvam(), &all).await.expect("reads");
    assert_eq!(found, [(Position(2), sealed(2))]);
    assert_eq!(
        everything(&*store).await,
        entries,
        "the events stay as they are"
    );
}

pub(crate) async fn a_case_is_found_until_it_is_forgotten(given: Given) {
    let store = given.open().await;
    let of_two = [lookup(7, 1, 1), lookup(7, 2, 2)];
    for (case_number, lookups) in [(1, vec![of_two[0], lookup(8, 1, 3)]), (2, vec![of_two[1]])] {
        let request = Append {
            lookups,
            ..one(&case(case_number))
        };
        append(&*store, request).await;
    }
    let found = async |index| store.find(&kvam(), digest(index)).await.expect("finds");
    assert_eq!(found(7).await, of_two);
    assert_eq!(found(8).await, [lookup(8, 1, 3)]);
    assert_eq!(found(9).await, [] as [Lookup; 0]);
    store
        .delete_lookups(&kvam(), case_id(1))
        .await
        .expect("forgets");
    assert_eq!(found(7).await, of_two[1..]);
    assert_eq!(found(8).await, [] as [Lookup; 0]);
}

pub(crate) async fn what_leads_to_a_case_may_be_said_twice(given: Given) {
    let store = given.open().await;
    for lookups in [
        vec![lookup(7, 1, 1)],
        vec![lookup(7, 1, 1), lookup(7, 1, 1)],
    ] {
        let request = Append {
            lookups,
            ..one(&case(1))
        };
        append(&*store, request).await;
    }
    let found = store.find(&kvam(), digest(7)).await.expect("finds");
    assert_eq!(found, [lookup(7, 1, 1)]);
}

pub(crate) async fn pieces_of_a_document_are_read_in_order_until_they_are_deleted(given: Given) {
    let store = given.open().await;
    let keep = async |number, chunks: &[u32]| {
        let chunks = chunks.iter().map(|index| chunk(*index)).collect();
        store
            .put_chunks(&kvam(), document(number), chunks)
            .await
            .expect("keeps");
    };
    keep(1, &[1, 0]).await;
    keep(2, &[0]).await;
    keep(1, &[2, 3]).await;
    let read = async |number, from, limit| {
        let chunks = store.chunks(&kvam(), document(number), from, limit).await;
        chunks.expect("reads")
    };
    assert_eq!(read(1, 0, 10).await, [0, 1, 2, 3].map(chunk));
    assert_eq!(read(1, 1, 2).await, [1, 2].map(chunk));
    assert_eq!(read(1, 4, 10).await, []);
    store
        .delete_documents(&kvam(), &[document(1)])
        .await
        .expect("deletes");
    assert_eq!(read(1, 0, 10).await, []);
    assert_eq!(read(2, 0, 10).await, [chunk(0)]);
}

pub(crate) async fn a_published_head_only_grows(given: Given) {
    let store = given.open().await;
    let publish = async |name, size, signed| {
        let done = store.publish_head(&kvam(), name, size, signed).await;
        done.expect("publishes");
        store
            .published_head(&kvam(), "latest")
            .await
            .expect("reads")
    };
    assert_eq!(
        store
            .published_head(&kvam(), "latest")
            .await
            .expect("reads"),
        None
    );
    assert_eq!(publish("latest", 5, "five").await.as_deref(), Some("five"));
    assert_eq!(publish("latest", 4, "four").await.as_deref(), Some("five"));
    assert_eq!(publish("latest", 5, "other").await.as_deref(), Some("five"));
    assert_eq!(publish("latest", 6, "six").await.as_deref(), Some("six"));
    // Each name grows by itself.
    assert_eq!(
        publish("rotation-3", 4, "both").await.as_deref(),
        Some("six")
    );
    let rotation = store.published_head(&kvam(), "rotation-3").await;
    assert_eq!(rotation.expect("reads").as_deref(), Some("both"));
}
