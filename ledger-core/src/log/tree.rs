//! Proofs and earlier roots, from the hashes that the store keeps.
//!
//! The store keeps every leaf entry, and the roots of perfect subtrees at levels 8, 16, 24 … ([`SubtreeHash`](super::SubtreeHash)).
//! Reading them may have to wait for a database, and this module must not, so each question is asked in two steps:
//!
//! 1. A *plan* ([`inclusion_plan`], [`consistency_plan`], [`root_plan`]) names the stored hashes that the answer takes.
//! 2. The store reads them into a [`NodeSource`], from which [`inclusion_proof`], [`consistency_proof`] or [`root_at`] answer.
//!
//! A plan reads at most 256 hashes for each stored level and each edge it follows: the way up from a leaf, the right
//! edge of the tree. Everything in between is hashed again, which is cheaper than storing it.

use std::{collections::BTreeMap, ops::Range};

use crate::ids::{Digest, Position};

use super::{
    frontier::{Frontier, STORED_LEVELS},
    leaf::{EMPTY_ROOT, leaf_hash, node_hash},
};

/// Hashes of one stored level that lie together: those of the leaves if `level` is 0, else of subtrees.
///
/// A range never reaches across a multiple of 256, so it holds at most 256 hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeRange {
    /// 0 for leaves, else 8, 16, 24 …
    pub level: u8,
    /// The first hash, counted within the level; for leaves, the position.
    pub start: u64,
    /// The first hash that is no longer meant.
    pub end: u64,
}

/// A question about the tree that has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The position is not in the tree.
    #[error("position {position} is not in a tree of {size} leaves: ask for a head that covers it")]
    OutsideTree {
        /// The position asked for.
        position: Position,
        /// Leaves in the tree.
        size: u64,
    },
    /// The "earlier" tree is the larger one.
    #[error(
        "a tree of {new} leaves does not contain one of {old}: give the earlier size first, and a later one that exists"
    )]
    Shrinking {
        /// Leaves in the earlier tree.
        old: u64,
        /// Leaves in the later tree.
        new: u64,
    },
    /// The source was not filled from the plan of this question.
    #[error(
        "the hash at level {level}, index {index} was not read: fill the source with every range of the plan; if the store lacks it, rebuild its subtree hashes from the leaf entries"
    )]
    Missing {
        /// Stored level.
        level: u8,
        /// Place within the level.
        index: u64,
    },
}

/// The stored hashes that the store has read for one or more plans.
#[derive(Debug, Clone, Default)]
pub struct NodeSource {
    blocks: BTreeMap<(u8, u64), Vec<Digest>>,
}

impl NodeSource {
    /// Adds [leaf entries](super::leaf_entry) as stored, from position `start` on; they are hashed here.
    pub fn insert_leaf_entries(&mut self, start: u64, entries: &[Digest]) {
        self.insert(0, start, entries.iter().copied().map(leaf_hash).collect());
    }

    /// Adds the roots of perfect subtrees at a stored level, from index `start` on. At level 0 these are leaf hashes.
    pub fn insert_subtrees(&mut self, level: u8, start: u64, hashes: Vec<Digest>) {
        self.insert(level, start, hashes);
    }

    fn insert(&mut self, level: u8, start: u64, hashes: Vec<Digest>) {
        let block = self.blocks.entry((level, start)).or_default();
        if hashes.len() > block.len() {
            *block = hashes;
        }
    }

    fn get(&self, wanted: NodeRange) -> Result<&[Digest], TreeError> {
        let missing = TreeError::Missing {
            level: wanted.level,
            index: wanted.start,
        };
        let count = usize::try_from(wanted.end - wanted.start).map_err(|_| missing.clone())?;
        self.blocks
            .range((wanted.level, 0)..=(wanted.level, wanted.start))
            .rev()
            .find_map(|((_, start), hashes)| {
                let offset = usize::try_from(wanted.start - start).ok()?;
                hashes.get(offset..)?.get(..count)
            })
            .ok_or(missing)
    }
}

/// The stored hashes needed for the inclusion proofs of these positions in the tree of `size` leaves.
pub fn inclusion_plan(
    positions: impl IntoIterator<Item = Position>,
    size: u64,
) -> Result<Vec<NodeRange>, TreeError> {
    let mut plan = Plan::default();
    for position in positions {
        plan.add_all(&inclusion_ranges(position, size)?);
    }
    Ok(plan.into_ranges())
}

/// The inclusion proof of one leaf (RFC 6962 §2.1.1): the hashes of its siblings, from the leaf's up to the root's child.
pub fn inclusion_proof(
    position: Position,
    size: u64,
    source: &NodeSource,
) -> Result<Vec<Digest>, TreeError> {
    hashes_of(&inclusion_ranges(position, size)?, source)
}

/// The stored hashes needed for the consistency proof between the trees of `old` and `new` leaves.
pub fn consistency_plan(old: u64, new: u64) -> Result<Vec<NodeRange>, TreeError> {
    let mut plan = Plan::default();
    plan.add_all(&consistency_ranges(old, new)?);
    Ok(plan.into_ranges())
}

