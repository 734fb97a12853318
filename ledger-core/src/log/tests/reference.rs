//! For the tests: the tree as RFC 6962 defines it, slow and recursive, and a log held in memory as the store would hold it.

use std::collections::HashMap;

use crate::ids::{Digest, Position};
use crate::log::{
    frontier::{Frontier, SubtreeHash},
    leaf::{EMPTY_ROOT, leaf_hash, node_hash, sha256},
    tree::{
        NodeRange, NodeSource, consistency_plan, consistency_proof as proof_between,
        inclusion_plan, inclusion_proof as proof_of,
    },
};

/// The leaf entry that every test log has at this position.
pub(in crate::log) fn entry(position: u64) -> Digest {
    sha256(&position.to_be_bytes())
}

/// Bytes written in hexadecimal, as the standards print them.
pub(in crate::log) fn unhex(text: &str) -> Vec<u8> {
    let byte = |i| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// MTH (RFC 6962 §2.1), over leaf hashes.
pub(in crate::log) fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(root(left), root(right))
        }
    }
}

/// PATH (RFC 6962 §2.1.1).
pub(in crate::log) fn inclusion_proof(position: u64, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) = match position.checked_sub(left.len() as u64) {
        None => (inclusion_proof(position, left), root(right)),
        Some(within) => (inclusion_proof(within, right), root(left)),
    };
    proof.push(sibling);
    proof
}

/// PROOF (RFC 6962 §2.1.2), and nothing to prove for an empty old tree.
pub(in crate::log) fn consistency_proof(old: u64, leaves: &[Digest]) -> Vec<Digest> {
    if old == 0 {
        return Vec::new();
    }
    subproof(old, leaves, true)
}

fn subproof(old: u64, leaves: &[Digest], whole: bool) -> Vec<Digest> {
    if old == leaves.len() as u64 {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let split = left.len() as u64;
    let (mut proof, other) = if old <= split {
        (subproof(old, left, whole), root(right))
    } else {
        (subproof(old - split, right, false), root(left))
    };
    proof.push(other);
    proof
}

/// A log with what a store keeps of it: leaf entries, and subtree hashes as the frontier reported them.
pub(in crate::log) struct TestLog {
    pub(in crate::log) entries: Vec<Digest>,
    pub(in crate::log) frontier: Frontier,
    subtrees: HashMap<(u8, u64), Digest>,
}

impl TestLog {
    pub(in crate::log) fn of(size: u64) -> Self {
        let entries: Vec<Digest> = (0..size).map(entry).collect();
        let mut frontier = Frontier::EMPTY;
        let mut completed = Vec::new();
        frontier.extend(entries.iter().copied().map(leaf_hash), &mut completed);
        let stored = |SubtreeHash { level, index, hash }| ((level, index), hash);
        Self {
            entries,
            frontier,
            subtrees: completed.into_iter().map(stored).collect(),
        }
    }

    pub(in crate::log) fn leaf_hashes(&self) -> Vec<Digest> {
        self.entries.iter().copied().map(leaf_hash).collect()
    }

    /// The hashes of one range, as a tile would show them.
    pub(in crate::log) fn hashes(&self, range: NodeRange) -> Vec<Digest> {
        let hash = |index| match range.level {
            0 => leaf_hash(self.entry(index)),
            level => self.subtrees[&(level, index)],
        };
        (range.start..range.end).map(hash).collect()
    }

    /// Reads a plan's ranges, as a store would.
    pub(in crate::log) fn read(&self, plan: &[NodeRange]) -> NodeSource {
        let mut source = NodeSource::default();
        for range in plan {
            if range.level == 0 {
                let entries: Vec<Digest> =
                    (range.start..range.end).map(|i| self.entry(i)).collect();
                source.insert_leaf_entries(range.start, &entries);
            } else {
                source.insert_subtrees(range.level, range.start, self.hashes(*range));
            }
        }
        source
    }

    pub(in crate::log) fn inclusion_proof(&self, position: u64, size: u64) -> Vec<Digest> {
        let position = Position(position);
        let plan = inclusion_plan([position], size).unwrap();
        proof_of(position, size, &self.read(&plan)).unwrap()
    }

    pub(in crate::log) fn consistency_proof(&self, old: u64, new: u64) -> Vec<Digest> {
        let plan = consistency_plan(old, new).unwrap();
        proof_between(old, new, &self.read(&plan)).unwrap()
    }

    pub(in crate::log) fn entry(&self, position: u64) -> Digest {
        self.entries[usize::try_from(position).unwrap()]
    }
}
