//! Where a rule book is taken from: a folder, or those that come with the program.

use std::{
    convert::Infallible,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::Context as _;
use ledger_core::{
    access::RuleBook,
    profile::{RuleBookFile, RuleBookText},
};

use crate::cli::Failure;

/// A folder with `profile.toml` and `access.cedar`, or the name of a rule book that comes with the program.
#[derive(Debug, Clone)]
pub(in crate::cli) struct RuleBookSource(String);

impl FromStr for RuleBookSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RuleBookSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RuleBookSource {
    /// The two texts. A folder goes before a name.
    pub(in crate::cli) fn text(&self) -> anyhow::Result<RuleBookText> {
        let folder = Path::new(&self.0);
        if folder.is_dir() {
            let read = |file: RuleBookFile| {
                let path = self.path_of(file);
                let text = fs::read_to_string(&path);
                text.map_err(|error| {
                    Failure::usage(format!("{} cannot be read: {error}", path.display()))
                })
            };
            return Ok(RuleBookText {
                profile_toml: read(RuleBookFile::Profile)?,
                access_cedar: read(RuleBookFile::Access)?,
            });
        }
        RuleBookText::built_in(&self.0).ok_or_else(|| {
            let names: Vec<&str> = RuleBookText::names_of_built_in().collect();
            let names = names.join(", ");
            let message = format!(
                "{self} is neither a folder nor a rule book that comes with the program; those are {names}"
            );
            Failure::usage(message).into()
        })
    }

    /// The rule book, which must be sound.
    pub(in crate::cli) fn load(&self) -> anyhow::Result<RuleBook> {
        RuleBook::load(&self.text()?).with_context(|| {
            format!("{self} cannot be used; `caseledger profile check {self}` says more")
        })
    }

    /// Where one of the texts lies, for naming it.
    pub(in crate::cli) fn path_of(&self, file: RuleBookFile) -> PathBuf {
        Path::new(&self.0).join(file.to_string())
    }
}
