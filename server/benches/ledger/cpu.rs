//! Processor time from the kernel's accounting: of this process, of the postmaster and of everything below it.

use std::{fs, time::Duration};

use anyhow::Context as _;

/// What the kernel counts in: hundredths of a second on every Linux.
const TICKS_PER_SECOND: u64 = 100;

struct Process {
    id: i32,
    parent: i32,
    /// Its own time and that of children that have ended, in ticks.
    ticks: u64,
}

/// The time used so far.
pub(crate) fn used(postmaster: i32) -> anyhow::Result<Duration> {
    let own = i32::try_from(std::process::id())?;
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // A process may end while it is looked at.
        let Ok(process) = read(id) else { continue };
        if process.id == own || process.id == postmaster || process.parent == postmaster {
            ticks += process.ticks;
        }
    }
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

fn read(id: i32) -> anyhow::Result<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name stands in parentheses and may hold anything; what follows it is numbers.
    let (_, rest) = stat.rsplit_once(')').context("a name in parentheses")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| -> anyhow::Result<u64> {
        Ok(fields.get(index).context("a field")?.parse()?)
    };
    // proc(5): ppid is field 4, utime 14, stime 15, cutime 16, cstime 17; the first two fields are cut off here.
    let parent = fields.get(1).context("a parent")?.parse()?;
    // Of this process and the postmaster the ended children count too; they are nobody else's.
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Ok(Process { id, parent, ticks })
}
