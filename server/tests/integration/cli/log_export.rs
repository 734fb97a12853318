//! The log of the demo's four systems in the formats of the field, read by software that is not ours.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Program, remembered};
use crate::support::python::{output_of, python_with, skipped};

const FORMATS: [&str; 5] = [
    "audit-event",
    "nen7513-csv",
    "nen7513-json",
    "ldv",
    "consent-records",
];

/// The auditor of each story.
const AUDITORS: [(&str, &str); 4] = [
    ("kindkans-berseba", "carlo"),
    ("mirage-ocmw", "koen"),
    ("stafettloggen-kvam", "ragna"),
    ("stafettloggen-sula", "rolf"),
];

/// Of the families in the stories, and of texts in them.
const NEVER_SAID: [&str; 5] = [
    "Testperson",
    "Kari Oppdikta",
    "Ola",
    "Noor",
    "trekkjer seg unna",
];

pub(super) fn the_log_leaves_in_the_formats_of_the_field(program: &Program) {
    let state = remembered(&program.data_dir);
    let folder = tempfile::tempdir().unwrap();
    for (system, auditor) in AUDITORS {
        let auditor = state["stages"][system]["accounts"][auditor]
            .as_str()
            .unwrap();
        for format in FORMATS {
            let file = folder.path().join(format!("{system}.{format}"));
            let out = file.display().to_string();
            let asked = ["export", "--format", format, "--system", system];
            let run =
                program.run(&[&asked[..], &["--out", &out, "--as", auditor, "--json"]].concat());
            let written = run.ends_with(0).json();
            assert!(written["cases"].as_u64().unwrap() > 0, "{written}");
            let text = fs::read_to_string(&file).unwrap();
            assert_eq!(written["bytes"].as_u64(), Some(text.len() as u64));
            for word in NEVER_SAID {
                assert!(!text.contains(word), "{system}, {format} says {word}");
            }
        }
    }
    if let Some(found) = read_by_others(folder.path()) {
        everything_is_found(&found);
    }
    a_file_is_not_written_over(program, &state, folder.path());
}

fn everything_is_found(found: &Value) {
    let kvam = &found["stafettloggen-kvam"];
    // Readings, refusals by rule and by consent, decisions by consent, disclosures, broken glass.
    for kind in [
        "rest 0", "110113 0", "110113 4", "110113 8", "110106 0", "110101 0",
    ] {
        assert!(
            kvam["audit-event"][kind].as_u64() > Some(0),
            "{kind}: {kvam}"
        );
    }
    for state in ["ConsentGiven", "ConsentWithdrawn"] {
        assert!(
            kvam["consent-records"][state].as_u64() > Some(0),
            "{state}: {kvam}"
        );
    }
    let activity = &found["kindkans-berseba"]["ldv"]["activity"];
    assert_eq!(
        activity,
        "https://verwerkingsregister.swv.example/activiteiten/loket"
    );
    let own = "https://caseledger.localhost/local/systems/stafettloggen-sula";
    assert_eq!(found["stafettloggen-sula"]["ldv"]["activity"], own);
}

fn a_file_is_not_written_over(program: &Program, state: &Value, folder: &Path) {
    let accounts = &state["stages"]["stafettloggen-kvam"]["accounts"];
    let file = folder.join("kept");
    fs::write(&file, "mine").unwrap();
    let out = file.display().to_string();
    let export = |who: &str, more: &[&str]| {
        let who = accounts[who].as_str().unwrap();
        let asked = ["export", "--format", "ldv", "--out", &out, "--as", who];
        program.run(&[&asked[..], more].concat())
    };
    let kept = export("ragna", &[]).ends_with(2);
    assert!(kept.err.contains("exists already"), "{}", kept.err);
    let case = state["stages"]["stafettloggen-kvam"]["played"]["logs"]["kari"]["case"].as_str();
    export("mari", &["--force", "--case", case.unwrap()]).ends_with(3);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    export("ragna", &["--force", "--to", "2020-01-01T00:00:00Z"]).ends_with(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
    export("ragna", &["--force", "--to", "yesterday"]).ends_with(2);
    export("ragna", &["--force", "--system", "another"]).ends_with(3);
    let left: Vec<_> = fs::read_dir(folder).unwrap().collect();
    assert_eq!(left.len(), AUDITORS.len() * FORMATS.len() + 1, "{left:?}");
}

/// What others find in the files; says aloud that something is skipped where they are not there.
fn read_by_others(folder: &Path) -> Option<Value> {
    let Some(python) = python_with("fhir.resources.R4B.auditevent, pyld") else {
        skipped(
            "fhir.resources and PyLD are not there, so nobody else has read the exports of the log; install them with: pip \
             install fhir.resources==8.3.0 PyLD==3.3.0",
        );
        return None;
    };
    let found = output_of(&python, "formats.py", &[folder], "");
    Some(serde_json::from_str(&found).unwrap())
}
