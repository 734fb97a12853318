//! Random commands, looks and offices from random people of one municipality, over any ledger.
//!
//! The generator draws [`Step`]s, which name nothing: whom, which entry, which day is settled by a few bytes of luck,
//! against the state of the log as the store tells it. So a shrunk sequence still makes sense, and about half of what is
//! tried succeeds. A [`Town`] turns a step into an [`Act`] and carries acts out; what it answers is an [`Answer`], which
//! can be compared between two ledgers.
//!
//! In memory: `random_commands.rs` beside this folder. On Postgres beside memory: the service's integration tests.
//! Longer: `PROPTEST_CASES=1000 PROPTEST_RNG_SEED=7 cargo test --workspace random`.

#![allow(
    dead_code,
    unused_imports,
    reason = "not every suite asks for all of it"
)]

mod acts;
mod answers;
mod chance;
#[allow(clippy::duplicate_mod, reason = "the store's contract has it too")]
#[path = "../support/clock.rs"]
mod clock;
mod consents;
mod deeds;
mod offices;
mod people;
mod steps;
mod town;

pub(crate) use self::{
    acts::Act,
    answers::{Answer, Tally},
    clock::MovableClock,
    people::{LOGS, Person},
    steps::{Step, sequence},
    town::Town,
};

use proptest::test_runner::{Config, RngSeed};

/// As the environment says; without a word of it always the same, and as many sequences as a debug build has time for.
pub(crate) fn config(sequences: u32) -> Config {
    let said = |name| std::env::var_os(name).is_some();
    let mut config = Config::default();
    if !said("PROPTEST_CASES") {
        config.cases = sequences;
    }
    if !said("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(20_260_302);
    }
    config.failure_persistence = None;
    config.max_shrink_iters = 1_000;
    config.max_shrink_time = 8_000;
    config
}

/// The generator reaches the domain: otherwise the tests that use it would show nothing.
pub(crate) fn assert_reached(tally: &Tally) {
    let permitted = deeds::Deed::ALL.iter().filter(|deed| deed.is_permitted());
    let deeds = permitted.map(|deed| deed.name());
    let never = tally.never_done(deeds);
    // A few sequences do not do everything; many do.
    assert!(never.len() <= 4, "{never:?} were never done; {tally}");
    assert!((35..=70).contains(&tally.percent_done()), "{tally}");
    assert!(tally.pairs() >= 250, "{tally}");
    assert!(
        tally.content_shown >= 20 && tally.content_withheld >= 20,
        "{tally}"
    );
}
