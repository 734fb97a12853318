//! What the case list and the views hold.

use std::sync::atomic::{AtomicU32, Ordering};

use ledger_core::ids::Position;
use projections::{
    all,
    case_list::{self, Filter},
    views,
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::{
    chronicle::{self, Chronicle, Numbers, account, unit},
    world::{World, world},
};

/// Appends request after request, each followed by the runner, so that the live rows come about in many batches.
async fn live(world: &World, requests: &[Vec<Numbers>]) -> Chronicle {
    let mut chronicle = Chronicle::default();
    let mut next = 0;
    for request in requests {
        let happenings: Vec<_> = (next..)
            .zip(request)
            .map(|(position, numbers)| chronicle.happen(*numbers, Position(position)))
            .collect();
        assert_eq!(world.append(happenings).await, Position(next));
        next += request.len() as u64;
        world.runner(all()).catch_up().await.unwrap();
    }
    chronicle
}

async fn told(requests: &[Vec<Numbers>]) -> (World, Chronicle) {
    let world = world().await;
    let chronicle = live(&world, requests).await;
    (world, chronicle)
}

#[test]
fn what_is_rebuilt_equals_what_came_about_live_and_what_was_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let shared = runtime.block_on(world());
    let ledgers = AtomicU32::new(0);
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&chronicle::requests(), |requests| {
        // Each in a ledger of its own, in one database: what one tenant does must not show with another.
        let tenant = format!("tenant-{}", ledgers.fetch_add(1, Ordering::SeqCst));
        runtime.block_on(async {
            let world = shared.with_tenant(&tenant).await;
            let chronicle = live(&world, &requests).await;
            chronicle.check(&world).await;
            let before = world.everything().await;
            let runner = world.runner(all());
            for name in ["case_list", "views"] {
                let report = runner.rebuild(name, &|_, _| {}).await.unwrap();
                assert_eq!(report.generation.0, 2);
            }
            chronicle.check(&world).await;
            let after = world.everything().await;
            world.store.close().await;
            if before == after {
                Ok(())
            } else {
                Err(TestCaseError::fail(format!("{before:#?}\n{after:#?}")))
            }
        })
    });
    outcome.unwrap();
}

#[tokio::test]
async fn candidates_come_in_pages_and_each_once() {
    // Five cases of unit 1; account 1 has two parties in each of them.
    let open = (0..5).map(|case| (case, 0, 1));
    let join = (0..5).map(|case| (case, 0, 1));
    let again = (0..5).map(|case| (case, 0, 1));
    let (world, chronicle) = told(&[open.chain(join).chain(again).collect()]).await;
    let units = [unit(1), unit(2)];
    let everything = Filter::default();
    let mut after = None;
    let mut found = Vec::new();
    loop {
        let page = case_list::candidates(
            &world.projector,
            &world.tenant,
            account(1),
            &units,
            &everything,
            after,
            2,
        );
        let page = page.await.unwrap();
        found.extend(page.iter().copied());
        after = page.last().copied();
        if page.len() < 2 {
            break;
        }
    }
    let cases: Vec<_> = (0..5).map(|case| chronicle.case(case)).collect();
    assert_eq!(found, cases);
}

