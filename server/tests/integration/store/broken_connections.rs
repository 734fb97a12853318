//! Connections break in the middle of everything. What was acknowledged is there, once.

use std::{collections::HashMap, sync::Arc};

use ledger_core::store::EventStore as _;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::{sync::watch, task::JoinSet};

use super::contract::{append, assert_no_version_is_missing, case, everything, having_seen, kvam};
use super::{assert_whole, empty_ledger, plain_server};

const WRITERS: u64 = 32;
/// How many times all connections are broken.
const TIMES: u64 = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_every_broken_connection() {
    let database = empty_ledger().await;
    let store = plain_server(&database).await;
    store.open_tenant(&kvam()).await.expect("opens");
    let (count, mut counted) = watch::channel(0_u64);
    let (stop, stopped) = watch::channel(false);
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let (store, count, stopped) = (Arc::clone(&store), count.clone(), stopped.clone());
        writers.spawn(async move {
            let own = case(number.into());
            let mut acknowledged = Vec::new();
            while !*stopped.borrow() {
                // Its own last version: an append that was lost or done twice would be a conflict here.
                let request = having_seen(&[(&own, acknowledged.len() as u64)], &own);
                let id = request.events[0].event_id;
                let appended = append(&*store, request).await;
                acknowledged.push((appended.first, id));
                count.send_modify(|count| *count += 1);
            }
            acknowledged
        });
    }
    let mut killer: PgConnection = database.options.connect().await.expect("connects");
    let mut broken = 0;
    for time in 1..=TIMES {
        // Some work between two breaks, never the same amount, so that each hits another moment.
        let until = *counted.borrow() + WRITERS + time * 7 % 30;
        counted
            .wait_for(|count| *count >= until)
            .await
            .expect("they write on");
        let ended: i64 = sqlx::query_scalar(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut killer)
        .await
        .expect("breaks");
        broken += ended;
    }
    stop.send_replace(true);
    let acknowledged: Vec<_> = writers.join_all().await.concat();
    assert!(
        broken >= i64::try_from(TIMES).expect("small"),
        "each time one was there"
    );

    let total = acknowledged.len() as u64;
    let by_position: HashMap<_, _> = acknowledged.into_iter().collect();
    let stored = everything(&*store).await;
    assert_eq!(
        (by_position.len() as u64, stored.len() as u64),
        (total, total)
    );
    for stored in &stored {
        let id = stored.decode().expect("decodes").envelope.event_id;
        assert_eq!(by_position.get(&stored.position), Some(&id));
    }
    assert_no_version_is_missing(&*store).await;
    assert_whole(&store, total).await;
}
