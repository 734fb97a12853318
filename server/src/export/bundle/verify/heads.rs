//! The public keys and the signed head that every proof leads to.

use std::path::Path;

use ledger_core::log::{SignedHead, TreeHead, VerifierKey};

use super::{
    super::{
        finding::{Findings, Problem},
        layout,
        lines::Cut,
    },
    Trust, reading,
};

/// The head, and whose it is.
pub(super) struct Heads {
    /// Size and root that the proofs lead to.
    pub(super) head: TreeHead,
    /// The keys that may have signed: those that were given, or else those of the bundle.
    pub(super) keys: Vec<VerifierKey>,
    /// Those that did sign the head.
    pub(super) signers: Vec<VerifierKey>,
    /// Where the keys come from.
    pub(super) trust: Trust,
}

/// The keys among these that signed the head. A signature that is forged in the name of one of them is an error.
pub(super) fn signers(
    head: &SignedHead,
    keys: &[VerifierKey],
    file: &str,
    findings: &mut Findings,
) -> Vec<VerifierKey> {
    if let Err(error) = head.verify(keys) {
        findings.file(file, error);
        return Vec::new();
    }
    let signed = |key: &&VerifierKey| head.verify(std::slice::from_ref(*key)).is_ok();
    keys.iter().filter(signed).cloned().collect()
}

impl Heads {
    /// Reads keys and head. A head that nobody signed is still given, so that the proofs can be checked for themselves.
    pub(super) fn check(
        root: &Path,
        cut: Option<&Cut>,
        trusted: &[VerifierKey],
        findings: &mut Findings,
    ) -> Option<Self> {
        let mut keys = Vec::new();
        let text = reading::text(root, layout::KEYS, findings);
        for (number, line) in (1..).zip(text.iter().flat_map(|text| text.lines())) {
            match line.parse::<VerifierKey>() {
                Ok(key) => keys.push(key),
                Err(error) => findings.line(layout::KEYS, number, error),
            }
        }
        let text = reading::text(root, layout::HEAD, findings)?;
        let signed: SignedHead = text
            .parse()
            .map_err(|error| findings.file(layout::HEAD, Problem::Head(error)))
            .ok()?;
        let head = signed.claimed().clone();
        if let Some(cut) = cut {
            findings.compare(layout::HEAD, "the origin", &head.origin, &cut.origin);
            findings.compare(layout::HEAD, "the size", &head.size, &cut.head_size);
            if !head.covers(cut.cut) {
                let (size, cut) = (head.size, cut.cut);
                findings.file(layout::HEAD, Problem::HeadTooOld { size, cut });
            }
        }
        let mut signers = signers(&signed, &keys, layout::HEAD, findings);
        let trust = if trusted.is_empty() {
            Trust::BundleAlone
        } else {
            signers.retain(|key| trusted.contains(key));
            if signers.is_empty() {
                findings.file(layout::HEAD, Problem::NotTrusted);
            }
            keys = trusted.to_vec();
            Trust::GivenKey
        };
        Some(Self {
            head,
            keys,
            signers,
            trust,
        })
    }
}
