//! The case ledger.

fn main() {}
