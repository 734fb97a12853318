//! The Merkle log of one tenant: how leaves and nodes are hashed, how proofs are made and checked.
//!
//! Everything here is a pure function of its arguments. Where hashes are kept, who holds the lock and when a head is
//! published is the store's and the publisher's business, not this module's.
//!
//! The tree is that of RFC 6962 §2.1.
//!
//! - [`leaf`]: from an envelope or a content to 32 bytes, and from those to the tree.
//! - [`frontier`]: the right edge of the tree, which is all that appending needs.
//! - [`tree`]: proofs and earlier roots, from the hashes that the store keeps.
//! - [`proof`]: checking them.
//!
//! **Invariant:** a leaf is 32 bytes that reveal nothing: the salted hash of an envelope. The public tree shows a count.

pub mod frontier;
pub mod leaf;
pub mod proof;
pub mod tree;

#[cfg(test)]
mod reference;

pub use frontier::{Frontier, FrontierError, SubtreeHash};
pub use leaf::{
    CommitmentHasher, EMPTY_ROOT, content_commitment, leaf_entry, leaf_hash, node_hash,
};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use tree::{
    NodeRange, NodeSource, TreeError, consistency_plan, consistency_proof, inclusion_plan,
    inclusion_proof, root_at, root_plan,
};
