//! Why a bundle was not written, or did not verify.

use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use ledger_core::{ids::DocumentId, ledger::LedgerError};

use super::finding::Finding;

/// Why a bundle was not written, or did not verify. After a failed [`write`](super::write()) nothing stands at the target.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The ledger did not give out the case.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Something stands where the bundle should go.
    #[error("{} exists already; a bundle is never written over anything, choose another name", .0.display())]
    TargetExists(PathBuf),
    /// An export to the same place is under way or was killed.
    #[error(
        "{} exists already: another export to the same place is under way, or one was killed; in that case remove the folder",
        .0.display()
    )]
    PartialExists(PathBuf),
    /// The target has no name or no folder to stand in.
    #[error("{} is not the path of a folder that can be made; give a name within a folder that exists", .0.display())]
    Target(PathBuf),
    /// A file could not be written.
    #[error("{} cannot be {what}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was attempted: `written`, `made`, …
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// A document was redacted while the bundle was being written.
    #[error("document {0} was redacted while the bundle was being written; export again")]
    DocumentGone(DocumentId),
    /// An event cannot be put into a line.
    #[error("an event or content is not JSON; run `caseledger verify`")]
    NotJson(#[source] serde_json::Error),
    /// What was written was read back and did not verify, so it was removed.
    #[error(
        "what was written does not verify and was removed; if the case was changed meanwhile, export again{}",
        listed(.0)
    )]
    SelfCheck(Vec<Finding>),
    /// The program is shutting down.
    #[error("the export was interrupted; export again")]
    Interrupted,
    /// There is no bundle.
    #[error("{} is not a folder; give the folder of a bundle", .0.display())]
    NotABundle(PathBuf),
    /// The bundle is not what the ledger committed to.
    #[error("{} does not verify; found: {}{}", .path.display(), .findings.len(), listed(.findings))]
    Invalid {
        /// The bundle.
        path: PathBuf,
        /// Everything that is wrong, each with file and place.
        findings: Vec<Finding>,
    },
}

impl BundleError {
    /// For `map_err`: names file and attempt.
    pub(super) fn io(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, what, source }
    }
}

fn listed(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut list, finding| {
        write!(list, "\n  {finding}").expect("writing to a string cannot fail");
        list
    })
}
