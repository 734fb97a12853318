//! What the log is held against: the plainest implementation of the RFC, and other people's.

mod interop;
pub(in crate::log) mod reference;
