//! Rules of the house that no compiler checks, checked over the text of the whole workspace.
//!
//! Each check is a pure function from a file's text to what is wrong in it, stands in a file of its own, and shows
//! there on a bad sample that it finds what it is for.

#![allow(
    clippy::needless_pass_by_value,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "our own files, named by us"
)]

mod dependencies;
mod facts;
mod requirements;
mod shapes;
mod sleeping;
mod source;
mod surroundings;
mod systems;
mod text;
mod unwraps;
mod writes;

use std::{cell::RefCell, collections::BTreeMap};

use source::{Files, assert_tidy};

#[test]
fn facts_hold_no_free_text() {
    assert_tidy(Files::below("ledger-core/src/events"), facts::free_text);
}

#[test]
fn dependencies_point_towards_the_core() {
    assert_tidy(Files::manifests(), dependencies::backwards);
}

#[test]
fn only_the_store_writes_the_ledger_and_only_projections_write_read_models() {
    assert_tidy(Files::sources(), writes::out_of_place);
}

#[test]
fn the_core_takes_time_and_environment_as_arguments() {
    assert_tidy(Files::below("ledger-core/src"), surroundings::taken);
}

#[test]
fn nothing_is_unwrapped_outside_of_tests() {
    assert_tidy(Files::sources(), unwraps::found);
}

#[test]
fn tests_wait_for_conditions_and_do_not_sleep() {
    assert_tidy(Files::everything(), sleeping::in_tests);
}

#[test]
fn no_code_knows_a_system_by_its_name() {
    assert_tidy(Files::sources(), systems::named);
}

#[test]
fn no_two_shapes_of_the_api_have_one_name() {
    let seen = RefCell::new(BTreeMap::new());
    assert_tidy(Files::below("server/src"), |file| {
        shapes::taken(&mut seen.borrow_mut(), file)
    });
}

#[test]
fn every_requirement_that_a_profile_cites_is_in_the_catalogue() {
    assert_tidy(Files::profiles(), requirements::unknown);
}
