//! Whatever anybody tries, in whatever order: the ledger does it or names the requirement that stands in its way, shows
//! nothing that the consents forbid, withholds nothing from guardians, and stays whole.

mod random;

use std::{cell::RefCell, sync::Arc};

use ledger_core::store::memory::MemoryStore;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use random::{MovableClock, Step, Tally, Town, config, sequence};

/// How many sequences there are without a word of the environment.
const SEQUENCES: u32 = 28;

/// Runs a sequence; what went wrong comes with everything that led there.
async fn run(steps: &[Step], tally: &mut Tally) -> Result<(), String> {
    let clock = MovableClock::stopped_at("2026-03-02T09:00:00Z");
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let mut town = Town::founded("kvam", store, clock).await;
    let mut story = String::new();
    for step in steps {
        let act = town.settle(step);
        match town.take(&act, tally).await {
            Ok(answer) => story.push_str(&format!("{act}\n    → {answer}\n")),
            Err((answer, wrong)) => {
                return Err(format!("{story}{act}\n    → {answer}\n{wrong}"));
            }
        }
    }
    let end = town.check_end(steps.len().is_multiple_of(3)).await;
    end.map_err(|wrong| format!("{story}{wrong}"))
}

#[test]
fn random_commands_of_random_people_have_defined_answers_and_leave_the_ledger_whole() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("builds");
    let tally = RefCell::new(Tally::default());
    let config = config(SEQUENCES);
    let enough = config.cases >= SEQUENCES;
    let outcome = TestRunner::new(config).run(&sequence(), |steps| {
        let told = runtime.block_on(run(&steps, &mut tally.borrow_mut()));
        told.map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(story, _)) => panic!("{story}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let tally = tally.into_inner();
    println!("{tally}");
    if enough {
        random::assert_reached(&tally);
    }
}
