//! The core decides on its arguments alone: it reads no clock and no environment.

use super::{
    source::{File, Finding},
    text::{Blank, code, lines_with, without_tests},
};

const TAKEN: [&str; 7] = [
    "Utc::now",
    "Local::now",
    "SystemTime::now",
    "std::env",
    "env::var",
    "Ulid::generate",
    "rand::random",
];

/// Where time, randomness or the environment is taken instead of given.
pub(crate) fn taken(file: &File) -> Vec<Finding> {
    if file.is_test() {
        return Vec::new();
    }
    let code = without_tests(&code(&file.text, Blank::CommentsAndStrings));
    let mut findings = Vec::new();
    for taken in TAKEN {
        let message = format!("{taken}: take it as an argument (`Clock`, `Entropy`, a path)");
        findings.extend(lines_with(&code, taken).map(|line| Finding::new(line, message.clone())));
    }
    findings
}

#[test]
fn it_finds_a_clock_and_an_environment_that_are_taken() {
    let text = "//! Utc::now is only mentioned.
fn a() { Utc::now(); std::time::SystemTime::now(); }
fn b() { std::env::var(\"HOME\"); }
fn c() { \"Utc::now\" }
#[cfg(test)]
mod tests { fn d() { Utc::now(); } }
";
    let mut lines: Vec<usize> = taken(&File::sample("ledger-core/src/a.rs", text))
        .iter()
        .map(|finding| finding.line)
        .collect();
    lines.sort_unstable();
    assert_eq!(lines, [2, 2, 3, 3]);
}
