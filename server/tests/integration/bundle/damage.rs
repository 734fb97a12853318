//! Damage and forgery: a flipped byte, a file less or more, and somebody who writes the manifests anew afterwards.

use std::{fs, path::Path};

use caseledger::export::bundle::{self, BundleError, Problem};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::story::{Story, files, findings, write_manifests_anew};

/// Flips a bit, looks, and puts it back.
fn flip(root: &Path, file: &str, offset: usize, bit: u8) -> Result<(), String> {
    let path = root.join(file);
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    bytes[offset] ^= 1 << bit;
    fs::write(&path, &bytes).unwrap();
    let found = findings(root);
    fs::write(&path, &whole).unwrap();
    let named = found.iter().any(|finding| finding.file == file);
    // Which of the two differs, a checksum and the file it is of, cannot be told.
    if named || (file.starts_with("tagmanifest") && !found.is_empty()) {
        Ok(())
    } else {
        Err(format!("{file}, byte {offset}, bit {bit}: {found:?}"))
    }
}

#[tokio::test]
async fn a_flipped_bit_in_any_file_is_found() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    let files = files(&root);
    assert!(files.len() >= 19, "{files:?}");
    for file in &files {
        let length = fs::metadata(root.join(file)).unwrap().len();
        let length = usize::try_from(length).unwrap();
        for (offset, bit) in [(0, 5), (length / 3, 0), (length / 2, 5), (length - 1, 0)] {
            flip(&root, file, offset, bit).unwrap();
        }
    }
    let config = Config {
        cases: 96,
        failure_persistence: None,
        ..Config::default()
    };
    let anywhere = (
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        0_u8..8,
    );
    TestRunner::new(config)
        .run(&anywhere, |(file, offset, bit)| {
            let file = file.get(&files);
            let length = fs::metadata(root.join(file)).unwrap().len();
            let offset = offset.index(usize::try_from(length).unwrap());
            flip(&root, file, offset, bit).map_err(TestCaseError::fail)
        })
        .unwrap();
    assert!(bundle::verify(&root).is_ok(), "everything was put back");
}

#[tokio::test]
async fn a_file_that_is_missing_is_found() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    for file in files(&root) {
        let path = root.join(&file);
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let found = findings(&root);
        fs::write(&path, whole).unwrap();
        assert!(
            found
                .iter()
                .any(|finding| finding.file == file && matches!(finding.problem, Problem::Missing)),
            "{file}: {found:?}"
        );
    }
    assert!(bundle::verify(&root).is_ok(), "everything was put back");
}

#[tokio::test]
async fn whatever_was_added_is_found() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    for added in [
        "letter.txt",
        "data/letter.txt",
        "data/documents/letter.pdf",
        "proof/letter.txt",
        "fetch.txt",
        "manifest-md5.txt",
    ] {
        fs::write(root.join(added), "to whom it may concern").unwrap();
        let found = findings(&root);
        fs::remove_file(root.join(added)).unwrap();
        let unexpected = |problem: &Problem| matches!(problem, Problem::Unexpected);
        assert!(
            found
                .iter()
                .any(|finding| finding.file == added && unexpected(&finding.problem)),
            "{added}: {found:?}"
        );
    }
    fs::create_dir_all(root.join("data/empty/folder")).unwrap();
    std::os::unix::fs::symlink("../bagit.txt", root.join("data/link")).unwrap();
    let found: Vec<String> = findings(&root)
        .into_iter()
        .map(|found| found.file)
        .collect();
    assert_eq!(found, ["data/link", "data/empty", "data/empty/folder"]);
}

#[tokio::test]
async fn every_damage_is_reported_in_one_run_with_file_and_line() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    edit(&root, "data/events.jsonl", |text| {
        text.replacen("\"position\":", "\"place\":", 1)
    });
    edit(&root, "bag-info.txt", |text| text.replace("kvam", "oslo"));
    fs::remove_file(root.join("data/keys/log.vkey")).unwrap();
    let error = bundle::verify(&root).unwrap_err();
    let BundleError::Invalid { findings, .. } = &error else {
        panic!("{error}");
    };
    let has = |file: &str, line: Option<u64>| {
        findings
            .iter()
            .any(|finding| finding.file == file && finding.line == line)
    };
    assert!(has("data/events.jsonl", Some(1)), "{error}");
    assert!(has("bag-info.txt", None), "{error}");
    assert!(has("data/keys/log.vkey", None), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("\n  data/keys/log.vkey: is missing"),
        "{text}"
    );
    assert!(text.contains("data/events.jsonl, line 1: "), "{text}");
}

#[tokio::test]
async fn tag_manifests_that_were_cut_short_are_found() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    for name in ["tagmanifest-sha256.txt", "tagmanifest-sha512.txt"] {
        edit(&root, name, |text| {
            ended(text.lines().filter(|line| line.ends_with("  bagit.txt")))
        });
    }
    let found = findings(&root);
    for file in [
        "bag-info.txt",
        "proof/package-built.json",
        "manifest-sha256.txt",
    ] {
        let unlisted = found.iter().filter(|finding| {
            finding.file == file && matches!(finding.problem, Problem::Unlisted { .. })
        });
        assert_eq!(unlisted.count(), 2, "{file}: {found:?}");
    }
}

/// What somebody does who knows BagIt, and how it is found nevertheless.
struct Forgery {
    what: &'static str,
    forge: fn(&Path),
    /// Besides the commitment, which every change to the payload breaks.
    found: fn(&Problem) -> bool,
}

