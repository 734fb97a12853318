//! What goes in comes out: the same cases, events, order, times, resources and attributes; also in the eyes of a program
//! that is not ours.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::Path,
    process::Command,
};

use caseledger::import::{
    SourceFile,
    xes::{LogReader, Piece},
};
use chrono::Utc;

use super::town::{Town, fixture, receipt, skipped};

/// A log as our reader understands it, without the lines on which something stands and without pieces.
fn understood(input: impl BufRead) -> Vec<String> {
    let mut reader = LogReader::new(input, Utc, "2026-03-02T09:00:00Z".parse().unwrap());
    let mut understood = Vec::new();
    while let Some(piece) = reader.next_piece().unwrap() {
        match piece {
            Piece::Header(header) => understood.push(format!("{header:?}")),
            Piece::Case(case) => {
                understood.push(format!("{} {:?}", case.trace, case.attributes));
                for entry in case.entries {
                    understood.push(format!("{:?} {:?}", entry.occurred_at, entry.attributes));
                }
            }
        }
    }
    assert_eq!(reader.take_unused(), []);
    understood
}

/// The program that process miners use says how many events each case has, and which, in which order. Nothing, where
/// it is not there; that is said aloud.
fn mined(path: &Path) -> Option<String> {
    const SCRIPT: &str = "
import sys
from pm4py.objects.log.importer.xes.variants import iterparse
log = iterparse.apply(sys.argv[1], {'show_progress_bar': False})
for trace in log:
    print(trace.attributes.get('concept:name'), len(trace))
    for event in trace:
        print(sorted((key, str(value)) for key, value in event.items()))
";
    let python = |arguments: &[&str]| {
        let output = Command::new("python3").args(arguments).output().ok()?;
        output.status.success().then_some(output)
    };
    if python(&["-c", "import pm4py"]).is_none() {
        skipped(
            "pm4py is not there, so no other program has read an exported log; `source .ci/tools.sh; make_venv` installs it",
        );
        return None;
    }
    let output = python(&["-c", SCRIPT, path.to_str().unwrap()]).expect("pm4py reads the log");
    let out = String::from_utf8(output.stdout).unwrap();
    // Its greeting stands before the first case.
    let begin = out.lines().position(|line| line.starts_with("[("));
    let before = begin.map_or(0, |first| first.saturating_sub(1));
    Some(out.lines().skip(before).collect::<Vec<_>>().join("\n"))
}

/// Takes a log in and out again, and compares; gives back what came out.
async fn there_and_back(path: &Path) -> String {
    let town = Town::new().await;
    let (_, told) = town.import(path).await;
    assert_eq!(told.unused, []);
    let out = town.exported_by(&town.archivist).await;
    let (input, _) = SourceFile::open(path).unwrap().read().unwrap();
    let (went_in, came_out) = (understood(input), understood(out.as_bytes()));
    assert_eq!(went_in.len(), came_out.len());
    for (went_in, came_out) in went_in.iter().zip(&came_out) {
        assert_eq!(went_in, came_out);
    }
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("out.xes");
    fs::write(&written, &out).unwrap();
    if let Some(came_out) = mined(&written) {
        // What is packed is given to it unpacked, so that both are read in the same way.
        let (mut input, _) = SourceFile::open(path).unwrap().read().unwrap();
        let unpacked = folder.path().join("in.xes");
        let mut text = Vec::new();
        input.read_to_end(&mut text).unwrap();
        fs::write(&unpacked, text).unwrap();
        let went_in = mined(&unpacked).unwrap();
        assert!(came_out.lines().count() > 1, "{came_out}");
        assert!(went_in == came_out, "pm4py reads another log than went in");
    }
    // Taken in once more it is a file of its own, with the same in it.
    let again = Town::new().await;
    again.import(&written).await;
    assert_eq!(again.exported_by(&again.archivist).await, out);
    out
}

#[tokio::test]
async fn a_log_with_every_kind_of_attribute_comes_out_as_it_went_in() {
    let out = there_and_back(&fixture("allotments.xes")).await;
    // As it was written, to the last digit and in its own zone.
    assert!(out.contains("2011-10-12T08:26:25.398123456-03:30"));
    assert!(out.contains("<boolean key=\"sunny\" value=\"true\"/>"));
}

#[tokio::test]
async fn a_real_log_of_a_municipality_comes_out_as_it_went_in() {
    let Some(path) = receipt() else { return };
    let out = there_and_back(&path).await;
    assert_eq!(out.matches("<trace>").count(), 1_434);
    assert_eq!(out.matches("<event>").count(), 8_577);
}

#[tokio::test]
async fn a_case_that_goes_on_here_goes_out_with_what_happened_since() {
    let town = Town::new().await;
    town.import(&fixture("allotments.xes")).await;
    let case = town.cases().await[0];
    super::living::close(&town, case).await;
    let out = town.exported_by(&town.archivist).await;
    for said in [
        "<string key=\"concept:name\" value=\"case_closed\"/>",
        "<string key=\"org:role\" value=\"caseworker\"/>",
        "<string key=\"fact:reason\" value=\"no_longer_needed\"/>",
    ] {
        assert!(out.contains(said), "{said} is missing in\n{out}");
    }
    // Words that were written here do not go out with it.
    assert!(!out.contains("Nobody gardens any more"));
}

#[tokio::test]
async fn who_may_not_take_cases_out_gets_none_of_them() {
    let town = Town::new().await;
    town.import(&fixture("allotments.xes")).await;
    for caller in [
        &town.administrator,
        &town.caseworker,
        &town.stranger,
        &town.auditor,
    ] {
        let out = town.exported_by(caller).await;
        assert_eq!(out.matches("<trace>").count(), 0);
        assert!(!out.contains("Resource"), "{out}");
    }
    let first = || {
        File::open(fixture("allotments.xes"))
            .map(BufReader::new)
            .unwrap()
    };
    assert_eq!(understood(first()).len(), 9);
}
