//! The variables of a process, and the folders that follow from them.

use std::{collections::BTreeMap, ffi::OsString};

use super::ConfigError;

/// The variables of a process, as an argument, so that tests need not touch their own. Not printable, because it
/// holds secrets.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    superuser: bool,
}

impl Environment {
    /// That of this process.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            superuser: rustix::process::geteuid().is_root(),
        }
    }

    /// Exactly these variables; `superuser` tells whether the process is root, which moves the default `data_dir`.
    pub fn new<N, V>(variables: impl IntoIterator<Item = (N, V)>, superuser: bool) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            superuser,
        }
    }

    /// The value of a variable. An empty one counts as not set, as container tools mean it.
    pub(super) fn get(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        match self.variables.get(&OsString::from(name)) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some("") => Ok(None),
                Some(text) => Ok(Some(text)),
                None => Err(ConfigError::NotText { name: name.into() }),
            },
        }
    }

    pub(super) fn standard_data_dir(&self) -> Result<String, ConfigError> {
        if self.superuser {
            return Ok("/var/lib/caseledger".into());
        }
        if let Some(folder) = self.get("XDG_DATA_HOME")? {
            return Ok(format!("{folder}/caseledger"));
        }
        match self.get("HOME")? {
            Some(home) => Ok(format!("{home}/.local/share/caseledger")),
            None => Err(ConfigError::NoHome),
        }
    }

    /// The names of all variables that are text.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().filter_map(|name| name.to_str())
    }
}
