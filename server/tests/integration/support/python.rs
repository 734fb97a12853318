//! Programs in Python that are not ours, and that read what the ledger writes.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A Python that can import these modules: that of `.ci/run`, or the machine's.
pub(crate) fn python_with(modules: &str) -> Option<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    let candidates = [
        target.join("tools/python/bin/python"),
        PathBuf::from("python3"),
    ];
    candidates.into_iter().find(|python| {
        let found = Command::new(python)
            .args(["-c", &format!("import {modules}")])
            .output();
        found.is_ok_and(|found| found.status.success())
    })
}

/// Says aloud that something is skipped, past the test harness, which shows nothing of a test that passes.
pub(crate) fn skipped(why: &str) {
    let said = format!("\n*** SKIPPED: {why}, or run .ci/run ***\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

/// What a script of this folder prints about what it is given; it must be content with it.
#[track_caller]
pub(crate) fn output_of(python: &Path, script: &str, arguments: &[&Path], input: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/support");
    let mut child = Command::new(python)
        .arg(folder.join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let run = child.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{complaint}");
    String::from_utf8(run.stdout).unwrap()
}
