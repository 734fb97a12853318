//! What can be wrong with a rule book, told so that whoever wrote it can mend it.

use std::fmt::{self, Write as _};

/// One of the texts of a rule book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleBookFile {
    /// `profile.toml`
    Profile,
    /// `access.cedar`
    Access,
}

impl fmt::Display for RuleBookFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Profile => "profile.toml",
            Self::Access => "access.cedar",
        })
    }
}

/// One mistake: where it stands, what it is, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The text it stands in.
    pub file: RuleBookFile,
    /// Its line, from 1.
    pub line: usize,
    /// The rule it concerns: a path such as `transitions[1].to`, or the id of a policy.
    pub rule: Option<String>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(rule) = &self.rule {
            write!(f, "{rule}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// A rule book that cannot be used, with everything that was found wrong in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule book has {}:{}", count(.problems), list(.problems))]
pub struct RuleBookError {
    /// At least one problem, in the order of the files and lines.
    pub problems: Vec<Problem>,
}

fn count(problems: &[Problem]) -> String {
    match problems.len() {
        1 => "one mistake".to_owned(),
        several => format!("{several} mistakes"),
    }
}

fn list(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        write!(text, "\n  {problem}").expect("writing to a string cannot fail");
    }
    text
}

/// The line, from 1, on which the byte at this offset stands.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    before.split(|byte| *byte == b'\n').count()
}
