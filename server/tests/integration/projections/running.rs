//! Keeping up: each event once, however many servers run and wherever they are cut off.

use std::{pin::pin, sync::Arc};

use projections::{ProjectionError, Runner};
use tokio::sync::oneshot;

use super::{
    chronicle::Chronicle,
    doubles::{Gate, Lags},
    world::{World, world},
};

/// Appends this many events in one request.
async fn append(world: &World, events: usize) {
    let mut chronicle = Chronicle::default();
    let happenings = (0..events)
        .map(|_| chronicle.happen((0, 19, 1), ledger_core::ids::Position(0)))
        .collect();
    world.append(happenings).await;
}

fn up_to(events: i64) -> Vec<i64> {
    (0..events).collect()
}

/// Runs until told to stop; gives what stops it, and what it ended with.
fn running(
    runner: Runner,
) -> (
    oneshot::Sender<()>,
    tokio::task::JoinHandle<Result<(), ProjectionError>>,
) {
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        runner
            .run_until(async {
                stopped.await.unwrap();
            })
            .await
    });
    (stop, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_apply_each_event_once() {
    let one = world().await.with_applied().await;
    let other = one.another_server().await;
    let (stop_one, runs_one) = running(one.applied(1));
    let (stop_other, runs_other) = running(other.applied(1));
    for _ in 0..30 {
        tokio::join!(append(&one, 17), append(&other, 13));
    }
    let (a, b) = (one.applied(1), other.applied(1));
    let (a, b) = tokio::join!(a.catch_up(), b.catch_up());
    a.unwrap();
    b.unwrap();
    for (stop, runs) in [(stop_one, runs_one), (stop_other, runs_other)] {
        stop.send(()).unwrap();
        runs.await.unwrap().unwrap();
    }
    assert_eq!(one.positions(1).await, up_to(900));
}

#[tokio::test]
async fn a_batch_that_is_cut_off_leaves_rows_and_checkpoint_as_they_were() {
    let world = world().await.with_applied().await;
    append(&world, 5).await;
    world.applied(1).catch_up().await.unwrap();
    append(&world, 7).await;
    let gate = Gate::before_commit(1, 0);
    let runner = world.applied_through(1, &gate);
    let task = tokio::spawn(async move { runner.catch_up().await });
    gate.reached().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(world.positions(1).await, up_to(5));
    assert_eq!(
        world.generations("applied").await,
        [(1, "live".to_owned(), 1, 5)]
    );
    world.applied(1).catch_up().await.unwrap();
    assert_eq!(world.positions(1).await, up_to(12));
}

#[tokio::test]
async fn a_connection_that_is_lost_before_the_commit_costs_no_event_and_doubles_none() {
    let world = world().await.with_applied().await;
    append(&world, 5).await;
    let gate = Gate::before_commit(1, 0);
    let runner = world.applied_through(1, &gate);
    let mut cut_off = pin!(runner.catch_up());
    tokio::select! {
        outcome = &mut cut_off => panic!("it should be held: {outcome:?}"),
        () = gate.reached() => {}
    }
    let ended: Vec<bool> = sqlx::query_scalar(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
         WHERE datname = current_database() AND state = 'idle in transaction'",
    )
    .fetch_all(&world.superuser)
    .await
    .unwrap();
    assert_eq!(ended, [true]);
    gate.open();
    let error = cut_off.await.unwrap_err();
    assert!(matches!(error, ProjectionError::Database(_)), "{error:?}");
    assert_eq!(world.positions(1).await, up_to(0));
    world.applied(1).catch_up().await.unwrap();
    assert_eq!(world.positions(1).await, up_to(5));
}

#[tokio::test]
async fn the_lag_is_reported() {
    let world = world().await.with_applied().await;
    append(&world, 600).await;
    append(&world, 700).await;
    let lags = Arc::new(Lags::default());
    let runner = world.applied(1).observed_by(lags.clone());
    runner.catch_up().await.unwrap();
    let expected = [1_300, 300, 300, 0, 0].map(|lag| ("applied", lag));
    assert_eq!(lags.seen(), expected);
    let oldest = lags.oldest.lock().unwrap().clone();
    assert!(oldest[0] < oldest[1], "{oldest:?}");
    assert_eq!(oldest[3..], [None, None]);
}

#[tokio::test]
async fn a_running_runner_finds_what_is_appended_and_stops_when_it_is_told() {
    let world = world().await.with_applied().await;
    let lags = Arc::new(Lags::default());
    let runner = world.applied(1).observed_by(lags.clone());
    let waker = runner.waker();
    let (stop, runs) = running(runner);
    append(&world, 3).await;
    waker.wake();
    lags.caught_up_from(3).await;
    assert_eq!(world.positions(1).await, up_to(3));
    stop.send(()).unwrap();
    runs.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_event_of_a_later_version_stops_the_runner_and_is_not_skipped() {
    let world = world().await.with_applied().await;
    append(&world, 3).await;
    let newer = world.append_from_the_future().await;
    append(&world, 2).await;
    // The other end is kept, so that nothing tells it to stop.
    let (_stop, runs) = running(world.applied(1));
    let error = runs.await.unwrap().unwrap_err();
    assert!(
        matches!(&error, ProjectionError::NewerEvent { position, .. } if *position == newer),
        "{error:?}"
    );
    assert!(error.to_string().contains("position 3"), "{error}");
    assert_eq!(world.positions(1).await, up_to(3));
}
