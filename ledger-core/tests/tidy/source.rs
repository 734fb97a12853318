//! The files of the workspace, and how findings are reported.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file: its path from the workspace's root, with `/`, and its text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Something that is wrong: the line, from 1, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn new(line: usize, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
        }
    }
}

impl File {
    #[cfg(test)]
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// Whether the whole file is a test or a benchmark, judged by where it lies.
    pub(crate) fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        parts.contains(&"tests") || parts.contains(&"benches") || self.path.ends_with("/tests.rs")
    }
}

/// Which files a check looks at.
pub(crate) struct Files(Vec<File>);

const CRATES: [&str; 3] = ["ledger-core", "projections", "server"];

impl Files {
    /// Every Rust file below a folder.
    pub(crate) fn below(folder: &str) -> Self {
        Self(read_below(folder, &["rs"]))
    }

    /// Every Rust and SQL file of the crates' `src`.
    pub(crate) fn sources() -> Self {
        let folders = CRATES.iter().map(|name| format!("{name}/src"));
        Self(
            folders
                .flat_map(|folder| read_below(&folder, &["rs", "sql"]))
                .collect(),
        )
    }

    /// Every Rust file of the crates, tests included.
    pub(crate) fn everything() -> Self {
        Self(
            CRATES
                .iter()
                .flat_map(|name| read_below(name, &["rs"]))
                .collect(),
        )
    }

    /// The crates' `Cargo.toml`.
    pub(crate) fn manifests() -> Self {
        Self(
            CRATES
                .iter()
                .map(|name| read(&root().join(name).join("Cargo.toml")))
                .collect(),
        )
    }

    /// The rule books.
    pub(crate) fn profiles() -> Self {
        Self(read_below("ledger-core/profiles", &["toml", "cedar"]))
    }
}

/// Fails with every finding of `check`, each with its place.
pub(crate) fn assert_tidy(files: Files, check: impl Fn(&File) -> Vec<Finding>) {
    assert!(
        !files.0.is_empty(),
        "there is nothing to look at: has a folder moved?"
    );
    let findings: Vec<String> = files
        .0
        .iter()
        .flat_map(|file| {
            let found = check(file).into_iter();
            found.map(|finding| format!("{}:{}: {}", file.path, finding.line, finding.message))
        })
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

fn root() -> &'static Path {
    let core = Path::new(env!("CARGO_MANIFEST_DIR"));
    core.parent().expect("the crate lies in the workspace")
}

fn read(path: &Path) -> File {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path = path.strip_prefix(root()).expect("it lies in the workspace");
    File {
        path: path.to_string_lossy().replace('\\', "/"),
        text,
    }
}

fn read_below(folder: &str, extensions: &[&str]) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        for path in paths {
            let extension = path.extension().and_then(|extension| extension.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if extension.is_some_and(|extension| extensions.contains(&extension)) {
                files.push(read(&path));
            }
        }
    }
    files
}
