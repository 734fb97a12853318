//! The program as a person meets it: imports, is killed in the middle, goes on, and needs no more memory for more.

use std::{
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Child,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::town::fixture;
use crate::{cli::Program, support::eventually};

/// A ledger with an administrator who may import.
struct Desk {
    program: Program,
    administrator: String,
}

impl Desk {
    fn new() -> Self {
        let program = Program::new();
        let appoint = [
            "appoint",
            "--profile",
            "imported-log",
            "--name",
            "Gro Eksempel",
        ];
        let run = program
            .run(&[&appoint[..], &["--json"]].concat())
            .ends_with(0);
        let administrator = run.json()["account"].as_str().unwrap().to_owned();
        Self {
            program,
            administrator,
        }
    }

    fn arguments<'a>(&'a self, file: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
        let file = file.to_str().unwrap();
        let import = ["import", "xes", file, "--new-unit", "Desk", "--as"];
        [&import[..], &[&self.administrator], more].concat()
    }

    fn imports(&self, file: &Path) -> Value {
        let run = self.program.run(&self.arguments(file, &["--json"]));
        run.ends_with(0).json()
    }
}

/// A log of so many cases with ten entries each, of a kilobyte each.
fn log_of(folder: &Path, cases: usize) -> PathBuf {
    let path = folder.join(format!("{cases}.xes"));
    let mut out = BufWriter::new(File::create(&path).unwrap());
    let words = "x".repeat(1_000);
    writeln!(out, "<log xes.version=\"1849.2016\">").unwrap();
    for case in 0..cases {
        writeln!(
            out,
            "<trace><string key=\"concept:name\" value=\"{case}\"/>"
        )
        .unwrap();
        for entry in 0..10 {
            writeln!(
                out,
                "<event><string key=\"concept:name\" value=\"{entry}\"/><string key=\"text\" value=\"{words}\"/>\
                 <date key=\"time:timestamp\" value=\"2011-10-11T13:45:40.276+02:00\"/></event>"
            )
            .unwrap();
        }
        writeln!(out, "</trace>").unwrap();
    }
    writeln!(out, "</log>").unwrap();
    path
}

/// The most memory that a process has had until it ended, in bytes, as far as it could be seen (proc(5), `VmHWM`).
async fn peak(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    eventually("the import ends", async || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let seen = status.lines().find_map(|line| {
            let kilobytes = line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?;
            kilobytes.parse::<u64>().ok()
        });
        peak = peak.max(seen.unwrap_or(0) * 1_024);
        child.try_wait().unwrap()
    })
    .await;
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    peak
}

#[test]
fn a_person_imports_a_log_and_is_told_what_came_of_it() {
    let desk = Desk::new();
    let file = fixture("damaged.xes");
    let report = desk.program.data_dir.join("report.jsonl");
    let more = ["--report", report.to_str().unwrap()];
    let run = desk
        .program
        .run(&desk.arguments(&file, &more))
        .ends_with(11);
    run.says_in_order(&[
        "cases added            1",
        "could not be used      11",
        "line 4: <extension>: a part that it needs is missing",
        "and 1 more",
    ]);
    let lines = fs::read_to_string(&report).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[7]["line"], 15);
    assert_eq!(lines[8]["why"], "in_the_future");
    let again = desk.program.run(&desk.arguments(&file, &[])).ends_with(11);
    again.says_in_order(&["This file was imported before; nothing was added."]);
    // A file that is none.
    let none = desk.program.data_dir.join("none.xes");
    fs::write(&none, "<log>\n<trace>").unwrap();
    let run = desk.program.run(&desk.arguments(&none, &[])).ends_with(2);
    assert!(
        run.err.contains("line 2: the file ends in the middle"),
        "{}",
        run.err
    );
    let missing = desk.program.data_dir.join("missing.xes");
    let run = desk
        .program
        .run(&desk.arguments(&missing, &[]))
        .ends_with(2);
    assert!(run.err.contains("cannot be read"), "{}", run.err);
}

#[tokio::test]
async fn an_import_that_was_killed_goes_on_where_it_stood() {
    let desk = Desk::new();
    let file = log_of(&desk.program.data_dir, 1_500);
    let child = desk
        .program
        .command()
        .args(desk.arguments(&file, &["--json"]))
        .spawn()
        .unwrap();
    let postgres = desk.program.data_dir.join("postgres/data/postmaster.pid");
    let stat = format!("/proc/{}/stat", child.id());
    // Somewhere in the middle: it has a Postgres, and has been busy for a while (proc(5), field 14).
    eventually("the import is under way", async || {
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        let (_, after_name) = stat.rsplit_once(')')?;
        let ticks: u64 = after_name.split_whitespace().nth(11)?.parse().ok()?;
        (postgres.is_file() && ticks > 200).then_some(())
    })
    .await;
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait_with_output().unwrap();
    let went_on = desk.imports(&file);
    assert_eq!(
        went_on["wentOn"], true,
        "it was killed in the middle: {went_on}"
    );
    assert_eq!(
        (&went_on["cases"], &went_on["entries"]),
        (&1_500.into(), &15_000.into())
    );
    let again = desk.imports(&file);
    assert_eq!(again["alreadyImported"], true);
    assert_eq!(again["casesAdded"], 0);
    assert_eq!(
        (&again["cases"], &again["entries"]),
        (&1_500.into(), &15_000.into())
    );
    desk.program.run(&["verify"]).ends_with(0);
}

#[tokio::test]
async fn memory_does_not_grow_with_the_file() {
    const MEBIBYTE: u64 = 1024 * 1024;
    let mut peaks = Vec::new();
    for cases in [1_000, 3_500] {
        let desk = Desk::new();
        let file = log_of(&desk.program.data_dir, cases);
        let arguments = desk.arguments(&file, &["--json"]);
        let child = desk.program.command().args(arguments).spawn().unwrap();
        peaks.push((fs::metadata(&file).unwrap().len(), peak(child).await));
    }
    let [(small, with_small), (large, with_large)] = peaks[..] else {
        panic!("two sizes");
    };
    assert!(large > small + 27 * MEBIBYTE);
    assert!(
        with_large < with_small + 14 * MEBIBYTE,
        "{with_small} bytes at the most for {small}, {with_large} for {large}"
    );
}
