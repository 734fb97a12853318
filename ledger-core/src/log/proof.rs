//! Checking proofs: what an auditor's tool does, and what this ledger does before it believes anything.

use crate::ids::{Digest, Position};

use super::leaf::{EMPTY_ROOT, node_hash};

/// A proof that does not prove what was claimed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The position is not in the tree.
    #[error(
        "position {position} is not in a tree of {size} leaves: the proof belongs to a later head"
    )]
    OutsideTree {
        /// The position claimed.
        position: Position,
        /// Leaves in the tree.
        size: u64,
    },
    /// The "earlier" tree is the larger one.
    #[error(
        "the earlier tree has {old} leaves and the later one {new}: a ledger never shrinks, so one of the heads is false or they are swapped"
    )]
    Shrinking {
        /// Leaves in the earlier tree.
        old: u64,
        /// Leaves in the later tree.
        new: u64,
    },
    /// The proof has more or fewer hashes than a proof for these sizes has.
    #[error(
        "the proof has {found} hashes, which is not the number for these sizes: it was cut, or made for other sizes"
    )]
    WrongLength {
        /// Hashes given.
        found: usize,
    },
    /// The leaf, the position or a hash of the proof is not what the head was computed from.
    #[error(
        "leaf and proof lead to the root {computed}, but the head says {expected}: this leaf is not what the ledger committed to"
    )]
    NotIncluded {
        /// What leaf and proof give.
        computed: Digest,
        /// What the head says.
        expected: Digest,
    },
    /// The proof does not lead to the root of the earlier tree.
    #[error(
        "the proof leads to the earlier root {computed}, but the earlier head says {expected}: history was changed, or the proof is not for these heads"
    )]
    OtherPast {
        /// What the proof gives.
        computed: Digest,
        /// What the earlier head says.
        expected: Digest,
    },
    /// The proof does not lead to the root of the later tree.
    #[error(
        "the proof leads to the later root {computed}, but the later head says {expected}: history was changed, or the proof is not for these heads"
    )]
    OtherPresent {
        /// What the proof gives.
        computed: Digest,
        /// What the later head says.
        expected: Digest,
    },
}

/// Checks that the leaf at `position` is in the tree of `size` leaves with this root (RFC 9162 §2.1.3.2).
///
/// `leaf_hash` is the [leaf hash](super::leaf_hash), not the leaf entry. Size and root must come from a verified head.
pub fn verify_inclusion(
    leaf_hash: Digest,
    position: Position,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), ProofError> {
    if position.0 >= size {
        return Err(ProofError::OutsideTree { position, size });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    let mut way = Way::new(position.0, size - 1);
    let mut computed = leaf_hash;
    for sibling in proof {
        computed = match way.up().ok_or_else(|| wrong_length.clone())? {
            Side::Left => node_hash(*sibling, computed),
            Side::Right => node_hash(computed, *sibling),
        };
    }
    if !way.is_at_root() {
        return Err(wrong_length);
    }
    if computed != root {
        return Err(ProofError::NotIncluded {
            computed,
            expected: root,
        });
    }
    Ok(())
}

/// Checks that the tree of `old_size` leaves is the beginning of the tree of `new_size` (RFC 9162 §2.1.4.2).
///
/// Between equal sizes, and from the empty tree, the proof is empty and only the roots are compared.
pub fn verify_consistency(
    old_size: u64,
    old_root: Digest,
    new_size: u64,
    new_root: Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrinking {
            old: old_size,
            new: new_size,
        });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    if old_size == 0 || old_size == new_size {
        let known = if old_size == 0 { EMPTY_ROOT } else { new_root };
        return match (proof, old_root == known) {
            ([], true) => Ok(()),
            ([], false) => Err(ProofError::OtherPast {
                computed: known,
                expected: old_root,
            }),
            _ => Err(wrong_length),
        };
    }
    // The proof begins with the largest perfect subtree at the old tree's edge; if that is the whole old tree, its root
    // is known and left out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or_else(|| wrong_length.clone())?;
        (*first, rest)
    };
    let below = (old_size - 1).trailing_ones();
    let mut way = Way::new((old_size - 1) >> below, (new_size - 1) >> below);
    let (mut old, mut new) = (seed, seed);
    for sibling in rest {
        match way.up().ok_or_else(|| wrong_length.clone())? {
            Side::Left => {
                old = node_hash(*sibling, old);
                new = node_hash(*sibling, new);
            }
            Side::Right => new = node_hash(new, *sibling),
        }
    }
    if !way.is_at_root() {
        return Err(wrong_length);
    }
    if old != old_root {
        return Err(ProofError::OtherPast {
            computed: old,
            expected: old_root,
        });
    }
    if new != new_root {
        return Err(ProofError::OtherPresent {
            computed: new,
            expected: new_root,
        });
    }
    Ok(())
}

