//! The memory of this process at its highest, from the kernel's accounting.

use std::fs;

use anyhow::Context as _;

/// Lets the highest count from now on.
pub(crate) fn forget_highest() -> anyhow::Result<()> {
    // proc(5): 5 sets the highest back to what is held now.
    fs::write("/proc/self/clear_refs", "5").context("the highest memory could not be set back")
}

/// What is held now, and the highest since it was set back, in MiB.
pub(crate) fn held_and_highest() -> anyhow::Result<(f64, f64)> {
    let status = fs::read_to_string("/proc/self/status")?;
    let of = |name: &str| -> anyhow::Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kibibytes = line.and_then(|line| line.split_whitespace().next());
        Ok(kibibytes.context("a line of the status")?.parse::<f64>()? / 1_024.0)
    };
    Ok((of("VmRSS:")?, of("VmHWM:")?))
}
