//! Following a log: what happens in it, as it happens, for as long as it may be seen.

use std::sync::Arc;

use chrono::TimeDelta;
use ledger_core::{
    events::{CaseWatched, Event, NoteAddedContent},
    ids::{CaseId, Position, StreamId},
    ledger::{Caller, Ledger, LedgerError, Watch},
};

use crate::story::{Kvam, assert_refused_by, establish, occasion, tenant, withdraw};

async fn follows(kvam: &Kvam, who: &Caller, log: CaseId, after: Option<Position>) -> Watch {
    kvam.ledger
        .watch(who, log, after, &occasion())
        .await
        .expect("may follow")
}

/// The views that following has left, in order.
async fn watched(kvam: &Kvam, log: CaseId) -> Vec<CaseWatched> {
    let views = kvam
        .parts
        .store
        .read_stream(&tenant(), &StreamId::Views(log), 0, 1_000)
        .await;
    let views = views.expect("reads").into_iter();
    views
        .filter_map(|view| match view.decode().expect("decodes").event {
            Event::CaseWatched(facts) => Some(facts),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn what_happens_is_handed_out_on_a_view_of_its_own() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let mut watch = follows(&kvam, &kvam.mother, log.id, None).await;
    assert!(watch.next().await.expect("may follow").is_none());
    let opening = watched(&kvam, log.id).await;
    assert_eq!(opening.len(), 1, "to begin is a view");
    assert_eq!(opening[0].after_version, opening[0].through_version);

    // Appended by another server.
    let elsewhere = Arc::new(Ledger::new(kvam.parts.clone()));
    for text in ["Ein", "To"] {
        let note = crate::story::note(text);
        elsewhere
            .execute(&kvam.teacher, log.id, note, &occasion())
            .await
            .expect("is written");
    }
    for text in ["Ein", "To"] {
        let recorded = watch.next().await.expect("may follow").expect("news");
        let content: NoteAddedContent = watch.contents().read(recorded.position).expect("opens");
        assert_eq!(content.text, text);
        assert!(watch.view().first > recorded.position, "viewed before");
    }
    assert!(watch.next().await.expect("may follow").is_none());
    let views = watched(&kvam, log.id).await;
    assert_eq!(views.len(), 2, "a batch is one view");
    assert_eq!(views[1].after_version, opening[0].through_version);
    assert_eq!(views[1].through_version, views[1].after_version + 2);
}

#[tokio::test]
async fn whoever_comes_back_goes_on_after_the_last_event_that_arrived() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let mut watch = follows(&kvam, &kvam.mother, log.id, None).await;
    for number in 0..150 {
        kvam.notes(&kvam.teacher, log.id, &format!("Notat {number}"))
            .await;
    }
    let mut seen = Vec::new();
    for _ in 0..10 {
        let recorded = watch.next().await.expect("may follow").expect("news");
        seen.push(recorded.position);
    }
    let mut again = follows(&kvam, &kvam.mother, log.id, Some(watch.after())).await;
    while let Some(recorded) = again.next().await.expect("may follow") {
        seen.push(recorded.position);
    }
    let case = kvam.sees(&kvam.mother, log.id).await.case.clone();
    let expected: Vec<Position> = case.state.notes.values().map(|note| note.added).collect();
    assert_eq!(seen.len(), 150);
    assert!(expected.iter().all(|note| seen.contains(note)));
    assert!(seen.is_sorted());
    let future = kvam
        .ledger
        .watch(&kvam.mother, log.id, Some(Position(1_000_000)), &occasion())
        .await;
    assert!(matches!(future.err(), Some(LedgerError::Rejected(_))));
}

#[tokio::test]
async fn a_withdrawal_ends_it_without_showing_anything_more() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    let consent = kvam
        .consents(&kvam.mother, log.id, establish(log.mother, None))
        .await;
    let mut teacher = follows(&kvam, &kvam.teacher, log.id, None).await;
    let mut mother = follows(&kvam, &kvam.mother, log.id, None).await;
    kvam.notes(&kvam.teacher, log.id, "Rett før").await;
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    assert_refused_by(&teacher.next().await.expect_err("ends"), "V24");
    for event_type in ["note_added", "consent_withdrawn"] {
        let recorded = mother.next().await.expect("may follow").expect("news");
        assert_eq!(recorded.event.event_type(), event_type);
    }
}

#[tokio::test]
async fn it_is_decided_again_though_nothing_happens_and_leaves_no_view() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    let today = kvam.now().date_naive();
    let consent = establish(log.mother, Some(today));
    kvam.consents(&kvam.mother, log.id, consent).await;
    let mut watch = follows(&kvam, &kvam.teacher, log.id, None).await;
    for _ in 0..5 {
        kvam.clock.advance(kvam.parts.settings.recheck_every);
        assert!(watch.next().await.expect("may follow").is_none());
    }
    assert_eq!(watched(&kvam, log.id).await.len(), 1);
    // The consent's last day is over; nobody has done anything.
    kvam.clock.advance(TimeDelta::days(2));
    assert_refused_by(&watch.next().await.expect_err("ends"), "V24");
}

#[tokio::test]
async fn the_rest_of_a_batch_that_lingers_is_decided_anew() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log_without_consent().await;
    kvam.consents(&kvam.father, log.id, establish(log.father, None))
        .await;
    let consent = kvam
        .consents(&kvam.mother, log.id, establish(log.mother, None))
        .await;
    let mut watch = follows(&kvam, &kvam.teacher, log.id, None).await;
    for text in ["Ein", "To", "Tre"] {
        kvam.notes(&kvam.teacher, log.id, text).await;
    }
    watch.next().await.expect("may follow").expect("the first");
    kvam.clock.advance(kvam.parts.settings.recheck_every);
    watch.next().await.expect("may follow").expect("the second");
    let views = watched(&kvam, log.id).await;
    assert_eq!(views.len(), 3, "the rest has a view of its own");
    assert_eq!(views[2].after_version, views[1].after_version + 1);
    kvam.does(&kvam.mother, log.id, withdraw(consent, log.mother))
        .await;
    kvam.clock.advance(kvam.parts.settings.recheck_every);
    assert_refused_by(&watch.next().await.expect_err("ends"), "V24");
}

#[tokio::test]
async fn who_may_not_see_the_log_cannot_follow_it() {
    let kvam = Kvam::in_memory().await;
    let log = kvam.log().await;
    let refused = async |who: &Caller, log| {
        let watch = kvam.ledger.watch(who, log, None, &occasion()).await;
        matches!(watch.err(), Some(LedgerError::NotFound))
    };
    assert!(refused(&kvam.colleague, log.id).await);
    assert!(refused(&kvam.mother, CaseId::from_ulid(77_u128.into())).await);
}
