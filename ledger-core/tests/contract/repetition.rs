//! A request that may be repeated is appended once, however often it comes.

use ledger_core::{
    ids::Position,
    store::{Append, AppendError},
};

use super::given::{
    Given, account, append, case, event, idempotency, kvam, one, refused, repeatable, size, sula,
};

fn repeated(first: u64, count: u64) -> AppendError {
    AppendError::Repeated {
        first: Position(first),
        count,
    }
}

pub(crate) async fn a_repeated_request_is_told_where_it_stands(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(2))).await;
    let request = Append {
        expected: vec![(case(1), 0)],
        events: vec![event(&case(1)), event(&case(1))],
        ..repeatable(account(1), 1, 1, &case(1))
    };
    assert_eq!(
        store
            .repeated(&kvam(), &idempotency(account(1), 1, 1))
            .await
            .expect("reads"),
        None
    );
    assert_eq!(append(&*store, request.clone()).await.first, Position(1));
    // What it had seen has moved on by itself; that it was done counts first.
    assert_eq!(refused(&*store, request.clone()).await, repeated(1, 2));
    append(&*store, one(&case(1))).await;
    assert_eq!(refused(&*store, request).await, repeated(1, 2));
    let key = idempotency(account(1), 1, 1);
    assert_eq!(
        store.repeated(&kvam(), &key).await.expect("reads"),
        Some(repeated(1, 2))
    );
    assert_eq!(size(&*store).await, 4);
}

pub(crate) async fn a_key_is_not_used_for_two_requests(given: Given) {
    let store = given.open().await;
    append(&*store, repeatable(account(1), 1, 1, &case(1))).await;
    let other = repeatable(account(1), 1, 2, &case(1));
    assert_eq!(refused(&*store, other).await, AppendError::KeyReused);
    let key = idempotency(account(1), 1, 2);
    assert_eq!(
        store.repeated(&kvam(), &key).await.expect("reads"),
        Some(AppendError::KeyReused)
    );
    assert_eq!(size(&*store).await, 1);
}

pub(crate) async fn a_key_belongs_to_one_account_of_one_tenant(given: Given) {
    let store = given.open().await;
    store.open_tenant(&sula()).await.expect("opens");
    append(&*store, repeatable(account(1), 1, 1, &case(1))).await;
    append(&*store, repeatable(account(2), 1, 2, &case(1))).await;
    append(&*store, repeatable(account(1), 2, 1, &case(1))).await;
    let elsewhere = repeatable(account(1), 1, 2, &case(1));
    store.append(&sula(), elsewhere).await.expect("is appended");
    assert_eq!(size(&*store).await, 3);
}

pub(crate) async fn two_at_once_with_one_key_are_appended_once(given: Given) {
    let store = given.open().await;
    for key in 0..20 {
        let tenant = kvam();
        let request = || repeatable(account(1), key, 1, &case(1));
        let (first, second) = tokio::join!(
            store.append(&tenant, request()),
            store.append(&tenant, request())
        );
        let (done, repetition) = match (first, second) {
            (Ok(done), Err(repetition)) | (Err(repetition), Ok(done)) => (done, repetition),
            other => panic!("{other:?}"),
        };
        assert_eq!(repetition, repeated(done.first.0, 1));
    }
    for key in 20..40 {
        let tenant = kvam();
        let (first, second) = tokio::join!(
            store.append(&tenant, repeatable(account(1), key, 1, &case(1))),
            store.append(&tenant, repeatable(account(1), key, 2, &case(1)))
        );
        let refusals = [first, second].map(Result::err);
        assert!(refusals.contains(&None), "{refusals:?}");
        assert!(
            refusals.contains(&Some(AppendError::KeyReused)),
            "{refusals:?}"
        );
    }
    assert_eq!(size(&*store).await, 40);
}

pub(crate) async fn a_refused_request_leaves_its_key_free(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    let mut request = repeatable(account(1), 1, 1, &case(1));
    request.expected = vec![(case(1), 0)];
    assert!(matches!(
        refused(&*store, request.clone()).await,
        AppendError::Conflict { .. }
    ));
    request.expected = vec![(case(1), 1)];
    assert_eq!(append(&*store, request).await.first, Position(1));
}
