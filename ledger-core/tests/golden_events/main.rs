//! Every event that was ever written can be read for ever: one file for each type and shape in `fixtures/golden`.
//!
//! `<type>.v<version>.json` is the envelope, byte for byte as it is stored; `<type>.v<version>.content.json` is what is
//! sealed with it. A file is never edited: a type whose shape changes gets a new version, an upcaster, and a file
//! beside the old one. What is missing is written by
//!
//! ```text
//! cargo test --workspace --test golden_events -- --ignored write_what_is_missing
//! ```

mod golden;
mod handing_over;
mod importing;
mod life;
mod list;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use ledger_core::{
    event::Envelope,
    events::{DecodeError, EVENT_TYPES, Event},
    ids::Position,
    store::StoredEvent,
};
use serde_json::value::RawValue;

use golden::{code, consent, digest, folder, party, school, text};
use list::golden;

/// What a file holds, without the line end that makes it a text file.
fn kept(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `write_what_is_missing` writes it",
            path.display()
        )
    });
    assert_eq!(
        bytes.pop(),
        Some(b'\n'),
        "{} ends in a line end",
        path.display()
    );
    bytes
}

#[test]
fn every_type_in_every_shape_has_its_file() {
    let mut expected = BTreeSet::new();
    for golden in golden() {
        assert!(
            expected.insert(golden.path()),
            "{} twice",
            golden.path().display()
        );
        if golden.content.is_some() {
            expected.insert(golden.content_path());
        }
    }
    for (event_type, version) in EVENT_TYPES {
        for version in 1..=*version {
            let path = folder().join(format!("{event_type}.v{version}.json"));
            assert!(
                expected.contains(&path),
                "{event_type} v{version} has no golden event; add it to `golden` in this file"
            );
        }
    }
    let files = fs::read_dir(folder()).expect("the folder is there");
    let found: BTreeSet<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_kept_is_read_as_what_it_meant() {
    for golden in golden() {
        let path = golden.path();
        let stored = StoredEvent {
            position: Position(16),
            envelope: kept(&path),
            salt: digest(8),
            leaf_entry: digest(0),
        };
        let recorded = stored
            .decode()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(recorded.event, golden.reads_as, "{}", path.display());
        let Envelope {
            event_type,
            schema_version,
            facts,
            ..
        } = recorded.envelope;
        assert_eq!(
            (event_type, schema_version),
            (golden.event_type, golden.schema_version)
        );
        assert_eq!(facts.get(), golden.facts.get(), "{}", path.display());
        if schema_version == golden.reads_as.schema_version() {
            assert_eq!(
                recorded.event.to_facts().get(),
                facts.get(),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn the_program_still_writes_what_is_kept() {
    for golden in golden().iter().filter(|golden| golden.is_current()) {
        let (path, written) = (golden.path(), golden.envelope());
        let (kept, written) = (kept(&path), String::from_utf8_lossy(&written));
        assert_eq!(
            String::from_utf8_lossy(&kept),
            written,
            "{}",
            path.display()
        );
    }
}

#[test]
fn sealed_contents_are_still_read_and_written_as_they_are_kept() {
    for golden in golden().iter().filter(|golden| golden.content.is_some()) {
        let path = golden.content_path();
        let kept = kept(&path);
        assert_eq!(golden.content.as_ref(), Some(&kept), "{}", path.display());
        let again = (golden.rewrite)(&kept);
        let again = again.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(again, kept, "{}", path.display());
    }
}

#[test]
fn a_consent_of_the_first_shape_names_one_service_or_none() {
    let event = |facts: &str| {
        let facts = RawValue::from_string(facts.to_owned()).expect("JSON");
        Event::decode(&code("consent_given"), 1, &facts).expect("decodes")
    };
    let without = format!(
        r#"{{"consent":"{}","kind":"establish_log","by":"{}"}}"#,
        consent(),
        party()
    );
    let Event::ConsentGiven(facts) = event(&without) else {
        panic!("another event");
    };
    assert_eq!(facts.services, []);
    let with = without.replace('}', &format!(r#","service":"{}"}}"#, school()));
    let Event::ConsentGiven(facts) = event(&with) else {
        panic!("another event");
    };
    assert_eq!(facts.services, [school()]);
}

#[test]
fn an_event_of_a_later_program_is_not_taken_for_one_of_this() {
    for (event_type, version) in EVENT_TYPES {
        let found = golden()
            .into_iter()
            .find(|golden| golden.event_type.as_str() == *event_type);
        let facts = found.expect("there is one of each").facts;
        for other in [0, version + 1, u16::MAX] {
            let outcome = Event::decode(&code(event_type), other, &facts);
            assert!(
                matches!(outcome, Err(DecodeError::Unknown { schema_version, .. }) if schema_version == other),
                "{event_type} v{other}"
            );
        }
    }
    let facts = RawValue::from_string(text("{}")).expect("JSON");
    let outcome = Event::decode(&code("room_opened"), 1, &facts);
    assert!(matches!(outcome, Err(DecodeError::Unknown { .. })));
}

#[test]
fn facts_that_say_more_than_their_shape_are_refused() {
    for golden in golden().iter().filter(|golden| golden.is_current()) {
        let more = golden
            .facts
            .get()
            .replacen('{', r#"{"remark":"hello","#, 1)
            .replace(",}", "}");
        let more = RawValue::from_string(more).expect("JSON");
        let outcome = Event::decode(&golden.event_type, golden.schema_version, &more);
        assert!(
            matches!(outcome, Err(DecodeError::Malformed { .. })),
            "{}",
            golden.event_type
        );
    }
}

/// Not a test: writes the files of new types and shapes, and leaves those that are there as they are.
#[test]
#[ignore = "writes files: run it after adding an event type"]
fn write_what_is_missing() {
    fs::create_dir_all(folder()).expect("the folder can be made");
    for golden in golden() {
        let mut files = vec![(golden.path(), golden.envelope())];
        files.extend(
            golden
                .content
                .clone()
                .map(|content| (golden.content_path(), content)),
        );
        for (path, mut bytes) in files {
            if !path.exists() {
                bytes.push(b'\n');
                fs::write(&path, bytes).expect("the file can be written");
            }
        }
    }
}
