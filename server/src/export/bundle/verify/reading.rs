//! Reading files that nobody vouches for yet: never more of them than a bundle can hold.
//!
//! A file that is not there gives nothing and no finding: what is missing is found once, when the folder is compared
//! with what belongs into it.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
};

use serde::de::DeserializeOwned;

use super::super::finding::{Findings, Problem};

/// The longest text file. The manifests are the longest ones, with a line for each document.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// The longest line. A content is limited far below that.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Opens a plain file.
pub(super) fn open(root: &Path, file: &str, findings: &mut Findings) -> Option<File> {
    let path = root.join(file);
    // A link is found by the walk through the folder, and not followed here.
    if !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return None;
    }
    match File::open(path) {
        Ok(opened) => Some(opened),
        Err(error) => {
            unreadable(file, &error, findings);
            None
        }
    }
}

pub(super) fn unreadable(file: &str, error: &io::Error, findings: &mut Findings) {
    if error.kind() != io::ErrorKind::NotFound {
        findings.file(file, Problem::Unreadable(error.kind()));
    }
}

/// The text of a file.
pub(super) fn text(root: &Path, file: &str, findings: &mut Findings) -> Option<String> {
    let mut bytes = Vec::new();
    let opened = open(root, file, findings)?;
    if let Err(error) = opened.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes) {
        unreadable(file, &error, findings);
        return None;
    }
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        findings.file(file, Problem::TooLong(TEXT_BYTES_MAX));
        return None;
    }
    let text = String::from_utf8(bytes).ok();
    if text.is_none() {
        findings.file(file, Problem::Malformed);
    }
    text
}

/// A file that is one JSON value.
pub(super) fn json<T: DeserializeOwned>(
    root: &Path,
    file: &str,
    findings: &mut Findings,
) -> Option<T> {
    let text = text(root, file, findings)?;
    match serde_json::from_str(&text) {
        Ok(value) => Some(value),
        Err(error) => {
            let line = error.line() as u64;
            let column = error.column();
            findings.line(file, line, Problem::Json { column });
            None
        }
    }
}

/// Hands out the lines of a file, each with its number, as far as they can be read.
pub(super) fn json_lines<T: DeserializeOwned>(
    root: &Path,
    file: &str,
    findings: &mut Findings,
    mut take: impl FnMut(u64, T, &mut Findings),
) {
    let Some(opened) = open(root, file, findings) else {
        return;
    };
    let mut reader = BufReader::new(opened);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut limited = reader.by_ref().take(LINE_BYTES_MAX);
        match limited.read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return unreadable(file, &error, findings),
        }
        if line.pop() != Some(b'\n') {
            let problem = if line.len() as u64 + 1 == LINE_BYTES_MAX {
                Problem::TooLong(LINE_BYTES_MAX)
            } else {
                Problem::Malformed
            };
            return findings.line(file, number, problem);
        }
        match serde_json::from_slice(&line) {
            Ok(value) => take(number, value, findings),
            Err(error) => {
                let column = error.column();
                findings.line(file, number, Problem::Json { column });
            }
        }
    }
}