const FORGERIES: &[Forgery] = &[
    Forgery {
        what: "an event is left out, and its proof with it",
        forge: |root| {
            drop_line(root, "data/events.jsonl", 4);
            drop_line(root, "data/proofs/inclusion.jsonl", 9);
        },
        found: |problem| matches!(problem, Problem::Version { .. }),
    },
    Forgery {
        what: "the last events are left out",
        forge: |root| {
            for _ in 0..2 {
                let lines = read(root, "data/events.jsonl").lines().count();
                drop_line(root, "data/events.jsonl", lines - 1);
            }
        },
        found: |problem| matches!(problem, Problem::Incomplete { .. }),
    },
    Forgery {
        what: "an event is there twice",
        forge: |root| {
            edit(root, "data/events.jsonl", |text| {
                let first = text.lines().next().unwrap();
                format!("{first}\n{text}")
            });
        },
        found: |problem| matches!(problem, Problem::Order(_)),
    },
    Forgery {
        what: "a content is left out",
        forge: |root| {
            edit(root, "data/events.jsonl", |text| {
                let begin = text.find(",\"content\":").unwrap();
                let end = begin + text[begin..].find('\n').unwrap();
                format!("{}}}{}", &text[..begin], &text[end..])
            });
        },
        found: |problem| matches!(problem, Problem::ContentMissing(_)),
    },
    Forgery {
        what: "a text reads otherwise than what was recorded",
        forge: |root| {
            edit(root, "data/events.jsonl", |text| {
                text.replace("reading text", "reading nothing")
            });
        },
        found: |problem| matches!(problem, Problem::Reading(_)),
    },
    Forgery {
        what: "a document is another",
        forge: |root| {
            let documents = files(root);
            let file = documents
                .iter()
                .find(|file| file.starts_with("data/documents/"));
            fs::write(root.join(file.unwrap()), "another plan").unwrap();
        },
        found: |problem| matches!(problem, Problem::Body(_)),
    },
    Forgery {
        what: "a document is left out",
        forge: |root| {
            fs::write(root.join("data/documents.jsonl"), "").unwrap();
            fs::remove_dir_all(root.join("data/documents")).unwrap();
        },
        found: |problem| matches!(problem, Problem::DocumentMissing { .. }),
    },
    Forgery {
        what: "what a decision rests on is left out",
        forge: |root| {
            let lines = read(root, "data/cited.jsonl").lines().count();
            drop_line(root, "data/cited.jsonl", lines - 1);
        },
        found: |problem| matches!(problem, Problem::CitationMissing { .. }),
    },
    Forgery {
        what: "a rule book is milder",
        forge: |root| {
            let texts = files(root);
            let file = texts.iter().find(|file| file.ends_with("access.cedar"));
            edit(root, file.unwrap(), |text| text.replace("forbid", "permit"));
        },
        found: |problem| matches!(problem, Problem::RuleBook(_)),
    },
    Forgery {
        what: "the cut is earlier",
        forge: |root| {
            edit(root, "data/cut.json", |text| {
                text.replace("\"caseVersion\": ", "\"caseVersion\": 1")
            });
        },
        found: |problem| matches!(problem, Problem::Differs { .. }),
    },
    Forgery {
        what: "a proof is for another event",
        forge: |root| {
            edit(root, "data/proofs/inclusion.jsonl", |text| {
                let mut lines: Vec<&str> = text.lines().collect();
                let way = |line: &str| line.find(",\"leafEntry\"").unwrap();
                let (first, second) = (lines[0], lines[1]);
                let swapped = format!("{}{}", &first[..way(first)], &second[way(second)..]);
                lines[0] = &swapped;
                ended(lines)
            });
        },
        found: |problem| matches!(problem, Problem::ProofForOther(_)),
    },
    Forgery {
        what: "the README tells another story",
        forge: |root| fs::write(root.join("data/README.txt"), "All is well.").unwrap(),
        found: |_| true,
    },
];

#[tokio::test]
async fn who_writes_the_manifests_anew_is_found_out_by_what_the_ledger_committed_to() {
    let story = Story::closed().await;
    let root = story.bundle().await.path;
    for forgery in FORGERIES {
        let copy = story.folder().join("copy");
        copy_folder(&root, &copy);
        assert!(findings(&copy).is_empty());
        (forgery.forge)(&copy);
        write_manifests_anew(&copy);
        let found = findings(&copy);
        let commitment = found
            .iter()
            .any(|finding| matches!(finding.problem, Problem::Commitment { .. }));
        let itself = found
            .iter()
            .any(|finding| (forgery.found)(&finding.problem));
        assert!(commitment && itself, "{}: {found:#?}", forgery.what);
        let manifests_fit = found.iter().all(|finding| {
            !matches!(
                finding.problem,
                Problem::Checksum { .. } | Problem::Unlisted { .. } | Problem::Lists(_)
            )
        });
        assert!(manifests_fit, "{}: {found:#?}", forgery.what);
        fs::remove_dir_all(&copy).unwrap();
    }
}

fn ended<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    lines.into_iter().flat_map(|line| [line, "\n"]).collect()
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap()
}

fn edit(root: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let before = read(root, file);
    let after = change(before.clone());
    assert_ne!(before, after, "{file} was not changed");
    fs::write(root.join(file), after).unwrap();
}

fn drop_line(root: &Path, file: &str, number: usize) {
    edit(root, file, |text| {
        let kept = text.lines().enumerate().filter(|(line, _)| *line != number);
        ended(kept.map(|(_, line)| line))
    });
}

fn copy_folder(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(&file), target).unwrap();
    }
}
