//! A request is appended only while what its decision rested on still stands, and then as a whole.

use chrono::TimeDelta;
use ledger_core::{
    clock::Span,
    store::{
        Append, AppendError,
        placement::{CLOCK_LIMIT, REQUEST_BYTES_MAX, REQUEST_EVENTS_MAX},
    },
};

use super::given::{
    Given, account, append, case, digest, event, event_with_content, everything, having_seen,
    idempotency, kvam, lookup, one, refused, request, size, views,
};

pub(crate) async fn a_request_is_let_in_while_every_version_stands(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    append(&*store, one(&case(1))).await;
    append(&*store, one(&case(2))).await;
    // Streams that were only consulted count as much as the one that is written.
    let seen = [(&case(1), 2), (&case(2), 1), (&views(1), 0)];
    let appended = append(&*store, having_seen(&seen, &views(1))).await;
    assert_eq!((appended.first.0, appended.versions), (3, vec![1]));
}

pub(crate) async fn an_empty_stream_counts_as_version_zero(given: Given) {
    let store = given.open().await;
    // Consulted and found empty, before anything has ever been written to it.
    append(&*store, having_seen(&[(&case(1), 0)], &views(1))).await;
    append(&*store, one(&case(1))).await;
    let conflict = refused(&*store, having_seen(&[(&case(1), 0)], &views(1))).await;
    let expected = AppendError::Conflict {
        stream: case(1),
        expected: 0,
        actual: 1,
    };
    assert_eq!(conflict, expected);
}

pub(crate) async fn a_conflict_names_the_stream_and_its_versions(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    append(&*store, one(&case(2))).await;
    for (seen, expected, actual) in [(0, 0, 1), (2, 2, 1), (u64::MAX, u64::MAX, 1)] {
        let seen = [(&case(1), 1), (&case(2), seen)];
        let conflict = AppendError::Conflict {
            stream: case(2),
            expected,
            actual,
        };
        assert_eq!(
            refused(&*store, having_seen(&seen, &case(3))).await,
            conflict
        );
    }
}

pub(crate) async fn a_refused_request_leaves_nothing_behind(given: Given) {
    let store = given.open().await;
    append(&*store, one(&case(2))).await;
    let before = store.tip(&kvam()).await.expect("a tip");
    let key = idempotency(account(1), 1, 1);
    let request = Append {
        // The first still stands, the second does not.
        expected: vec![(case(1), 0), (case(2), 0)],
        holds: Span::ALWAYS,
        events: vec![event_with_content(&case(1), b"sealed"), event(&case(3))],
        idempotency: Some(key.clone()),
        lookups: vec![lookup(7, 1, 1)],
    };
    let conflict = refused(&*store, request).await;
    assert!(matches!(conflict, AppendError::Conflict { stream, .. } if stream == case(2)));

    assert_eq!(store.tip(&kvam()).await.expect("a tip"), before);
    assert_eq!(everything(&*store).await.len(), 1);
    let contents = store
        .contents(&kvam(), &[ledger_core::ids::Position(1)])
        .await;
    assert!(contents.expect("reads").is_empty());
    assert!(
        store
            .find(&kvam(), digest(7))
            .await
            .expect("reads")
            .is_empty()
    );
    assert_eq!(store.repeated(&kvam(), &key).await.expect("reads"), None);
    // Nor does it leave a version in anyone's memory.
    append(
        &*store,
        having_seen(&[(&case(1), 0), (&case(3), 0)], &case(1)),
    )
    .await;
}

pub(crate) async fn of_two_who_saw_the_same_version_one_is_refused(given: Given) {
    let store = given.open().await;
    for seen in 0..20 {
        let tenant = kvam();
        let request = || having_seen(&[(&case(1), seen)], &case(1));
        let (first, second) = tokio::join!(
            store.append(&tenant, request()),
            store.append(&tenant, request())
        );
        let conflict = AppendError::Conflict {
            stream: case(1),
            expected: seen,
            actual: seen + 1,
        };
        let refusals = [first, second].map(Result::err);
        assert!(refusals.contains(&None), "{refusals:?}");
        assert!(refusals.contains(&Some(conflict)), "{refusals:?}");
    }
}

