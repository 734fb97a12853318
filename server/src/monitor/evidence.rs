//! What is kept of a conflict, so that others can judge it without us: both signed heads, the keys that they are verified
//! with, and the tiles that tie the later one to its past.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use ledger_core::log::{SignedHead, TilePath, VerifierKey};

use super::{MonitorError, memory};

/// Writes both heads into a folder beside the file of what is remembered; gives the folder.
///
/// The same conflict has the same folder, however often it is seen.
pub(crate) fn keep(
    state: &Path,
    keys: &[VerifierKey],
    known: &SignedHead,
    shown: &SignedHead,
    tiles: &[(TilePath, Vec<u8>)],
) -> Result<PathBuf, MonitorError> {
    let mut folder = state.as_os_str().to_owned();
    folder.push(".evidence-");
    folder.push(name(known));
    folder.push("-");
    folder.push(name(shown));
    let folder = PathBuf::from(folder);
    memory::write(
        &folder.join("known.checkpoint"),
        known.to_string().as_bytes(),
    )?;
    memory::write(
        &folder.join("shown.checkpoint"),
        shown.to_string().as_bytes(),
    )?;
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    memory::write(
        &folder.join("vkey"),
        format!("{}\n", keys.join("\n")).as_bytes(),
    )?;
    for (path, bytes) in tiles {
        memory::write(&folder.join(path.to_string()), bytes)?;
    }
    Ok(folder)
}

/// A head's size and the beginning of its root.
fn name(head: &SignedHead) -> String {
    let claimed = head.claimed();
    let mut name = format!("{}.", claimed.size);
    for byte in &claimed.root.0[..4] {
        write!(name, "{byte:02x}").expect("writing to a String cannot fail");
    }
    name
}
