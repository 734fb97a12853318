//! Writing: what comes out, and that nothing comes out where it must not.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use caseledger::export::bundle::{self, BundleError, Trust};
use ledger_core::{
    case::ArchiveCase,
    ids::Position,
    ledger::{CaseCommand, LedgerError},
};

use crate::support::story::occasion;

use super::story::{Story, files, misfiled};

#[tokio::test]
async fn a_bundle_verifies_from_itself_alone() {
    let story = Story::closed_with_redactions().await;
    let written = story.bundle().await;
    assert_eq!(written.path, story.folder().join("bundle"));
    assert_eq!(written.documents, 1);

    let verified = bundle::verify(&written.path).unwrap();
    assert_eq!(verified.case, story.case);
    assert_eq!(verified.tenant, story.tenant);
    assert_eq!(verified.cut, written.cut);
    assert_eq!(verified.events, written.events);
    assert_eq!(verified.package_position, written.package_position);
    assert_eq!(verified.documents, 1);
    assert_eq!(verified.documents_redacted, 1);
    // The note, and the title of the document.
    assert_eq!(verified.contents_redacted, 2);
    assert!(verified.contents > 8, "{verified:?}");
    assert!(verified.cited >= 3, "{verified:?}");
    assert_eq!(verified.trust, Trust::BundleAlone);
}

#[tokio::test]
async fn what_was_redacted_is_in_no_file() {
    let story = Story::closed_with_redactions().await;
    let root = story.bundle().await.path;
    for file in files(&root) {
        let text = String::from_utf8_lossy(&fs::read(root.join(&file)).unwrap()).into_owned();
        assert!(!text.contains("misfiled text"), "{file}");
    }
    let events = fs::read_to_string(root.join("data/events.jsonl")).unwrap();
    assert!(events.contains("reading text"));
}

#[tokio::test]
async fn what_a_redaction_names_is_left_out_even_while_it_is_not_destroyed_yet() {
    let story = Story::begin().await;
    let note = story.note("misfiled").await;
    // The event alone: whoever was to destroy the content afterwards was interrupted.
    story
        .command(
            &story.cast.teacher,
            CaseCommand::RedactContent(misfiled(note.first)),
        )
        .await;
    story.close().await;
    let root = story.bundle().await.path;
    assert_eq!(bundle::verify(&root).unwrap().contents_redacted, 1);
    let events = fs::read_to_string(root.join("data/events.jsonl")).unwrap();
    assert!(!events.contains("misfiled text"));
}