pub(crate) async fn a_decision_that_has_ended_or_not_begun_is_refused(given: Given) {
    let store = given.open().await;
    let hour = TimeDelta::hours(1);
    // The store's own time is the one that counts.
    let now = append(&*store, one(&case(1))).await.recorded_at;
    let holding = |from, until| Append {
        holds: Span { from, until },
        ..one(&case(1))
    };
    for holds in [
        (None, Some(now - hour)),
        (None, Some(now)),
        (Some(now + hour), None),
        (Some(now + hour), Some(now + hour * 2)),
        (Some(now), Some(now)),
    ] {
        let refusal = refused(&*store, holding(holds.0, holds.1)).await;
        match refusal {
            AppendError::NoLongerHolds { at } => assert!(at >= now && at < now + hour),
            other => panic!("{holds:?}: {other}"),
        }
    }
    assert_eq!(size(&*store).await, 1);
    for holds in [
        (None, Some(now + hour)),
        (Some(now - hour), None),
        (Some(now), Some(now + hour)),
    ] {
        append(&*store, holding(holds.0, holds.1)).await;
    }
}

pub(crate) async fn nothing_has_happened_in_the_future(given: Given) {
    let store = given.open().await;
    let now = append(&*store, one(&case(1))).await.recorded_at;
    let said_to_occur = |at| {
        let mut later = event(&case(1));
        later.occurred_at = Some(at);
        request(vec![event(&case(1)), later])
    };
    let tomorrow = now + TimeDelta::days(1);
    match refused(&*store, said_to_occur(tomorrow)).await {
        AppendError::OccursInFuture {
            occurred_at,
            recorded_at,
        } => {
            assert_eq!(occurred_at, tomorrow);
            assert!(recorded_at >= now && recorded_at < tomorrow);
        }
        other => panic!("{other}"),
    }
    assert_eq!(
        size(&*store).await,
        1,
        "the event before it is not written either"
    );
    append(&*store, said_to_occur(now)).await;
    append(&*store, said_to_occur(now - TimeDelta::days(7))).await;
}

pub(crate) async fn too_much_at_once_is_refused(given: Given) {
    let store = given.open().await;
    let events = |count| request(vec![event(&case(1)); count]);
    for count in [0, REQUEST_EVENTS_MAX + 1] {
        let refusal = refused(&*store, events(count)).await;
        assert!(
            matches!(refusal, AppendError::TooLarge { given, .. } if given == count),
            "{refusal}"
        );
    }
    let large = event_with_content(&case(1), &vec![0; REQUEST_BYTES_MAX]);
    let refusal = refused(&*store, request(vec![large])).await;
    assert!(
        matches!(refusal, AppendError::TooLarge { unit: "bytes", given, .. } if given > REQUEST_BYTES_MAX),
        "{refusal}"
    );
    assert_eq!(size(&*store).await, 0);

    append(&*store, events(REQUEST_EVENTS_MAX)).await;
    let room = REQUEST_BYTES_MAX - event(&case(1)).envelope.len();
    let just = event_with_content(&case(1), &vec![0; room]);
    append(&*store, request(vec![just])).await;
}

pub(crate) async fn a_clock_that_was_turned_back_is_not_believed(given: Given) {
    let clock = given.clock.clone();
    let store = given.open().await;
    append(&*store, one(&case(1))).await;
    let far = CLOCK_LIMIT * 2;
    clock.advance(-far);
    match refused(&*store, one(&case(1))).await {
        AppendError::ClockJumped {
            database,
            reference,
            limit_seconds,
        } => {
            assert!((database - reference).abs() > CLOCK_LIMIT);
            assert_eq!(limit_seconds, CLOCK_LIMIT.num_seconds());
        }
        other => panic!("{other}"),
    }
    assert_eq!(size(&*store).await, 1);
    clock.advance(far);
    append(&*store, having_seen(&[(&case(1), 1)], &case(1))).await;
}

pub(crate) async fn a_small_step_back_of_the_clock_does_not_turn_back_the_ledger(given: Given) {
    let clock = given.clock.clone();
    let store = given.open().await;
    let before = append(&*store, one(&case(1))).await.recorded_at;
    clock.advance(-TimeDelta::minutes(1));
    let after = append(&*store, one(&case(1))).await.recorded_at;
    assert!(after >= before, "{after} lies before {before}");
}