/// On which side of the way up a sibling lies.
enum Side {
    Left,
    Right,
}

/// The way from a node up to the root: `fn` and `sn` of RFC 9162.
struct Way {
    /// The node's index within its level.
    node: u64,
    /// The last index of that level.
    last: u64,
}

impl Way {
    fn new(node: u64, last: u64) -> Self {
        Self { node, last }
    }

    fn is_at_root(&self) -> bool {
        self.last == 0
    }

    /// Goes up past the next sibling and says where it lies. `None` at the root.
    fn up(&mut self) -> Option<Side> {
        if self.is_at_root() {
            return None;
        }
        let side = if self.node % 2 == 1 || self.node == self.last {
            // The last node of a level may have no sibling there: it rises unchanged to where it has one, on its left.
            // It is not the first (that would be the root), so there is a set bit to stop at.
            let alone = self.node.trailing_zeros();
            self.node >>= alone;
            self.last >>= alone;
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Some(side)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::log::{
        frontier::Frontier,
        leaf::{leaf_hash, sha256},
        tests::reference::{self, TestLog, unhex},
    };

    #[derive(Deserialize)]
    struct Vectors {
        leaves: Vec<String>,
        roots: Vec<String>,
        inclusion: Vec<InclusionVector>,
        consistency: Vec<ConsistencyVector>,
    }

    #[derive(Deserialize)]
    struct InclusionVector {
        position: u64,
        size: usize,
        proof: Vec<String>,
    }

    #[derive(Deserialize)]
    struct ConsistencyVector {
        old: usize,
        new: usize,
        proof: Vec<String>,
    }

    fn digest(text: &str) -> Digest {
        Digest(unhex(text).try_into().unwrap())
    }

    fn digests(texts: &[String]) -> Vec<Digest> {
        texts.iter().map(|text| digest(text)).collect()
    }

    #[test]
    fn the_certificate_transparency_vectors_hold() {
        let vectors: Vectors = serde_json::from_str(include_str!(
            "../../../fixtures/merkle/rfc6962-eight-leaves.json"
        ))
        .unwrap();
        // The entries of these vectors are not 32 bytes long, so they are hashed here as RFC 6962 says.
        let leaves: Vec<Digest> = vectors
            .leaves
            .iter()
            .map(|leaf| sha256(&[vec![0], unhex(leaf)].concat()))
            .collect();
        let roots = digests(&vectors.roots);
        for (size, root) in roots.iter().enumerate() {
            let mut frontier = Frontier::EMPTY;
            frontier.extend(leaves[..size].iter().copied(), &mut Vec::new());
            assert_eq!(frontier.root(), *root, "root of {size} leaves");
        }
        assert_eq!(vectors.inclusion.len(), 36);
        for v in &vectors.inclusion {
            let proof = digests(&v.proof);
            assert_eq!(
                reference::inclusion_proof(v.position, &leaves[..v.size]),
                proof
            );
            let leaf = leaves[usize::try_from(v.position).unwrap()];
            let position = Position(v.position);
            assert_eq!(
                verify_inclusion(leaf, position, v.size as u64, &proof, roots[v.size]),
                Ok(())
            );
        }
        assert_eq!(vectors.consistency.len(), 36);
        for v in &vectors.consistency {
            let proof = digests(&v.proof);
            assert_eq!(
                reference::consistency_proof(v.old as u64, &leaves[..v.new]),
                proof
            );
            let (old, new) = (roots[v.old], roots[v.new]);
            assert_eq!(
                verify_consistency(v.old as u64, old, v.new as u64, new, &proof),
                Ok(())
            );
        }
    }

    #[test]
    fn every_position_and_every_earlier_size_verifies_in_every_small_tree() {
        let log = TestLog::of(70);
        let leaves = log.leaf_hashes();
        for (size, count) in (1_u64..=70).zip(1..) {
            let root = reference::root(&leaves[..count]);
            for (position, leaf) in (0..size).zip(&leaves) {
                let proof = log.inclusion_proof(position, size);
                assert_eq!(
                    verify_inclusion(*leaf, Position(position), size, &proof, root),
                    Ok(())
                );
            }
            for (old, old_count) in (0..=size).zip(0..) {
                let old_root = reference::root(&leaves[..old_count]);
                let proof = log.consistency_proof(old, size);
                assert_eq!(
                    verify_consistency(old, old_root, size, root, &proof),
                    Ok(())
                );
            }
        }
    }

    #[test]
    fn an_empty_or_equal_tree_needs_no_proof_but_the_right_root() {
        let (a, b) = (sha256(b"a"), sha256(b"b"));
        assert_eq!(verify_consistency(0, EMPTY_ROOT, 5, a, &[]), Ok(()));
        assert_eq!(verify_consistency(5, a, 5, a, &[]), Ok(()));
        assert!(verify_consistency(0, a, 5, b, &[]).is_err());
        assert!(verify_consistency(5, a, 5, b, &[]).is_err());
        assert!(verify_consistency(5, a, 5, a, &[b]).is_err());
        assert!(verify_consistency(0, EMPTY_ROOT, 5, a, &[b]).is_err());
        assert_eq!(
            verify_consistency(6, a, 5, b, &[]),
            Err(ProofError::Shrinking { old: 6, new: 5 })
        );
    }

    #[test]
    fn a_position_beyond_the_tree_is_named_as_such() {
        let error = verify_inclusion(EMPTY_ROOT, Position(4), 4, &[], EMPTY_ROOT).unwrap_err();
        assert!(matches!(error, ProofError::OutsideTree { .. }), "{error}");
    }

    /// A tree, a position in it and an earlier size.
    fn cases() -> impl Strategy<Value = (u64, u64, u64)> {
        (2_u64..700).prop_flat_map(|size| (Just(size), 0..size, 1..size))
    }

    fn flip(digest: &mut Digest, bit: usize) {
        digest.0[bit / 8 % 32] ^= 1 << (bit % 8);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn an_inclusion_proof_verifies_and_with_any_bit_flipped_it_does_not(
            (size, position, _) in cases(),
            bit in any::<prop::sample::Index>(),
        ) {
            let log = TestLog::of(size);
            let root = log.frontier.root();
            let leaf = leaf_hash(log.entry(position));
            let proof = log.inclusion_proof(position, size);
            prop_assert_eq!(verify_inclusion(leaf, Position(position), size, &proof, root), Ok(()));

            let mut parts = [&[leaf, root][..], &proof].concat();
            let bit = bit.index(parts.len() * 256);
            flip(&mut parts[bit / 256], bit % 256);
            prop_assert!(
                verify_inclusion(parts[0], Position(position), size, &parts[2..], parts[1]).is_err()
            );
            for moved in 0..size {
                let result = verify_inclusion(leaf, Position(moved), size, &proof, root);
                prop_assert_eq!(result.is_ok(), moved == position);
            }
            let longer = [&proof[..], &[leaf]].concat();
            prop_assert!(verify_inclusion(leaf, Position(position), size, &longer, root).is_err());
            let shorter = &proof[..proof.len() - 1];
            prop_assert!(verify_inclusion(leaf, Position(position), size, shorter, root).is_err());
        }

        #[test]
        fn a_consistency_proof_verifies_and_with_any_bit_flipped_it_does_not(
            (new, _, old) in cases(),
            bit in any::<prop::sample::Index>(),
        ) {
            let log = TestLog::of(new);
            let leaves = log.leaf_hashes();
            let old_root = reference::root(&leaves[..usize::try_from(old).unwrap()]);
            let new_root = log.frontier.root();
            let proof = log.consistency_proof(old, new);
            prop_assert_eq!(verify_consistency(old, old_root, new, new_root, &proof), Ok(()));

            let mut parts = [&[old_root, new_root][..], &proof].concat();
            let bit = bit.index(parts.len() * 256);
            flip(&mut parts[bit / 256], bit % 256);
            prop_assert!(verify_consistency(old, parts[0], new, parts[1], &parts[2..]).is_err());
            let longer = [&proof[..], &[old_root]].concat();
            prop_assert!(verify_consistency(old, old_root, new, new_root, &longer).is_err());
            let shorter = &proof[..proof.len() - 1];
            prop_assert!(verify_consistency(old, old_root, new, new_root, shorter).is_err());
        }
    }
}