#[tokio::test]
async fn a_bundle_can_be_read_by_its_owner_alone() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&root), 0o700);
    for file in files(&root) {
        assert_eq!(mode(&root.join(&file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_bundle_verifies_after_the_case_was_erased() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    let archive = ArchiveCase {
        reference: "IKAH 2026/77".to_owned(),
    };
    story
        .command(&story.cast.archivist, CaseCommand::Archive(archive))
        .await;
    story
        .ledger
        .erase(&story.cast.archivist, story.case, &occasion())
        .await
        .unwrap();
    assert!(bundle::verify(&root).is_ok());
}

#[tokio::test]
async fn a_second_bundle_covers_the_first() {
    let story = Story::closed().await;
    let first = story.bundle().await;
    let second = story.export(&story.cast.archivist, "second").await.unwrap();
    let verified = bundle::verify(&second.path).unwrap();
    assert!(verified.cut > first.package_position);
    // The package_built of the first, and the case_exported of the second.
    assert_eq!(second.events, first.events + 2);
}

#[tokio::test]
async fn nothing_is_written_over_anything() {
    let story = Story::closed().await;
    let out = story.folder().join("bundle");
    for make in [
        (|out| fs::write(out, "mine").unwrap()) as fn(&Path),
        |out| fs::create_dir(out).unwrap(),
        |out| std::os::unix::fs::symlink("nowhere", out).unwrap(),
    ] {
        make(&out);
        let before = size(&story).await;
        let error = story
            .export(&story.cast.archivist, "bundle")
            .await
            .unwrap_err();
        assert!(matches!(error, BundleError::TargetExists(_)), "{error}");
        assert_eq!(size(&story).await, before, "nothing was given out");
        assert_eq!(files_beside(&story), ["bundle"]);
        fs::remove_file(&out)
            .or_else(|_| fs::remove_dir(&out))
            .unwrap();
    }
    let error = story
        .export(&story.cast.archivist, "no/such/folder")
        .await
        .unwrap_err();
    assert!(matches!(error, BundleError::Target(_)), "{error}");
}

#[tokio::test]
async fn two_exports_to_one_place_do_not_mix() {
    let story = Story::closed().await;
    fs::create_dir(story.folder().join("bundle.partial")).unwrap();
    let error = story
        .export(&story.cast.archivist, "bundle")
        .await
        .unwrap_err();
    assert!(matches!(error, BundleError::PartialExists(_)), "{error}");
    assert_eq!(files_beside(&story), ["bundle.partial"]);
}

#[tokio::test]
async fn whoever_may_not_export_gets_nothing() {
    let story = Story::closed().await;
    let error = story
        .export(&story.cast.teacher, "bundle")
        .await
        .unwrap_err();
    assert!(
        matches!(error, BundleError::Ledger(LedgerError::Refused(_))),
        "{error}"
    );
    assert_eq!(files_beside(&story), [""; 0]);

    let open = Story::begin().await;
    let error = open
        .export(&open.cast.archivist, "bundle")
        .await
        .unwrap_err();
    // Of a log that is still in use an archivist does not even learn that it is there.
    assert!(
        matches!(error, BundleError::Ledger(LedgerError::NotFound)),
        "{error}"
    );
    assert_eq!(files_beside(&open), [""; 0]);
}

#[tokio::test]
async fn the_readme_says_what_to_do_and_has_no_gap() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    let readme = fs::read_to_string(root.join("data/README.txt")).unwrap();
    assert!(readme.contains(&story.case.to_string()));
    assert!(!readme.contains("{c") && !readme.contains("{o"), "{readme}");
    for file in files(&root) {
        let named = file
            .strip_prefix("data/documents/")
            .or(file.strip_prefix("data/rules/"))
            .is_some()
            || ["bag", "manifest", "tagmanifest", "data/README"]
                .iter()
                .any(|prefix| file.starts_with(prefix))
            || readme.contains(&file);
        assert!(named, "README.txt does not explain {file}");
    }
}

/// The judge from outside. Not every machine that runs these tests has it: then this says so, loudly.
#[tokio::test]
async fn the_reference_tool_for_bagit_accepts_a_bundle() {
    let story = Story::closed_with_redactions().await;
    let root = story.bundle().await.path;
    let bagit = |arguments: &[&str]| {
        Command::new("python3")
            .args(["-m", "bagit"])
            .args(arguments)
            .output()
            .ok()
    };
    if !bagit(&["--version"]).is_some_and(|output| output.status.success()) {
        // Past the test harness, which shows nothing of a test that passes.
        let skipped = "\n*** SKIPPED: bagit.py is not there, so no other program has checked a bundle; \
                       install it with: pip install bagit==1.9.0 ***\n";
        std::io::stderr().write_all(skipped.as_bytes()).unwrap();
        return;
    }
    let checked = bagit(&["--validate", root.to_str().unwrap()]).unwrap();
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(checked.status.success(), "{said}");
    // It can say no.
    fs::write(root.join("data/cut.json"), "{}").unwrap();
    let checked = bagit(&["--validate", root.to_str().unwrap()]).unwrap();
    assert!(!checked.status.success());
}

async fn size(story: &Story) -> u64 {
    let tip = story.ledger.store().tip(&story.tenant).await.unwrap();
    Position(tip.frontier.size()).0
}

fn files_beside(story: &Story) -> Vec<String> {
    fs::read_dir(story.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
