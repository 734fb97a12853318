//! The Merkle log of one tenant: how leaves and nodes are hashed, how heads are signed, how proofs are made and checked.
//!
//! Everything here is a pure function of its arguments. Where hashes are kept, who holds the lock and when a head is
//! published is the store's and the publisher's business, not this module's.
//!
//! The tree is that of RFC 6962 §2.1, the heads are C2SP checkpoints (signed notes with Ed25519), the tiles follow
//! C2SP tlog-tiles and a receipt has the C2SP tlog-proof text form, so that anyone's tools can check this ledger.
//!
//! - [`leaf`]: from an envelope to 32 bytes, and from those to the tree.
//! - [`frontier`]: the right edge of the tree, which is all that appending needs.
//! - [`tree`]: proofs and earlier roots, from the hashes that the store keeps.
//! - [`proof`]: checking them.
//! - [`key`], [`note`], [`head`]: signed tree heads.
//! - [`receipt`]: what somebody takes home.
//! - [`tile`]: the public, static form of the tree.
//!
//! **Invariant:** a leaf is 32 bytes that reveal nothing: the salted hash of an envelope. The public tree shows a count.

pub mod frontier;
pub mod head;
pub mod key;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;

#[cfg(test)]
mod tests;

pub use frontier::{Frontier, FrontierError, SubtreeHash};
pub use head::{HeadError, SignedHead, TreeHead};
pub use key::{InvalidKey, Origin, SigningKey, VerifierKey};
pub use leaf::{EMPTY_ROOT, leaf_entry, leaf_hash, node_hash};
pub use note::{NoteError, SignedNote};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use receipt::{Receipt, ReceiptError};
pub use tile::{InvalidTilePath, Tile, TilePath, encode_entry_bundle, encode_hash_tile};
pub use tree::{
    NodeRange, NodeSource, TreeError, consistency_plan, consistency_proof, frontier_at,
    inclusion_plan, inclusion_proof, root_at, root_plan,
};
