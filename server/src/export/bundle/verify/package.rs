//! The event by which the ledger committed to the bundle: `package_built`, with its receipt, beside the payload.

use std::path::Path;

use ledger_core::{
    events::{Event, PackageBuilt},
    ids::{Digest, Position, StreamId},
    log::{Receipt, VerifierKey},
    store::Recorded,
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout::{self, PACKAGE_BUILT, PACKAGE_PROOF},
        lines::{Cut, PackageBuiltFile},
        manifest::Algorithm,
    },
    Payload,
    events::check_bytes,
    files::FoundFiles,
    heads::{self, Heads},
    reading,
};

/// What is reported of the event.
pub(super) struct Package {
    /// Where it stands.
    pub(super) position: Position,
    /// The key that signed both heads.
    pub(super) signed_by: VerifierKey,
}

impl Package {
    /// Checks the event, its receipt, and that it commits to this payload.
    pub(super) fn check(
        root: &Path,
        found: &FoundFiles,
        payload: &Payload,
        findings: &mut Findings,
    ) -> Option<Self> {
        let file: PackageBuiltFile = reading::json(root, PACKAGE_BUILT, findings)?;
        check_bytes(&file.event, PACKAGE_BUILT, 1, findings);
        let text = reading::text(root, PACKAGE_PROOF, findings);
        check_forms(&file, text.as_deref(), findings);
        let recorded = file
            .event
            .stored()
            .decode()
            .map_err(|error| findings.file(PACKAGE_BUILT, error))
            .ok()?;
        let manifest = found
            .get(Algorithm::Sha256.manifest())
            .map(super::super::manifest::Checksums::sha256);
        if let Event::PackageBuilt(facts) = &recorded.event {
            check_facts(facts, payload.cut.as_ref(), manifest, findings);
        } else {
            let found = recorded.envelope.event_type.clone();
            findings.file(PACKAGE_BUILT, Problem::NotPackageBuilt(found));
        }
        if let Some(cut) = &payload.cut {
            check_place(&recorded, cut, findings);
        }
        let signed_by = check_receipt(&file.receipt, payload.heads.as_ref()?, findings)?;
        Some(Self {
            position: recorded.position,
            signed_by,
        })
    }
}

/// The receipt must be that of the event, in both of its forms.
fn check_forms(file: &PackageBuiltFile, text: Option<&str>, findings: &mut Findings) {
    let (event, receipt) = (&file.event, &file.receipt);
    if (receipt.position, receipt.leaf_entry) != (event.position, event.leaf_entry)
        || event.content.is_some()
    {
        findings.file(PACKAGE_BUILT, Problem::OtherReceipt);
    }
    if text.is_some_and(|text| text != receipt.to_tlog_proof()) {
        findings.file(PACKAGE_PROOF, Problem::OtherReceipt);
    }
}

/// The receipt must lead to a head that is signed by one of the keys that signed the other head.
fn check_receipt(receipt: &Receipt, heads: &Heads, findings: &mut Findings) -> Option<VerifierKey> {
    let signers = heads::signers(&receipt.signed_head, &heads.keys, PACKAGE_BUILT, findings);
    if signers.is_empty() {
        // Said already.
        return None;
    }
    if let Err(error) = receipt.verify(&signers) {
        findings.file(PACKAGE_BUILT, error);
    }
    let origin = &receipt.signed_head.claimed().origin;
    findings.compare(PACKAGE_BUILT, "the origin", origin, &heads.head.origin);
    let both = signers
        .into_iter()
        .find(|signer| heads.signers.contains(signer));
    if both.is_none() && !heads.signers.is_empty() {
        findings.file(PACKAGE_BUILT, Problem::OtherSigner);
    }
    both
}

fn check_facts(
    facts: &PackageBuilt,
    cut: Option<&Cut>,
    manifest: Option<Digest>,
    findings: &mut Findings,
) {
    if let Some(found) = manifest
        && found != facts.manifest_sha256
    {
        let committed = facts.manifest_sha256;
        let problem = Problem::Commitment { committed, found };
        findings.file(Algorithm::Sha256.manifest(), problem);
    }
    let Some(cut) = cut else { return };
    findings.compare(layout::CUT, "the cut", &cut.cut, &facts.cut);
    findings.compare(
        layout::CUT,
        "the version of the case",
        &cut.case_version,
        &facts.case_version,
    );
    findings.compare(
        layout::CUT,
        "the version of its views",
        &cut.views_version,
        &facts.views_version,
    );
    findings.compare(layout::CUT, "the format", &cut.format, &facts.format);
}

/// The event must be a later one of the same case.
fn check_place(recorded: &Recorded, cut: &Cut, findings: &mut Findings) {
    let envelope = &recorded.envelope;
    let stream = StreamId::Case(cut.case);
    if envelope.tenant != cut.tenant
        || envelope.case != Some(cut.case)
        || envelope.stream != stream
        || envelope.version <= cut.case_version
    {
        let problem = Problem::Foreign {
            position: recorded.position,
            stream: envelope.stream.clone(),
        };
        findings.file(PACKAGE_BUILT, problem);
    }
    if recorded.position <= cut.cut {
        findings.file(PACKAGE_BUILT, Problem::Order(recorded.position));
    }
}
