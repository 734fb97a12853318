//! As whom Postgres runs, and whether that account can get to its directory.

use std::{
    fs::{self, DirBuilder, Metadata},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use super::EmbeddedPostgresError;

/// The accounts to run Postgres as when the service itself runs as root, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// An account of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) name: String,
}

impl Account {
    /// The account to run as, or `None` for the one the service has itself.
    ///
    /// Only root changes accounts, because Postgres refuses to run as root. Data that an ordinary user has made is
    /// served as that user, so that `sudo` once does not lock its owner out.
    pub(super) fn to_run_as(data: &Path) -> Result<Option<Self>, EmbeddedPostgresError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if let Ok(metadata) = fs::metadata(data)
            && metadata.uid() != 0
        {
            let uid = metadata.uid();
            let name = uzers::get_user_by_uid(uid).map_or_else(
                || uid.to_string(),
                |user| user.name().to_string_lossy().into(),
            );
            return Ok(Some(Self {
                uid,
                gid: metadata.gid(),
                name,
            }));
        }
        CANDIDATES
            .iter()
            .find_map(uzers::get_user_by_name)
            .map(|user| {
                Some(Self {
                    uid: user.uid(),
                    gid: user.primary_group_id(),
                    name: user.name().to_string_lossy().into(),
                })
            })
            .ok_or(EmbeddedPostgresError::NoAccount)
    }

    /// Whether every existing folder above `directory` lets this account through. Access lists beyond the
    /// permission bits are not read.
    fn check_way_to(&self, directory: &Path) -> Result<(), EmbeddedPostgresError> {
        for ancestor in directory.ancestors().skip(1) {
            if let Ok(metadata) = fs::metadata(ancestor)
                && !self.may_enter(&metadata)
            {
                return Err(EmbeddedPostgresError::Unreachable {
                    directory: directory.to_path_buf(),
                    blocked_by: ancestor.to_path_buf(),
                    account: self.name.clone(),
                });
            }
        }
        Ok(())
    }

    fn may_enter(&self, folder: &Metadata) -> bool {
        let bit = match (folder.uid() == self.uid, folder.gid() == self.gid) {
            (true, _) => 0o100,
            (_, true) => 0o010,
            _ => 0o001,
        };
        folder.mode() & bit != 0
    }
}

/// Checks that `account` can get to `directory`, whether that exists yet or not.
pub(super) fn check_way(
    account: Option<&Account>,
    directory: &Path,
) -> Result<(), EmbeddedPostgresError> {
    account.map_or(Ok(()), |account| account.check_way_to(directory))
}

/// Makes `directory` private (0700) to `account`, with the missing folders above it.
pub(super) fn make_private(
    account: Option<&Account>,
    directory: &Path,
) -> Result<(), EmbeddedPostgresError> {
    let missing: Vec<PathBuf> = directory
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        .map(Path::to_path_buf)
        .collect();
    for folder in missing.iter().rev() {
        // Another process may be making the same folder.
        if let Err(error) = DirBuilder::new().create(folder)
            && !folder.is_dir()
        {
            return Err(EmbeddedPostgresError::io("create", folder)(error));
        }
        if account.is_some() {
            // Enterable whatever root's umask is, but not readable.
            fs::set_permissions(folder, fs::Permissions::from_mode(0o711))
                .map_err(EmbeddedPostgresError::io("set permissions of", folder))?;
        }
    }
    if !directory.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(EmbeddedPostgresError::io("create", directory))?;
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
        .map_err(EmbeddedPostgresError::io("set permissions of", directory))?;
    give_to(account, directory)
}

/// Makes `account` the owner of a file or folder that root has made.
pub(super) fn give_to(account: Option<&Account>, path: &Path) -> Result<(), EmbeddedPostgresError> {
    match account {
        Some(account) => chown(path, Some(account.uid), Some(account.gid))
            .map_err(EmbeddedPostgresError::io("change the owner of", path)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_folder_on_the_way_is_named() {
        let root = tempfile::tempdir().expect("folder");
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o700)).expect("mode");
        let stranger = Account {
            uid: 4_000_000,
            gid: 4_000_000,
            name: "stranger".into(),
        };
        let error = check_way(Some(&stranger), &root.path().join("ledger/postgres"))
            .expect_err("the folder is private");
        let message = error.to_string();
        assert!(message.contains("stranger"), "{message}");
        assert!(
            message.contains(&format!("may not enter {}", root.path().display())),
            "{message}"
        );
        assert!(message.contains("/var/lib/caseledger"), "{message}");
    }
}