#[tokio::test]
async fn a_filter_narrows_what_a_role_and_what_a_part_lead_to() {
    // Case 0 of unit 1 and case 1 of unit 2, with account 1 in both.
    let (world, chronicle) = told(&[vec![(0, 0, 1), (1, 0, 2), (0, 0, 1), (1, 0, 1)]]).await;
    let opened = case_list::find(&world.projector, &world.tenant, chronicle.case(0)).await;
    let opened = opened.unwrap().unwrap();
    let (one, other) = (chronicle.case(0), chronicle.case(1));
    let everything = Filter::default;
    let cases = [
        (everything(), vec![one, other]),
        (
            Filter {
                statuses: vec![opened.status.clone(), "never".parse().unwrap()],
                ..everything()
            },
            vec![one, other],
        ),
        (
            Filter {
                statuses: vec!["never".parse().unwrap()],
                ..everything()
            },
            vec![],
        ),
        (
            Filter {
                unit: Some(unit(1)),
                ..everything()
            },
            vec![one],
        ),
        (
            Filter {
                profile: Some(opened.profile.clone()),
                opened_from: Some(opened.opened_at),
                ..everything()
            },
            vec![one, other],
        ),
        (
            Filter {
                profile: Some("another".parse().unwrap()),
                ..everything()
            },
            vec![],
        ),
        (
            Filter {
                opened_before: Some(opened.opened_at),
                ..everything()
            },
            vec![],
        ),
    ];
    let (pool, tenant) = (&world.projector, &world.tenant);
    let units = [unit(1), unit(2)];
    for (filter, expected) in cases {
        let by_part = case_list::candidates(pool, tenant, account(1), &[], &filter, None, 10).await;
        assert_eq!(by_part.unwrap(), expected, "{filter:?}");
        let by_role =
            case_list::candidates(pool, tenant, account(3), &units, &filter, None, 10).await;
        assert_eq!(by_role.unwrap(), expected, "{filter:?}");
        let matching = case_list::matching(pool, tenant, &[one, other], &filter).await;
        assert_eq!(matching.unwrap(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn views_come_in_pages_newest_first() {
    let views: Vec<Numbers> = std::iter::once((0, 0, 1))
        .chain((0..5).map(|_| (0, 13, 61)))
        .collect();
    let (world, chronicle) = told(&[views]).await;
    let case = chronicle.case(0);
    let page = async |before| -> Vec<u64> {
        let found = views::of_case(&world.projector, &world.tenant, case, before, 2).await;
        let found = found.unwrap().into_iter();
        found.map(|view| view.position.0).collect()
    };
    assert_eq!(page(None).await, [5, 4]);
    assert_eq!(page(Some(Position(4))).await, [3, 2]);
    assert_eq!(page(Some(Position(2))).await, [1]);
}

#[tokio::test]
async fn an_erasure_takes_the_case_out_of_the_list_and_keeps_who_saw_it() {
    let (opened, joined, viewed) = ((0, 0, 1), (0, 0, 1), (0, 13, 61));
    let (erasing, joined_after, erased) = ((0, 11, 1), (0, 0, 2), (0, 12, 1));
    let (world, chronicle) = told(&[vec![opened, joined, viewed]]).await;
    let case = chronicle.case(0);
    let listed = async |world: &World| {
        case_list::find(&world.projector, &world.tenant, case)
            .await
            .unwrap()
            .is_some()
    };
    assert!(listed(&world).await);

    let (world, _) = told(&[vec![opened, joined, viewed], vec![erasing]]).await;
    assert!(
        !listed(&world).await,
        "hidden as soon as the erasure begins"
    );

    let (world, _) = told(&[
        vec![opened, joined, viewed],
        vec![erasing, joined_after, erased],
    ])
    .await;
    for table in ["case_list", "case_list_members"] {
        assert_eq!(
            world.live_rows("case_list", table).await,
            Vec::<String>::new()
        );
    }
    let seen = views::of_case(&world.projector, &world.tenant, case, None, 10).await;
    assert_eq!(seen.unwrap().len(), 1);
}

#[tokio::test]
async fn the_projector_reads_no_content_and_the_writer_no_read_models() {
    let world = world().await;
    let refused = [
        (&world.projector, "SELECT ciphertext FROM event_contents"),
        (&world.projector, "SELECT ciphertext FROM document_chunks"),
        (&world.projector, "INSERT INTO events SELECT * FROM events"),
        (&world.writer, "SELECT case_id FROM case_list"),
        (&world.writer, "DELETE FROM case_list_members"),
        (&world.writer, "DELETE FROM case_views"),
        (
            &world.writer,
            "UPDATE projection_generations SET next_position = 0",
        ),
    ];
    for (pool, statement) in refused {
        let error = sqlx::query(statement).execute(pool).await.unwrap_err();
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {error}");
    }
}
