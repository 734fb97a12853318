//! The catalogue of requirements as a whole: each line of a system that is finished is shown by something, and
//! `docs/requirements.md` says by what.

use std::{collections::BTreeSet, fs};

use super::table::{Table, in_workspace, part_of};

/// The sources of the catalogue with the number of their last line, and the numbers that it does not have.
const SOURCES: [(char, u32, &[u32]); 7] = [
    ('D', 6, &[]),
    ('K', 19, &[]),
    ('M', 15, &[]),
    ('F', 11, &[]),
    ('S', 20, &[19]),
    ('V', 29, &[22, 25]),
    ('X', 10, &[]),
];

/// Sources whose system is not built yet.
const UNFINISHED: [char; 1] = ['F'];

/// The catalogue, if it is at hand: who builds from the project alone does not have it.
const CATALOGUE: &str = "../shared/design/requirements.md";

/// What all systems have in common, in words.
pub(super) const SENTENCES: [(&str, &str); 7] = [
    (
        "D1",
        "Every action is an event that is never changed: also reading, searching, printing, exporting and being refused.",
    ),
    (
        "D2",
        "Lists and overviews are read models, made from the events.",
    ),
    (
        "D3",
        "What has happened can be replayed, for the audit and for the archive.",
    ),
    (
        "D4",
        "An auditor learns who saw what and when, who could have seen it, and why.",
    ),
    ("D5", "Caseworkers work through a thin API."),
    ("D6", "An archivist exports closed logs."),
    (
        "X8",
        "Every way of reading has an access test of its own, and what nobody can be named for is refused.",
    ),
];

fn ids() -> impl Iterator<Item = String> {
    SOURCES.into_iter().flat_map(|(source, last, missing)| {
        let numbers = (1..=last).filter(|number| !missing.contains(number));
        numbers.map(move |number| format!("{source}{number}"))
    })
}

#[test]
fn what_all_systems_have_in_common_is_shown_by_tests() {
    let mut table = Table::of_all("What all systems have in common");
    table.test(
        "D1",
        "ledger-core/tests/golden_events/main.rs",
        "every_type_in_every_shape_has_its_file",
    );
    table.test(
        "D2",
        "server/tests/integration/projections/rebuilding.rs",
        "rebuilds_under_concurrent_writers_end_equal",
    );
    table.test(
        "D3",
        "server/tests/integration/bundle/writing.rs",
        "a_bundle_verifies_after_the_case_was_erased",
    );
    table.test(
        "D4",
        "ledger-core/tests/ledger/audit.rs",
        "who_could_have_seen_it_is_told_as_of_before_a_withdrawal",
    );
    table.test(
        "D5",
        "server/tests/integration/api/whole_story.rs",
        "a_case_is_told_from_its_opening_to_its_erasure",
    );
    table.test(
        "D6",
        "server/tests/integration/bundle/writing.rs",
        "a_bundle_verifies_from_itself_alone",
    );
    table.test(
        "X8",
        "server/tests/integration/api/access/shapes.rs",
        "who_may_not_know_of_a_case_reads_the_same_as_if_it_were_not_there",
    );
    let ids: Vec<&str> = SENTENCES.iter().map(|(id, _)| *id).collect();
    table.must_be_complete(&ids);
}

#[test]
fn every_line_of_the_catalogue_is_shown_by_something() {
    let document = fs::read_to_string(in_workspace("docs/requirements.md")).unwrap();
    let not_built = part_of(&document, "Not built yet").unwrap_or_default();
    let shown = document.replace(not_built, "");
    for id in ids() {
        let unfinished = UNFINISHED.iter().any(|source| id.starts_with(*source));
        let row = format!("| {id} | ");
        let place = if unfinished { not_built } else { &shown };
        let found = place.lines().find(|line| line.starts_with(&row));
        let found = found.unwrap_or_else(|| panic!("{id} is shown by nothing"));
        assert!(
            unfinished || !found.contains("| not yet"),
            "{id} is not shown yet: {found}"
        );
    }
}

#[test]
fn the_catalogue_has_these_lines() {
    let Ok(catalogue) = fs::read_to_string(in_workspace(CATALOGUE)) else {
        eprintln!(
            "SKIPPED: the requirements were not compared with their catalogue, because {CATALOGUE} is not there"
        );
        return;
    };
    let mut source = 'X';
    let mut found = BTreeSet::new();
    for line in catalogue.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            // `## K — Kindkans …`; the heading of the wider field has no letter, and its lines say theirs.
            let mut characters = heading.chars();
            let letter = characters.next().filter(|_| characters.next() == Some(' '));
            source = letter.unwrap_or('X');
        } else if let Some((number, _)) = line.split_once(". ")
            && number.parse::<u32>().is_ok()
        {
            found.insert(format!("{source}{number}"));
        } else if let Some((id, _)) = line.trim_start_matches("- ").split_once(' ')
            && id
                .strip_prefix('X')
                .is_some_and(|number| number.parse::<u32>().is_ok())
        {
            found.insert(id.to_owned());
        }
    }
    assert_eq!(found, ids().collect());
}
