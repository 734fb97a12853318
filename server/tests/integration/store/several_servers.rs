//! Several servers on one database write one ledger: nothing is lost, doubled or forked.

use std::{collections::HashMap, sync::Arc};

use ledger_core::store::{AppendError, EventStore, postgres::PostgresStore};
use tokio::task::JoinSet;

use super::contract::{
    append, assert_no_version_is_missing, case, everything, having_seen, kvam, one, refused, size,
};
use super::{assert_whole, empty_ledger, plain_server};

/// Appends to a stream that others write too, until it has been let in `times`.
async fn take_turns(store: &PostgresStore, shared: u128, times: usize) -> Vec<Acknowledged> {
    let stream = case(shared);
    let (mut seen, mut acknowledged) = (0, Vec::new());
    while acknowledged.len() < times {
        let request = having_seen(&[(&stream, seen)], &stream);
        let id = request.events[0].event_id;
        match store.append(&kvam(), request).await {
            Ok(appended) => {
                seen = appended.versions[0];
                acknowledged.push((appended.first.0, id.to_string()));
            }
            Err(AppendError::Conflict { actual, .. }) => {
                assert!(actual > seen, "a conflict tells what is new");
                seen = actual;
            }
            Err(other) => panic!("{other}"),
        }
    }
    acknowledged
}

type Acknowledged = (u64, String);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_lose_double_and_fork_nothing() {
    const WRITERS: u128 = 16;
    const EACH: usize = 25;
    let database = empty_ledger().await;
    let servers = [plain_server(&database).await, plain_server(&database).await];
    servers[0].open_tenant(&kvam()).await.expect("opens");
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        for (server, store) in (0_u128..).zip(&servers) {
            let store = Arc::clone(store);
            // A third writes streams of its own, the others meet on four streams across both servers.
            let stream = if number % 3 == 0 {
                100 + number * 2 + server
            } else {
                number % 4
            };
            writers.spawn(async move { take_turns(&store, stream, EACH).await });
        }
    }
    let all = writers.join_all().await.concat();
    let total = all.len() as u64;
    let acknowledged: HashMap<u64, String> = all.into_iter().collect();
    assert_eq!(
        acknowledged.len() as u64,
        total,
        "no position was given twice"
    );
    let stored = everything(&*servers[1]).await;
    assert_eq!(
        stored.len() as u64,
        total,
        "nothing was written that nobody was told of"
    );
    for (expected, stored) in (0..).zip(&stored) {
        assert_eq!(stored.position.0, expected, "no gap");
        let id = stored.decode().expect("decodes").envelope.event_id;
        assert_eq!(acknowledged.get(&expected), Some(&id.to_string()));
    }
    assert_no_version_is_missing(&*servers[0]).await;
    assert_whole(&servers[0], total).await;
}

#[tokio::test]
async fn a_server_sees_at_once_what_another_has_appended() {
    let database = empty_ledger().await;
    let (one_server, other) = (plain_server(&database).await, plain_server(&database).await);
    one_server.open_tenant(&kvam()).await.expect("opens");
    append(&*one_server, one(&case(1))).await;
    append(&*other, one(&case(1))).await;
    append(&*other, one(&case(2))).await;
    // What the first one remembers of both streams is old by now.
    for (stream, seen, actual) in [(case(1), 1, 2), (case(2), 0, 1)] {
        let conflict = AppendError::Conflict {
            stream: stream.clone(),
            expected: seen,
            actual,
        };
        let request = having_seen(&[(&stream, seen)], &case(3));
        assert_eq!(refused(&*one_server, request).await, conflict);
    }
    let seen = [(&case(1), 2), (&case(2), 1), (&case(3), 0)];
    append(&*one_server, having_seen(&seen, &case(3))).await;
    assert_eq!(size(&*other).await, 4);
}

#[tokio::test]
async fn a_key_used_on_one_server_is_known_on_another() {
    use super::contract::{account, repeatable};
    let database = empty_ledger().await;
    let (one_server, other) = (plain_server(&database).await, plain_server(&database).await);
    one_server.open_tenant(&kvam()).await.expect("opens");
    append(&*other, one(&case(9))).await;
    let first = append(&*one_server, repeatable(account(1), 1, 1, &case(1)))
        .await
        .first;
    let again = refused(&*other, repeatable(account(1), 1, 1, &case(1))).await;
    assert_eq!(again, AppendError::Repeated { first, count: 1 });
}
