//! A refusal leaves an event, and many of them leave few.

use chrono::TimeDelta;
use ledger_core::{
    events::Event,
    ids::{CaseId, StreamId},
    ledger::Look,
};

use crate::story::{Kvam, occasion, tenant};

/// What the refusals of a log count, in the order in which they were written.
async fn counted(kvam: &Kvam, log: CaseId) -> Vec<(String, u64)> {
    let views = kvam
        .parts
        .store
        .read_stream(&tenant(), &StreamId::Views(log), 0, 1_000)
        .await;
    let views = views.expect("reads");
    views
        .iter()
        .filter_map(|view| match view.decode().expect("decodes").event {
            Event::AccessRefused(facts) => Some((facts.action.to_string(), facts.count)),
            _ => None,
        })
        .collect()
}

fn refused(action: &str, count: u64) -> (String, u64) {
    (action.to_owned(), count)
}

#[tokio::test]
async fn the_first_refusal_is_written_at_once_and_those_that_follow_are_counted() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    for _ in 0..5 {
        kvam.does_not_see(&kvam.colleague, log.id).await;
    }
    assert_eq!(counted(&kvam, log.id).await, [refused("view_case", 1)]);
    kvam.ledger.write_refusals(false).await.expect("writes");
    assert_eq!(
        counted(&kvam, log.id).await,
        [refused("view_case", 1)],
        "not yet"
    );

    kvam.clock.advance(TimeDelta::seconds(60));
    kvam.ledger.write_refusals(false).await.expect("writes");
    let both = [refused("view_case", 1), refused("view_case", 4)];
    assert_eq!(counted(&kvam, log.id).await, both);
    kvam.ledger.write_refusals(true).await.expect("writes");
    assert_eq!(
        counted(&kvam, log.id).await,
        both,
        "nothing is counted twice"
    );

    kvam.does_not_see(&kvam.colleague, log.id).await;
    assert_eq!(counted(&kvam, log.id).await.len(), 3, "a new count begins");
}

#[tokio::test]
async fn each_person_and_each_action_is_counted_by_itself() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    for _ in 0..2 {
        kvam.does_not_see(&kvam.colleague, log.id).await;
        kvam.does_not_see(&kvam.administrator, log.id).await;
        let print = kvam
            .ledger
            .look(&kvam.colleague, log.id, &Look::Print, &occasion())
            .await;
        print.err().expect("is refused");
    }
    kvam.ledger.write_refusals(true).await.expect("writes");
    let mut counted = counted(&kvam, log.id).await;
    counted.sort();
    let mut expected = vec![refused("print_case", 1); 2];
    expected.extend(vec![refused("view_case", 1); 4]);
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn asking_for_what_does_not_exist_leaves_nothing() {
    let kvam = Kvam::in_memory().await;
    let before = kvam.parts.store.tip(&tenant()).await.expect("a tip");
    let nowhere = CaseId::from_ulid(77_u128.into());
    kvam.does_not_see(&kvam.colleague, nowhere).await;
    kvam.ledger.write_refusals(true).await.expect("writes");
    assert_eq!(
        kvam.parts.store.tip(&tenant()).await.expect("a tip"),
        before
    );
}
