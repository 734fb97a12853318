//! Checking a bundle, offline: everything that is wrong with it in one run.
//!
//! From the outside in: which files there are and whether the manifests list them as they are; the keys and the signed
//! head; the events, each against its proof; contents, documents and rule books against what the events committed to;
//! completeness up to the cut; and last the event by which the ledger committed to all of it.

mod documents;
mod events;
mod files;
mod heads;
mod inclusion;
mod package;
mod reading;
mod whole;

use std::{collections::BTreeSet, path::Path};

use ledger_core::{
    ids::{CaseId, Position, TenantId},
    log::VerifierKey,
};
use serde::Serialize;

use self::{events::Story, heads::Heads, package::Package};
use super::{
    error::BundleError,
    finding::{Finding, Findings, Problem},
    layout,
    lines::Cut,
};

/// A bundle that verified, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BundleVerification {
    /// Whose ledger it is from.
    pub tenant: TenantId,
    /// Which case it holds.
    pub case: CaseId,
    /// The last position that it covers.
    pub cut: Position,
    /// How many events of the case and of its views it holds.
    pub events: u64,
    /// How many events of other streams.
    pub cited: u64,
    /// How many contents were found as committed.
    pub contents: u64,
    /// How many contents of the case are not in it because they were redacted.
    pub contents_redacted: u64,
    /// How many documents were found as committed.
    pub documents: u64,
    /// How many documents are not in it because they were redacted.
    pub documents_redacted: u64,
    /// The position of the event that commits to it.
    pub package_position: Position,
    /// The key that signed the heads of its proofs.
    pub signed_by: VerifierKey,
    /// Where trust in that key comes from.
    pub trust: Trust,
}

/// Where the key comes from that the proofs were checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// From the bundle alone: it agrees with itself, but whoever made it may have made the key too.
    BundleAlone,
    /// From whoever asked for the check.
    GivenKey,
}

/// Checks a bundle with the public keys that it brings along.
///
/// # Errors
/// [`BundleError::NotABundle`], or [`BundleError::Invalid`] with everything that is wrong.
pub fn verify(path: &Path) -> Result<BundleVerification, BundleError> {
    verify_with(path, &[])
}

/// Checks a bundle; if `trusted` keys are given, its heads must be signed by one of them.
///
/// # Errors
/// As [`verify`].
pub fn verify_with(
    path: &Path,
    trusted: &[VerifierKey],
) -> Result<BundleVerification, BundleError> {
    if !path.is_dir() {
        return Err(BundleError::NotABundle(path.to_owned()));
    }
    let mut findings = Findings::default();
    let found = files::read(path, &mut findings);
    files::check_manifests(path, &found, &mut findings);
    let payload = Payload::check(path, trusted, &mut findings);
    found.compare_with(&payload.files, &mut findings);
    let package = Package::check(path, &found, &payload, &mut findings);
    if let Some(cut) = &payload.cut {
        files::check_info(path, &found, cut, &mut findings);
    }
    match (payload.cut, payload.heads, package) {
        (Some(cut), Some(heads), Some(package)) if findings.is_empty() => Ok(BundleVerification {
            tenant: cut.tenant,
            case: cut.case,
            cut: cut.cut,
            events: payload.story.own.len() as u64,
            cited: payload.story.cited.len() as u64,
            contents: payload.story.contents,
            contents_redacted: payload.story.redacted.len() as u64,
            documents: payload.documents,
            documents_redacted: payload.story.documents_redacted.len() as u64,
            package_position: package.position,
            signed_by: package.signed_by,
            trust: heads.trust,
        }),
        _ => Err(BundleError::Invalid {
            path: path.to_owned(),
            findings: findings.into_inner(),
        }),
    }
}

/// Checks the payload of a bag that has no proof of its own yet: what an exporter does before the ledger commits to it.
pub(super) fn payload_problems(path: &Path, trusted: &[VerifierKey]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let payload = Payload::check(path, trusted, &mut findings);
    for file in &payload.files {
        if !path.join(file).is_file() {
            findings.file(file.clone(), Problem::Missing);
        }
    }
    findings.into_inner()
}

/// What the payload says, as far as it can be read.
struct Payload {
    cut: Option<Cut>,
    heads: Option<Heads>,
    story: Story,
    /// How many documents are as they should be.
    documents: u64,
    /// The payload files that there should be.
    files: BTreeSet<String>,
}

impl Payload {
    fn check(root: &Path, trusted: &[VerifierKey], findings: &mut Findings) -> Self {
        let cut: Option<Cut> = reading::json(root, layout::CUT, findings);
        if let Some(cut) = &cut {
            let format = (cut.format.as_str(), cut.format_version);
            if format != (layout::FORMAT, layout::FORMAT_VERSION) {
                let problem = Problem::Differs {
                    what: "the format",
                    found: format!("{} {}", format.0, format.1),
                    expected: format!("{} {}", layout::FORMAT, layout::FORMAT_VERSION),
                };
                findings.file(layout::CUT, problem);
            }
        }
        let heads = Heads::check(root, cut.as_ref(), trusted, findings);
        let story = Story::read(root, cut.as_ref(), findings);
        let head = heads.as_ref().map(|heads| &heads.head);
        inclusion::check(root, &story, head, findings);
        let documents = documents::check(root, &story, findings);
        whole::check(root, cut.as_ref(), &story, findings);
        let rules = story
            .adopted
            .keys()
            .flat_map(|position| layout::rule_book_files(*position));
        let files = layout::PAYLOAD_FILES
            .map(str::to_owned)
            .into_iter()
            .chain(rules)
            .chain(
                story
                    .documents
                    .iter()
                    .filter(|(id, _)| !story.documents_redacted.contains(id))
                    .map(|(id, (_, facts))| layout::document_file(*id, &facts.format)),
            )
            .collect();
        Self {
            cut,
            heads,
            story,
            documents,
            files,
        }
    }
}
