//! What can be wrong with a configuration. Every message names the place to correct.

use std::{fmt, io, path::PathBuf};

/// Where a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On the command line, for example `--set listen`.
    Flag(String),
    /// In an environment variable.
    Variable(String),
    /// In the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// Nowhere: it is what holds when nothing is said.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Why the configuration cannot be used. Values of secret keys never appear in these messages.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key that does not exist.
    #[error("{place}: there is no setting `{given}`; the nearest known one is `{nearest}`")]
    Unknown {
        /// Where it was given.
        place: Place,
        /// The unknown name, in the spelling of its place.
        given: String,
        /// The most similar known name, in the same spelling.
        nearest: String,
    },
    /// A key with a value that does not fit.
    #[error("{place}: `{key}` {problem}")]
    Invalid {
        /// Where it was given.
        place: Place,
        /// The key.
        key: &'static str,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// A secret given both as a value and as a file.
    #[error("{second}: `{key}` is already given at {first}; remove one of the two")]
    Twice {
        /// The key.
        key: &'static str,
        /// Where the value stands.
        first: Place,
        /// Where the file stands.
        second: Place,
    },
    /// A file that cannot be read.
    #[error("{place}: cannot read {path}: {source}")]
    Unreadable {
        /// Who wants the file.
        place: Place,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file that is not TOML.
    #[error("{place}: not TOML: {problem}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser expected.
        problem: String,
    },
    /// `--set` without `KEY=VALUE`.
    #[error("--set {given}: write it as KEY=VALUE, for example --set listen=127.0.0.1:8081")]
    NotAPair {
        /// What was given, up to the first `=`.
        given: String,
    },
    /// A secret on the command line, where every user of the machine can read it.
    #[error(
        "--set {key}: a secret must not stand on the command line; use {variable}, or `{key}_file`"
    )]
    SecretOnCommandLine {
        /// The key.
        key: &'static str,
        /// Its environment variable.
        variable: String,
    },
    /// An environment variable that is not UTF-8.
    #[error("environment variable {name}: its value is not UTF-8 text")]
    NotText {
        /// The variable.
        name: String,
    },
    /// No place for the data.
    #[error(
        "no data directory: neither XDG_DATA_HOME nor HOME is set. Name one with --data-dir or CASELEDGER_DATA_DIR"
    )]
    NoHome,
    /// Development tokens on an address that others can reach.
    #[error(
        "{place}: `dev_tokens` lets anyone sign in as anyone, so it works only on this machine, but `listen` is \
         {listen}. Set `listen` to a loopback address (127.0.0.1:8080) or turn `dev_tokens` off"
    )]
    DevTokensExposed {
        /// Where `dev_tokens` was given.
        place: Place,
        /// The address.
        listen: std::net::SocketAddr,
    },
}
