//! The master key's file: made once, readable by its owner only.
//!
//! It holds the key as one line of base64, so that it can also be printed and put into a safe.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::secret::MasterKey;
use crate::{clock::Entropy, ids::Digest};

/// Why the master key was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Others than the owner may read the file.
    #[error(
        "the master key {path} can be read by others (mode {mode:o}): run `chmod 600` on it, and consider whether it is still secret"
    )]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not 32 bytes in base64.
    #[error(
        "the master key {path} does not hold 32 bytes in base64 on one line: restore it from where it was put aside; a new one cannot open the existing key store"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error(
        "could not {doing} the master key {path}: check that the folder exists and belongs to this user"
    )]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The failure below.
        #[source]
        source: io::Error,
    },
}

impl MasterKey {
    /// Reads the master key from a file, making the key and the file (mode 0600) if there is none. Of several
    /// processes that start at the same time one makes the key, and all read the same. Blocks.
    pub fn load_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, MasterKeyError> {
        let failed = |doing| {
            move |source| MasterKeyError::File {
                doing,
                path: path.to_owned(),
                source,
            }
        };
        if !path.try_exists().map_err(failed("look for"))? {
            write_once(path, &Self::generate(entropy), entropy).map_err(failed("write"))?;
        }
        // Read back even what was just written: another process may have been first.
        Self::load(path)
    }

    fn load(path: &Path) -> Result<Self, MasterKeyError> {
        let failed = |source| MasterKeyError::File {
            doing: "read",
            path: path.to_owned(),
            source,
        };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::OpenToOthers {
                path: path.to_owned(),
                mode,
            });
        }
        let text = Zeroizing::new(fs::read(path).map_err(failed)?);
        std::str::from_utf8(&text)
            .ok()
            .and_then(|text| text.trim_ascii().parse::<Digest>().ok())
            .map(|bytes| Self::from_bytes(bytes.0))
            .ok_or_else(|| MasterKeyError::Malformed {
                path: path.to_owned(),
            })
    }
}

/// Writes the key beside its place and links it there when it is whole and durable, so that nobody ever reads half a
/// key and nobody's key is replaced.
fn write_once(path: &Path, key: &MasterKey, entropy: &dyn Entropy) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut unique = [0; 8];
    entropy.fill(&mut unique);
    let draft = folder.join(format!(".master-key-{:016x}", u64::from_be_bytes(unique)));
    let text = Zeroizing::new(format!("{}\n", Digest(*key.expose())));

    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&draft);
    written.and(removed)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn the_key_that_was_made_is_found_again_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        let made = MasterKey::load_or_create(&path, &SystemEntropy).expect("is made");
        let found = MasterKey::load_or_create(&path, &SystemEntropy).expect("is found");
        assert_eq!(made, found);
        let permissions = fs::metadata(&path).expect("exists").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
        let files = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 1, "a draft of the key was left behind");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path, &SystemEntropy).expect("is made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("is mine");
        assert!(matches!(
            MasterKey::load_or_create(&path, &SystemEntropy),
            Err(MasterKeyError::OpenToOthers { mode: 0o640, .. })
        ));
    }

    #[test]
    fn a_damaged_key_is_never_replaced_by_a_new_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path, &SystemEntropy).expect("is made");
        fs::write(&path, "AAAA\n").expect("is mine");
        assert!(matches!(
            MasterKey::load_or_create(&path, &SystemEntropy),
            Err(MasterKeyError::Malformed { .. })
        ));
        assert_eq!(fs::read(&path).expect("exists"), b"AAAA\n");
    }
}
