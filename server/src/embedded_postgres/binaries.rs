//! Finding PostgreSQL's server programs on this machine.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::EmbeddedPostgresError;

/// The oldest PostgreSQL whose settings and SQL the ledger uses.
const MAJOR_MIN: u32 = 14;

/// Where Debian and Ubuntu put the server programs, one folder a version.
const PACKAGED: &str = "/usr/lib/postgresql";

/// A folder that holds `initdb`, `postgres` and their siblings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    pub(super) directory: PathBuf,
    pub(super) major: u32,
}

/// Where to look.
pub(super) struct Places<'a> {
    /// The setting `postgres_bin_dir`: the only place, when it is given.
    pub(super) explicit: Option<&'a Path>,
    /// The value of `PATH`.
    pub(super) search_path: Option<&'a OsStr>,
    /// The folder with one sub-folder a version.
    pub(super) packaged: &'a Path,
}

impl<'a> Places<'a> {
    pub(super) fn new(explicit: Option<&'a Path>, search_path: Option<&'a OsStr>) -> Self {
        Self {
            explicit,
            search_path,
            packaged: Path::new(PACKAGED),
        }
    }

    /// Finds the programs. With data already made in `data`, those of the version that made it, even if a newer
    /// one has been installed since: Postgres does not open another major version's files.
    pub(super) fn find(&self, data: &Path) -> Result<Binaries, EmbeddedPostgresError> {
        let candidates = self.candidates()?;
        let made_by = version_of_data(data);
        let chosen = match made_by {
            Some(major) => candidates.iter().find(|c| c.major == major),
            None => candidates.first(),
        };
        match (chosen, candidates.first(), made_by) {
            (Some(chosen), ..) if chosen.major < MAJOR_MIN => Err(EmbeddedPostgresError::TooOld {
                directory: chosen.directory.clone(),
                found: chosen.major,
                needed: MAJOR_MIN,
            }),
            (Some(chosen), ..) => Ok(chosen.clone()),
            (None, Some(other), Some(made_by)) => Err(EmbeddedPostgresError::OtherVersion {
                data: data.to_path_buf(),
                made_by,
                directory: other.directory.clone(),
                found: other.major,
            }),
            (None, ..) => Err(EmbeddedPostgresError::NotFound {
                looked_for: self.looked_for(),
            }),
        }
    }

    fn candidates(&self) -> Result<Vec<Binaries>, EmbeddedPostgresError> {
        if let Some(directory) = self.explicit {
            return match binaries_in(directory.to_path_buf()) {
                Some(binaries) => Ok(vec![binaries]),
                None => Err(EmbeddedPostgresError::WrongBinDir {
                    directory: directory.to_path_buf(),
                }),
            };
        }
        // `initdb` on PATH is often a link; its siblings stand beside what it points to.
        let on_path = std::env::split_paths(self.search_path.unwrap_or_default())
            .filter_map(|folder| fs::canonicalize(folder.join("initdb")).ok())
            .filter_map(|initdb| binaries_in(initdb.parent()?.to_path_buf()));
        let mut packaged: Vec<Binaries> = fs::read_dir(self.packaged)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| binaries_in(entry.path().join("bin")))
            .collect();
        packaged.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        Ok(on_path.chain(packaged).collect())
    }

    fn looked_for(&self) -> Vec<String> {
        let path = self.search_path.unwrap_or_default().to_string_lossy();
        vec![
            "the setting `postgres_bin_dir` (not set)".into(),
            format!("`initdb` on PATH ({path})"),
            format!("{}/*/bin/initdb", self.packaged.display()),
        ]
    }
}

/// The programs in this folder, if they are there and say their version.
fn binaries_in(directory: PathBuf) -> Option<Binaries> {
    if !directory.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(directory.join("postgres"))
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { directory, major })
}

/// Reads `postgres (PostgreSQL) 15.10 (Debian 15.10-1)`, `postgres (PostgreSQL) 18beta1`.
fn major_version(said: &str) -> Option<u32> {
    let (_, version) = said.split_once("(PostgreSQL) ")?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .map_or(version, |end| &version[..end]);
    digits.parse().ok()
}

/// The major version that made a data directory, if there is one.
fn version_of_data(data: &Path) -> Option<u32> {
    fs::read_to_string(data.join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A folder with programs that do nothing but say this version.
    fn pretend_install(root: &Path, major: u32) -> PathBuf {
        let bin = root.join(major.to_string()).join("bin");
        fs::create_dir_all(&bin).expect("folder");
        for program in ["initdb", "postgres"] {
            let path = bin.join(program);
            fs::write(
                &path,
                format!("#!/bin/sh\necho '{program} (PostgreSQL) {major}.1'\n"),
            )
            .expect("program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
        }
        bin
    }

    #[test]
    fn a_machine_without_postgres_is_told_what_was_looked_for_and_what_to_do() {
        let empty = tempfile::tempdir().expect("folder");
        let places = Places {
            explicit: None,
            search_path: Some(OsStr::new("/nowhere/bin")),
            packaged: empty.path(),
        };
        let message = places
            .find(&empty.path().join("data"))
            .expect_err("nothing is there")
            .to_string();
        for part in [
            "/nowhere/bin",
            "postgres_bin_dir",
            "apt-get install postgresql",
            "DATABASE_URL",
            &format!("{}/*/bin", empty.path().display()),
        ] {
            assert!(message.contains(part), "{part:?} is missing in: {message}");
        }
    }

    #[test]
    fn the_path_comes_before_the_packages_and_the_newest_package_first() {
        let root = tempfile::tempdir().expect("folder");
        for major in [9, 15, 16] {
            pretend_install(&root.path().join("packaged"), major);
        }
        let linked = pretend_install(&root.path().join("other"), 14);
        let path = root.path().join("bin");
        fs::create_dir(&path).expect("folder");
        std::os::unix::fs::symlink(linked.join("initdb"), path.join("initdb")).expect("link");
        let packaged = root.path().join("packaged");
        let nothing = root.path().join("data");

        let mut places = Places {
            explicit: None,
            search_path: Some(path.as_os_str()),
            packaged: &packaged,
        };
        let found = places.find(&nothing).expect("found");
        assert_eq!(
            found.directory,
            fs::canonicalize(linked).expect("canonical")
        );
        places.search_path = None;
        assert_eq!(places.find(&nothing).expect("found").major, 16);
    }

    #[test]
    fn existing_data_is_opened_by_the_version_that_made_it() {
        let root = tempfile::tempdir().expect("folder");
        for major in [15, 16] {
            pretend_install(root.path(), major);
        }
        let data = root.path().join("data");
        fs::create_dir(&data).expect("folder");
        let places = Places {
            explicit: None,
            search_path: None,
            packaged: root.path(),
        };
        fs::write(data.join("PG_VERSION"), "15\n").expect("version");
        assert_eq!(places.find(&data).expect("found").major, 15);

        fs::write(data.join("PG_VERSION"), "14\n").expect("version");
        let message = places
            .find(&data)
            .expect_err("14 is not installed")
            .to_string();
        assert!(message.contains("postgresql-14"), "{message}");
    }

    #[test]
    fn a_setting_that_points_nowhere_is_an_error_and_not_a_reason_to_look_elsewhere() {
        let root = tempfile::tempdir().expect("folder");
        pretend_install(root.path(), 15);
        let places = Places {
            explicit: Some(Path::new("/nowhere")),
            search_path: None,
            packaged: root.path(),
        };
        let message = places
            .find(&root.path().join("data"))
            .expect_err("not there")
            .to_string();
        assert!(message.contains("/nowhere"), "{message}");
    }
}
