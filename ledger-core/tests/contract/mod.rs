//! What every event store promises: one public function a promise, given a store that is fresh and empty.
//!
//! Each store runs the whole list through [`every_promise`], in memory in `store_contract.rs` beside this folder, on
//! Postgres in the service's integration tests. A new promise is a function here and a line in that list. What only
//! one store can show (roles in a database, broken connections) is tested where that store is.

mod conditions;
mod given;
mod keeping;
mod order;
mod reading;
mod repetition;

#[path = "../support/clock.rs"]
mod clock;

pub(crate) use self::{
    clock::MovableClock, conditions::*, given::*, keeping::*, order::*, reading::*, repetition::*,
};

/// Makes a test of each promise. `$fresh` names an async function that gives a [`Given`].
macro_rules! every_promise {
    ($fresh:path) => {
        every_promise! {
            $fresh:
            positions_have_no_gap_and_versions_count_from_one_in_each_stream
            events_of_one_request_stand_one_after_another
            what_is_read_is_what_was_appended
            writers_at_once_leave_no_gap_and_lose_nothing
            writers_at_once_on_one_stream_take_turns
            tenants_do_not_see_each_other
            a_ledger_that_was_never_opened_takes_nothing
            opening_a_ledger_again_changes_nothing
            a_request_is_let_in_while_every_version_stands
            an_empty_stream_counts_as_version_zero
            a_conflict_names_the_stream_and_its_versions
            a_refused_request_leaves_nothing_behind
            of_two_who_saw_the_same_version_one_is_refused
            a_decision_that_has_ended_or_not_begun_is_refused
            nothing_has_happened_in_the_future
            too_much_at_once_is_refused
            a_clock_that_was_turned_back_is_not_believed
            a_small_step_back_of_the_clock_does_not_turn_back_the_ledger
            a_repeated_request_is_told_where_it_stands
            a_key_is_not_used_for_two_requests
            a_key_belongs_to_one_account_of_one_tenant
            two_at_once_with_one_key_are_appended_once
            a_refused_request_leaves_its_key_free
            a_stream_is_read_after_a_version_and_in_pieces
            the_ledger_is_read_from_a_position_and_in_pieces
            positions_are_read_in_order_and_missing_ones_left_out
            what_one_account_did_is_read_newest_first
            a_kind_of_streams_is_read_at_once
            every_case_is_listed_once_in_pieces
            the_tip_is_that_of_the_tree_over_all_leaf_entries
            subtrees_of_256_leaves_are_kept
            contents_are_kept_until_they_are_deleted
            a_case_is_found_until_it_is_forgotten
            what_leads_to_a_case_may_be_said_twice
            pieces_of_a_document_are_read_in_order_until_they_are_deleted
            a_published_head_only_grows
        }
    };
    ($fresh:path: $($promise:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                contract::$promise($fresh().await).await;
            }
        )*
    };
}

pub(crate) use every_promise;
