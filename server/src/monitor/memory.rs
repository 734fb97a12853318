//! What is remembered of a log from one look to the next: one file, there as a whole or not at all.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use ledger_core::{
    clock::Timestamp,
    log::{SignedHead, VerifierKey},
};
use serde::{Deserialize, Serialize};

use super::MonitorError;

/// Raised when the file's shape changes.
const FORMAT: u32 = 1;

/// What is remembered of a log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Memory {
    format: u32,
    /// Where it was seen.
    pub(crate) url: String,
    /// The keys that are trusted, as C2SP writes them: those that were given, and those that they vouch for.
    pub(crate) verifier_keys: Vec<String>,
    /// The last head that was found good.
    pub(crate) signed_head: SignedHead,
    /// When the log was first looked at.
    pub(crate) since: Timestamp,
    /// When that head was last seen.
    pub(crate) seen_at: Timestamp,
}

impl Memory {
    /// Of the first look.
    pub(crate) fn new(
        url: String,
        keys: &[VerifierKey],
        signed_head: SignedHead,
        now: Timestamp,
    ) -> Self {
        Self {
            format: FORMAT,
            url,
            verifier_keys: texts(keys),
            signed_head,
            since: now,
            seen_at: now,
        }
    }

    /// Takes in a look that found the log good.
    pub(crate) fn take_in(&mut self, keys: &[VerifierKey], shown: SignedHead, now: Timestamp) {
        self.verifier_keys = texts(keys);
        self.signed_head = shown;
        self.seen_at = now;
    }

    /// What was remembered in this file, if it is there.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, MonitorError> {
        let failed = |problem: String| MonitorError::Memory {
            path: path.to_owned(),
            problem,
        };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(format!("cannot be read ({error})"))),
        };
        let unknown = || {
            failed(
                "was not written by `caseledger monitor` of this version; put it back from a backup, or choose another \
                 file and begin anew"
                    .into(),
            )
        };
        let memory: Self = serde_json::from_str(&text).map_err(|_| unknown())?;
        if memory.format != FORMAT {
            return Err(unknown());
        }
        Ok(Some(memory))
    }

    /// The keys that were trusted at the last look.
    pub(crate) fn keys(&self) -> Vec<VerifierKey> {
        let keys = self.verifier_keys.iter();
        keys.filter_map(|key| key.parse().ok()).collect()
    }

    /// Remembers it.
    pub(crate) fn save(&self, path: &Path) -> Result<(), MonitorError> {
        let mut text = serde_json::to_string_pretty(self).expect("text keys only");
        text.push('\n');
        write(path, text.as_bytes())
    }
}

fn texts(keys: &[VerifierKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

/// Writes a file that is there as a whole or as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), MonitorError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let written = || {
        fs::create_dir_all(&folder)?;
        let mut file = fs::File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        fs::File::open(&folder)?.sync_all()
    };
    written().map_err(|error| MonitorError::Memory {
        path: path.to_owned(),
        problem: format!("cannot be written ({error})"),
    })
}
