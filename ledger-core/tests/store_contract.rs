//! The reference store keeps the promises of every store.

mod contract;

use std::sync::Arc;

use chrono::TimeDelta;
use contract::{Given, MovableClock, append, case, every_promise, one};
use ledger_core::store::memory::MemoryStore;

async fn in_memory() -> Given {
    let clock = MovableClock::stopped_at("2026-03-02T09:00:00Z");
    Given {
        store: Arc::new(MemoryStore::new(clock.clone())),
        clock,
    }
}

every_promise!(in_memory);

#[tokio::test]
async fn events_are_recorded_when_the_clock_says() {
    let given = in_memory().await;
    let clock = given.clock.clone();
    let store = given.open().await;
    let first = append(&*store, one(&case(1))).await.recorded_at;
    assert_eq!(first.to_rfc3339(), "2026-03-02T09:00:00+00:00");
    clock.advance(TimeDelta::days(400));
    let second = append(&*store, one(&case(1))).await.recorded_at;
    assert_eq!(second - first, TimeDelta::days(400));
}
