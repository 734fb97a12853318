//! The right edge of the tree: all that is needed to append and to know the root.
//!
//! A tree of `size` leaves splits into perfect subtrees, one for each set bit of `size`, the largest to the left. Their
//! roots are the frontier (a "compact range"). It lives in the tenant's head row and is extended under its lock.

use crate::ids::Digest;

use super::leaf::{EMPTY_ROOT, node_hash};

/// The levels that the store keeps besides the leaves: every eighth, as in the C2SP tiles.
pub const STORED_LEVELS: u8 = 8;

/// The root of a perfect subtree at a level that the store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubtreeHash {
    /// Height above the leaves: 8, 16, 24 … for 256, 65,536, 16,777,216 … leaves.
    pub level: u8,
    /// Place among the subtrees of that level, from 0: it covers the leaves from `index << level` on.
    pub index: u64,
    /// Its root.
    pub hash: Digest,
}

/// The size of a tree and the roots of its perfect subtrees, the largest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Digest>,
}

/// Stored bytes that are not the frontier of a tree of the given size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the frontier of a tree of {size} leaves takes {expected} bytes, but {found} are stored: restore the head row from a backup"
)]
pub struct FrontierError {
    /// Leaves in the tree.
    pub size: u64,
    /// 32 bytes for each set bit of the size.
    pub expected: usize,
    /// Bytes given.
    pub found: usize,
}

impl Frontier {
    /// The tree without leaves.
    pub const EMPTY: Self = Self {
        size: 0,
        roots: Vec::new(),
    };

    /// The frontier of a tree of `size` leaves whose perfect subtrees have these roots, the largest first.
    pub(super) fn of(size: u64, roots: Vec<Digest>) -> Self {
        debug_assert_eq!(u32::try_from(roots.len()), Ok(size.count_ones()));
        Self { size, roots }
    }

    /// Leaves in the tree; also the position of the next one.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one [leaf hash](super::leaf_hash). Subtrees at stored levels that it completes are added to `completed`, lowest first.
    ///
    /// It runs under the head lock: one node hash per leaf on average, at most 63, and nothing allocated but room in the two vectors.
    pub fn push(&mut self, leaf: Digest, completed: &mut Vec<SubtreeHash>) {
        let full_levels = u8::try_from(self.size.trailing_ones()).expect("at most 64 bits are set");
        let mut hash = leaf;
        for level in 1..=full_levels {
            let left = self
                .roots
                .pop()
                .expect("there is one root for each set bit of the size");
            hash = node_hash(left, hash);
            if level % STORED_LEVELS == 0 {
                completed.push(SubtreeHash {
                    level,
                    index: self.size >> level,
                    hash,
                });
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// Appends leaf hashes in order, as [`push`](Self::push) does with each.
    pub fn extend(
        &mut self,
        leaves: impl IntoIterator<Item = Digest>,
        completed: &mut Vec<SubtreeHash>,
    ) {
        for leaf in leaves {
            self.push(leaf, completed);
        }
    }

    /// The Merkle tree hash of all leaves (RFC 6962 §2.1). At most 63 node hashes.
    pub fn root(&self) -> Digest {
        self.roots
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(left, right))
            .unwrap_or(EMPTY_ROOT)
    }

    /// The roots, 32 bytes each, the largest subtree first. The size is stored beside them.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.roots.iter().flat_map(|root| root.0).collect()
    }

    /// Reads back what [`to_bytes`](Self::to_bytes) wrote.
    pub fn try_from_bytes(size: u64, bytes: &[u8]) -> Result<Self, FrontierError> {
        let (roots, rest) = bytes.as_chunks::<32>();
        if rest.is_empty() && u32::try_from(roots.len()) == Ok(size.count_ones()) {
            return Ok(Self {
                size,
                roots: roots.iter().copied().map(Digest).collect(),
            });
        }
        Err(FrontierError {
            size,
            expected: 32 * usize::try_from(size.count_ones()).expect("at most 64 bits are set"),
            found: bytes.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{
        leaf::{leaf_hash, sha256},
        tests::reference,
    };

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(reference::entry).map(leaf_hash).collect()
    }

    #[test]
    fn the_root_is_that_of_the_recursive_definition_at_every_size() {
        let leaves = leaves(530);
        let mut frontier = Frontier::EMPTY;
        assert_eq!(frontier.root(), EMPTY_ROOT);
        for (size, leaf) in (1_u64..).zip(&leaves) {
            frontier.push(*leaf, &mut Vec::new());
            assert_eq!(frontier.size(), size);
            let so_far = &leaves[..usize::try_from(size).unwrap()];
            assert_eq!(frontier.root(), reference::root(so_far), "at size {size}");
        }
    }

    #[test]
    fn a_frontier_read_back_goes_on_as_if_it_had_never_been_stored() {
        for size in [0, 1, 2, 3, 255, 256, 257, 300] {
            let leaves = leaves(size + 20);
            let (first, rest) = leaves.split_at(usize::try_from(size).unwrap());
            let mut whole = Frontier::EMPTY;
            whole.extend(first.iter().copied(), &mut Vec::new());
            let bytes = whole.to_bytes();
            assert_eq!(bytes.len(), 32 * whole.size().count_ones() as usize);
            let mut read = Frontier::try_from_bytes(size, &bytes).unwrap();
            let (mut by_whole, mut by_read) = (Vec::new(), Vec::new());
            whole.extend(rest.iter().copied(), &mut by_whole);
            read.extend(rest.iter().copied(), &mut by_read);
            assert_eq!((whole, by_whole), (read, by_read), "from size {size}");
        }
    }

    #[test]
    fn bytes_of_another_size_are_refused() {
        for (size, bytes) in [(0, 32), (1, 0), (3, 32), (3, 65), (4, 64)] {
            let error = Frontier::try_from_bytes(size, &vec![0; bytes]).unwrap_err();
            assert_eq!(error.found, bytes);
        }
    }

    #[test]
    fn completed_subtrees_are_reported_once_at_every_256_leaves() {
        let leaves = leaves(1_000);
        let mut completed = Vec::new();
        let mut frontier = Frontier::EMPTY;
        frontier.extend(leaves.iter().copied(), &mut completed);
        assert_eq!(
            completed.iter().map(|s| s.index).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        for (subtree, covered) in completed.iter().zip(leaves.chunks(256)) {
            assert_eq!(subtree.level, 8);
            assert_eq!(subtree.hash, reference::root(covered));
        }
    }

    #[test]
    fn one_leaf_can_complete_subtrees_at_several_stored_levels() {
        // A frontier just before 3 × 2²⁴ leaves, with made-up roots.
        let size: u64 = 3 * (1 << 24) - 1;
        let roots: Vec<Digest> = (0..size.count_ones())
            .map(|i| sha256(&i.to_be_bytes()))
            .collect();
        let bytes: Vec<u8> = roots.iter().flat_map(|root| root.0).collect();
        let mut frontier = Frontier::try_from_bytes(size, &bytes).unwrap();
        let mut completed = Vec::new();
        frontier.push(sha256(b"last"), &mut completed);
        let places: Vec<_> = completed.iter().map(|s| (s.level, s.index)).collect();
        assert_eq!(
            places,
            [(8, (3 << 16) - 1), (16, (3 << 8) - 1), (24, 3 - 1)]
        );
        assert_eq!(
            frontier.to_bytes(),
            [roots[0].0, completed[2].hash.0].concat()
        );
    }
}
