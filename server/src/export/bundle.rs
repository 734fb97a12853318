//! The ledger bundle: one case as a BagIt 1.0 bag (RFC 8493) that anyone can check with it alone.
//!
//! It holds the case's events as they were written, their contents opened, the documents, every event and rule book
//! that a decision rested on, and the proofs that all of it stands in the ledger. There is no key in it but public ones:
//! a commitment and its salt are enough to check a content. So it still verifies after the case was erased here.
//!
//! A bag's manifests prove nothing alone, because whoever alters a file can write them anew. What ties the bag to the
//! ledger is the event `package_built`: it commits to `manifest-sha256.txt`, and its receipt stands beside the payload.
//!
//! [`write()`] makes a bundle, [`verify`] checks one without database, configuration or network.

mod bag;
mod error;
mod finding;
mod layout;
mod lines;
mod manifest;
mod readme;
mod verify;
mod write;

pub use self::{
    error::BundleError,
    finding::{Finding, Problem},
    manifest::ManifestFault,
    verify::{BundleVerification, Trust, verify, verify_with},
    write::{BundleReport, write},
};