/// The proof that the tree of `old` leaves is the beginning of the tree of `new` (RFC 6962 §2.1.2).
///
/// Empty if the sizes are equal or the old tree is: then there is nothing to prove.
pub fn consistency_proof(
    old: u64,
    new: u64,
    source: &NodeSource,
) -> Result<Vec<Digest>, TreeError> {
    hashes_of(&consistency_ranges(old, new)?, source)
}

/// The stored hashes needed for the root of the first `size` leaves.
pub fn root_plan(size: u64) -> Vec<NodeRange> {
    let mut plan = Plan::default();
    plan.add(&(0..size));
    plan.into_ranges()
}

/// The root of the first `size` leaves: of the tree as it once was.
pub fn root_at(size: u64, source: &NodeSource) -> Result<Digest, TreeError> {
    tree_hash(&(0..size), source)
}

/// The right edge of the tree of the first `size` leaves, from which it can be grown; takes what [`root_plan`] names.
pub fn frontier_at(size: u64, source: &NodeSource) -> Result<Frontier, TreeError> {
    let tree = 0..size;
    let roots = stored_nodes(&tree).map(|node| source.get(node).map(perfect_root));
    Ok(Frontier::of(size, roots.collect::<Result<_, _>>()?))
}

/// The leaves below each node of an inclusion proof, in the proof's order. The last of them may be an incomplete subtree.
fn inclusion_ranges(position: Position, size: u64) -> Result<Vec<Range<u64>>, TreeError> {
    if position.0 >= size {
        return Err(TreeError::OutsideTree { position, size });
    }
    let mut ranges = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let split = split(&tree);
        if position.0 < split {
            ranges.push(split..tree.end);
            tree.end = split;
        } else {
            ranges.push(tree.start..split);
            tree.start = split;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// The leaves below each node of a consistency proof, in the proof's order.
fn consistency_ranges(old: u64, new: u64) -> Result<Vec<Range<u64>>, TreeError> {
    if old > new {
        return Err(TreeError::Shrinking { old, new });
    }
    let mut ranges = Vec::new();
    if old == 0 {
        return Ok(ranges);
    }
    let mut tree = 0..new;
    while old < tree.end {
        let split = split(&tree);
        if old <= split {
            ranges.push(split..tree.end);
            tree.end = split;
        } else {
            ranges.push(tree.start..split);
            tree.start = split;
        }
    }
    // What is left ends where the old tree ends. If it also begins there, it *is* the old tree, whose root the verifier has.
    if tree.start > 0 {
        ranges.push(tree);
    }
    ranges.reverse();
    Ok(ranges)
}

/// Where a tree of more than one leaf splits: after the largest power of two smaller than its size (RFC 6962 §2.1).
fn split(tree: &Range<u64>) -> u64 {
    tree.start + (1 << (tree.end - tree.start - 1).ilog2())
}

/// The perfect subtrees of a range that arose by splitting a tree, the largest first, each as the stored hashes below it.
fn stored_nodes(range: &Range<u64>) -> impl Iterator<Item = NodeRange> {
    let (mut next, end) = (range.start, range.end);
    std::iter::from_fn(move || {
        let level = (end - next).checked_ilog2()?;
        let first = next;
        next += 1 << level;
        let level = u8::try_from(level).expect("a 64-bit size has no level above 63");
        let stored = level - level % STORED_LEVELS;
        Some(NodeRange {
            level: stored,
            start: first >> stored,
            end: next >> stored,
        })
    })
}

fn hashes_of(ranges: &[Range<u64>], source: &NodeSource) -> Result<Vec<Digest>, TreeError> {
    ranges
        .iter()
        .map(|range| tree_hash(range, source))
        .collect()
}

/// The Merkle tree hash of a range of leaves that arose by splitting a tree.
fn tree_hash(range: &Range<u64>, source: &NodeSource) -> Result<Digest, TreeError> {
    let roots = stored_nodes(range)
        .map(|node| source.get(node).map(perfect_root))
        .collect::<Result<Vec<_>, _>>()?;
    let root = roots
        .into_iter()
        .rev()
        .reduce(|right, left| node_hash(left, right));
    Ok(root.unwrap_or(EMPTY_ROOT))
}

/// The root over 1, 2, 4 … or 128 hashes.
fn perfect_root(hashes: &[Digest]) -> Digest {
    if let [hash] = hashes {
        return *hash;
    }
    let (left, right) = hashes.split_at(hashes.len() / 2);
    node_hash(perfect_root(left), perfect_root(right))
}

/// Ranges gathered by the 256 they lie in, so that each is read once.
#[derive(Default)]
struct Plan(BTreeMap<(u8, u64), Range<u64>>);

impl Plan {
    fn add_all(&mut self, ranges: &[Range<u64>]) {
        for range in ranges {
            self.add(range);
        }
    }

    fn add(&mut self, range: &Range<u64>) {
        for node in stored_nodes(range) {
            let gathered = self
                .0
                .entry((node.level, node.start >> STORED_LEVELS))
                .or_insert(node.start..node.end);
            gathered.start = gathered.start.min(node.start);
            gathered.end = gathered.end.max(node.end);
        }
    }

    fn into_ranges(self) -> Vec<NodeRange> {
        let range = |((level, _), Range { start, end })| NodeRange { level, start, end };
        self.0.into_iter().map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::tests::reference::{self, TestLog};

    #[test]
    fn the_proofs_are_those_of_the_example_in_the_rfc() {
        // RFC 6962 §2.1.3: seven leaves d0 … d6; g = [d0 d1], h = [d2 d3], i = [d4 d5], j = d6, k = [g h], l = [i j].
        let leaves_of = |name| match name {
            'a'..='f' => {
                let index = u64::from(u32::from(name) - u32::from('a'));
                index..index + 1
            }
            'g' => 0..2,
            'h' => 2..4,
            'i' => 4..6,
            'j' => 6..7,
            'k' => 0..4,
            'l' => 4..7,
            _ => unreachable!("the example has no node {name}"),
        };
        let nodes = |names: &str| names.chars().map(leaves_of).collect::<Vec<_>>();
        for (position, names) in [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")] {
            assert_eq!(
                inclusion_ranges(Position(position), 7),
                Ok(nodes(names)),
                "PATH({position}, D[7])"
            );
        }
        for (old, names) in [(3, "cdgl"), (4, "l"), (6, "ijk")] {
            assert_eq!(
                consistency_ranges(old, 7),
                Ok(nodes(names)),
                "PROOF({old}, D[7])"
            );
        }
    }

    #[test]
    fn questions_without_an_answer_are_refused() {
        assert_eq!(
            inclusion_plan([Position(3)], 3),
            Err(TreeError::OutsideTree {
                position: Position(3),
                size: 3
            })
        );
        assert_eq!(
            consistency_plan(4, 3),
            Err(TreeError::Shrinking { old: 4, new: 3 })
        );
        assert_eq!(
            inclusion_proof(Position(1), 2, &NodeSource::default()),
            Err(TreeError::Missing { level: 0, index: 0 })
        );
    }

    #[test]
    fn a_plan_stays_small_however_large_the_ledger() {
        let size = (1_u64 << 40) - 1;
        for position in [0, 1, size / 3, size - 1] {
            let plan = inclusion_plan([Position(position)], size).unwrap();
            let by_level = |level| plan.iter().filter(move |range| range.level == level);
            for level in [0, 8, 16, 24, 32] {
                assert!(by_level(level).count() <= 2, "level {level}: {plan:?}");
            }
            for range in &plan {
                assert_eq!(range.start / 256, (range.end - 1) / 256, "{range:?}");
            }
        }
        assert!(consistency_plan(size / 3, size).unwrap().len() <= 15);
    }

    #[test]
    fn proofs_across_stored_levels_are_those_of_the_recursive_definition() {
        let log = TestLog::of(66_000);
        let leaves = log.leaf_hashes();
        for size in [255, 256, 257, 512, 65_535, 65_536, 65_537, 65_800, 66_000] {
            let tree = &leaves[..usize::try_from(size).unwrap()];
            let root = root_at(size, &log.read(&root_plan(size)));
            assert_eq!(root, Ok(reference::root(tree)), "root at {size}");
            let mut grown = Frontier::EMPTY;
            grown.extend(tree.iter().copied(), &mut Vec::new());
            assert_eq!(frontier_at(size, &log.read(&root_plan(size))), Ok(grown));
            for position in [0, 1, size / 2, size - 2, size - 1] {
                assert_eq!(
                    log.inclusion_proof(position, size),
                    reference::inclusion_proof(position, tree),
                    "{position} in {size}"
                );
            }
            for old in [1, 200, 256, 257, 65_280, 65_536, 65_792] {
                if old <= size {
                    assert_eq!(
                        log.consistency_proof(old, size),
                        reference::consistency_proof(old, tree),
                        "{old} to {size}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_source_serves_many_positions() {
        let log = TestLog::of(1_000);
        let positions = [0, 3, 255, 256, 700, 999].map(Position);
        let plan = inclusion_plan(positions, 1_000).unwrap();
        assert!(plan.len() <= 5, "{plan:?}");
        let source = log.read(&plan);
        for position in positions {
            assert_eq!(
                inclusion_proof(position, 1_000, &source),
                Ok(log.inclusion_proof(position.0, 1_000))
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn proofs_from_stored_hashes_are_those_of_the_recursive_definition(
            size in 1_u64..1_400,
            position in any::<prop::sample::Index>(),
            old in any::<prop::sample::Index>(),
        ) {
            let log = TestLog::of(size);
            let leaves = log.leaf_hashes();
            let count = usize::try_from(size).unwrap();
            let position = position.index(count) as u64;
            let old = old.index(count + 1) as u64;
            prop_assert_eq!(
                log.inclusion_proof(position, size),
                reference::inclusion_proof(position, &leaves)
            );
            prop_assert_eq!(
                log.consistency_proof(old, size),
                reference::consistency_proof(old, &leaves)
            );
        }
    }
}
