//! Whether every event stands in the ledger: one inclusion proof each, all under one head.

use std::{collections::BTreeSet, path::Path};

use ledger_core::{
    ids::Position,
    log::{self, TreeHead},
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout::INCLUSION,
        lines::InclusionLine,
    },
    events::Story,
    reading,
};

/// Checks the proofs of all events against the head.
pub(super) fn check(root: &Path, story: &Story, head: Option<&TreeHead>, findings: &mut Findings) {
    let mut proven: BTreeSet<Position> = BTreeSet::new();
    reading::json_lines(
        root,
        INCLUSION,
        findings,
        |line, proof: InclusionLine, findings| {
            let position = proof.position;
            let Some(event) = story.get(position).filter(|_| proven.insert(position)) else {
                findings.line(INCLUSION, line, Problem::ProofUncalledFor(position));
                return;
            };
            if event.leaf_entry != proof.leaf_entry {
                findings.line(INCLUSION, line, Problem::ProofForOther(position));
            }
            let Some(head) = head else { return };
            let leaf_hash = log::leaf_hash(event.leaf_entry);
            let way = &proof.inclusion_proof;
            if let Err(source) =
                log::verify_inclusion(leaf_hash, position, head.size, way, head.root)
            {
                findings.line(INCLUSION, line, Problem::Proof { position, source });
            }
        },
    );
    for position in story.own.keys().chain(story.cited.keys()) {
        if !proven.contains(position) {
            findings.file(INCLUSION, Problem::ProofMissing(*position));
        }
    }
}
