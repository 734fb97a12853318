//! The memory of a program at its highest, from the kernel's accounting.

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;

/// Runs a command to its end; its memory at the highest, in MiB.
pub(crate) async fn highest_of(mut command: Command) -> anyhow::Result<f64> {
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut highest: f64 = 0.0;
    // The kernel keeps the highest itself, so little is missed between the last look and the end.
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    while child.try_wait()?.is_none() {
        tick.tick().await;
        // It may have ended since.
        let Ok(lines) = fs::read_to_string(&status) else {
            continue;
        };
        let line = lines.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(kibibytes) = line.and_then(|line| line.split_whitespace().next()) {
            highest = highest.max(kibibytes.parse::<f64>()? / 1_024.0);
        }
    }
    let ended = child.wait().context("the command")?;
    anyhow::ensure!(ended.success(), "{command:?} ended with {ended}");
    Ok(highest)
}
