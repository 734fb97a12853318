//! Making a read model anew beside the one in use.

use std::{sync::Mutex, time::Duration};

use ledger_core::ids::Position;
use projections::{Generation, ProjectionError, RebuildReport, all};
use tokio::sync::oneshot;

use super::{
    chronicle::{Chronicle, KINDS, Numbers},
    doubles::Gate,
    world::{World, world},
};

/// Appends what these numbers tell, in requests of a hundred at most.
async fn append(world: &World, chronicle: &mut Chronicle, numbers: &[Numbers]) {
    for request in numbers.chunks(100) {
        let happenings = request.iter();
        let happenings = happenings
            .map(|numbers| chronicle.happen(*numbers, Position(0)))
            .collect();
        world.append(happenings).await;
    }
}

async fn append_notes(world: &World, events: usize) {
    let notes = vec![(0, 19, 1); events];
    append(world, &mut Chronicle::default(), &notes).await;
}

fn up_to(events: i64) -> Vec<i64> {
    (0..events).collect()
}

fn unheard(_: u64, _: u64) {}

#[tokio::test]
async fn a_rebuild_pauses_neither_writers_nor_the_read_model_in_use() {
    let world = world().await.with_applied().await;
    append_notes(&world, 10).await;
    world.applied(1).catch_up().await.unwrap();
    let gate = Gate::before_commit(2, 0);
    let held = world.applied_through(1, &gate);
    let rebuild = tokio::spawn(async move { held.rebuild("applied", &unheard).await });
    gate.reached().await;

    // The rebuild is in the middle of a transaction and stays there.
    append_notes(&world, 5).await;
    world.applied(1).catch_up().await.unwrap();
    assert_eq!(world.positions(1).await, up_to(15));
    assert_eq!(
        world.generations("applied").await,
        [
            (1, "live".to_owned(), 1, 15),
            (2, "filling".to_owned(), 1, 0)
        ]
    );

    gate.open();
    let report = rebuild.await.unwrap().unwrap();
    let expected = RebuildReport {
        generation: Generation(2),
        resumed_from: Position(0),
        events: 15,
        rows_deleted: 15,
    };
    assert_eq!(report, expected);
    assert_eq!(world.positions(1).await, up_to(0));
    assert_eq!(world.positions(2).await, up_to(15));
    append_notes(&world, 2).await;
    world.applied(1).catch_up().await.unwrap();
    assert_eq!(world.positions(2).await, up_to(17));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebuilds_under_concurrent_writers_end_equal() {
    let world = world().await;
    let runner = world.runner(all());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = async {
        runner
            .run_until(async {
                stopped.await.unwrap();
            })
            .await
            .unwrap();
    };
    let writing = async |writer: u64| {
        let numbers: Vec<Numbers> = (0..400_u32)
            .map(|n| {
                let [a, b, c, _] = n.wrapping_mul(2_654_435_761).to_be_bytes();
                (a % 5, b % KINDS, c)
            })
            .collect();
        append(&world, &mut Chronicle::of_writer(writer), &numbers).await;
    };
    let rebuilding = async {
        tokio::join!(writing(1), writing(2), writing(3), async {
            for _ in 0..3 {
                for projection in all() {
                    let name = projection.name();
                    world.runner(all()).rebuild(name, &unheard).await.unwrap();
                }
            }
        });
        stop.send(()).unwrap();
    };
    tokio::join!(running, rebuilding);
    world.runner(all()).catch_up().await.unwrap();
    let live = world.everything().await;
    assert!(!live.is_empty());
    for projection in all() {
        let name = projection.name();
        let report = world.runner(all()).rebuild(name, &unheard).await.unwrap();
        assert_eq!(report.events, 1_200);
        assert_eq!(world.generations(name).await.len(), 1);
    }
    assert_eq!(world.everything().await, live);
}

/// Leaves a rebuild of version 1 behind that has applied a thousand of 1,500 events.
async fn interrupted() -> World {
    let world = world().await.with_applied().await;
    append_notes(&world, 1_500).await;
    world.applied(1).catch_up().await.unwrap();
    let gate = Gate::before_commit(2, 1);
    let held = world.applied_through(1, &gate);
    let rebuild = tokio::spawn(async move { held.rebuild("applied", &unheard).await });
    gate.reached().await;
    rebuild.abort();
    assert!(rebuild.await.unwrap_err().is_cancelled());
    assert_eq!(world.positions(2).await, up_to(1_000));
    world
}

#[tokio::test]
async fn an_interrupted_rebuild_is_taken_up_where_it_stopped() {
    let world = interrupted().await;
    let told = Mutex::new(Vec::new());
    let progress = |done, of| told.lock().unwrap().push((done, of));
    let report = world
        .applied(1)
        .rebuild("applied", &progress)
        .await
        .unwrap();
    assert_eq!(report.resumed_from, Position(1_000));
    assert_eq!(world.positions(2).await, up_to(1_500));
    assert_eq!(
        *told.lock().unwrap(),
        [(1_000, 1_500), (1_500, 1_500), (1_500, 1_500)]
    );
}

#[tokio::test]
async fn an_interrupted_rebuild_of_earlier_code_is_begun_anew() {
    let world = interrupted().await;
    let report = world.applied(2).rebuild("applied", &unheard).await.unwrap();
    let expected = RebuildReport {
        generation: Generation(3),
        resumed_from: Position(0),
        events: 1_500,
        rows_deleted: 2_500,
    };
    assert_eq!(report, expected);
    assert_eq!(world.positions(3).await, up_to(1_500));
    assert_eq!(
        world.generations("applied").await,
        [(3, "live".to_owned(), 2, 1_500)]
    );
}

/// Runs until the read model's generations are as `wanted`.
async fn run_until_there_are(world: &World, version: i32, wanted: &[(i64, String, i32, i64)]) {
    let runner = world.applied(version);
    let reached = async {
        while world.generations("applied").await != wanted {
            tokio::task::yield_now().await;
        }
    };
    let run = tokio::time::timeout(Duration::from_mins(1), runner.run_until(reached));
    run.await.expect("it comes about").unwrap();
}

#[tokio::test]
async fn a_read_model_of_earlier_code_is_rebuilt_when_the_service_starts() {
    let world = world().await.with_applied().await;
    append_notes(&world, 20).await;
    world.applied(1).catch_up().await.unwrap();
    run_until_there_are(&world, 2, &[(2, "live".to_owned(), 2, 20)]).await;
    assert_eq!(world.positions(1).await, up_to(0));
    assert_eq!(world.positions(2).await, up_to(20));
}

#[tokio::test]
async fn a_rebuild_that_was_interrupted_is_finished_when_the_service_starts() {
    let world = interrupted().await;
    run_until_there_are(&world, 1, &[(2, "live".to_owned(), 1, 1_500)]).await;
    assert_eq!(world.positions(2).await, up_to(1_500));
}

#[tokio::test]
async fn two_servers_that_rebuild_share_the_work() {
    let one = interrupted().await;
    let other = one.another_server().await;
    let (a, b) = (one.applied(1), other.applied(1));
    let (a, b) = tokio::join!(
        a.rebuild("applied", &unheard),
        b.rebuild("applied", &unheard)
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    // Whoever comes after the other has swapped begins another; either way each event stands there once.
    let newest = a.generation.max(b.generation).0;
    assert_eq!(one.positions(newest).await, up_to(1_500));
    assert_eq!(
        one.generations("applied").await,
        [(newest, "live".to_owned(), 1, 1_500)]
    );
}

#[tokio::test]
async fn earlier_code_leaves_what_later_code_made_alone_until_it_is_asked() {
    let world = world().await.with_applied().await;
    append_notes(&world, 4).await;
    world.applied(2).catch_up().await.unwrap();
    append_notes(&world, 1).await;
    let error = world.applied(1).catch_up().await.unwrap_err();
    assert!(
        matches!(
            error,
            ProjectionError::NewerReadModel {
                stored: 2,
                known: 1,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(world.positions(1).await, up_to(4));
    let report = world.applied(1).rebuild("applied", &unheard).await.unwrap();
    assert_eq!(report.events, 5);
    world.applied(1).catch_up().await.unwrap();
}

#[tokio::test]
async fn asking_for_a_read_model_that_does_not_exist_names_those_that_do() {
    let world = world().await;
    let error = world.runner(all()).rebuild("cases", &unheard).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "there is no read model cases; there are access_intervals, case_list, due, numbers, views"
    );
}
