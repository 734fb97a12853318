//! The program as a person or a script meets it: the real binary, its output and its exit codes.

mod appoint;
mod demo;
mod help;
mod log_export;
mod profile;
mod service;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::postgres::new_directory;

/// The program with a data directory of its own, and nothing of this process's environment but the search path.
pub(crate) struct Program {
    pub(crate) data_dir: PathBuf,
}

/// What the program has printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self {
            data_dir: new_directory(),
        }
    }

    /// The program, ready to be called with more arguments.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caseledger"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .arg("--data-dir")
            .arg(&self.data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command().args(arguments).output().unwrap())
    }

    /// With a line typed at its question.
    pub(crate) fn run_typing(&self, arguments: &[&str], typed: &str) -> Run {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{typed}").unwrap();
        drop(input);
        Run::of(child.wait_with_output().unwrap())
    }
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with this code; shows what it said, if it did not.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    /// What it printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    /// These stand in what it printed, in this order.
    #[track_caller]
    pub(crate) fn says_in_order(&self, wanted: &[&str]) {
        let mut rest = self.out.as_str();
        for wanted in wanted {
            let at = rest.find(wanted);
            assert!(
                at.is_some(),
                "{wanted:?} is missing or too early in\n{}",
                self.out
            );
            rest = &rest[at.unwrap_or(0) + wanted.len()..];
        }
    }
}

/// What the demo remembers: ids by name.
pub(crate) fn remembered(data_dir: &Path) -> Value {
    let text = std::fs::read_to_string(data_dir.join("demo.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}
