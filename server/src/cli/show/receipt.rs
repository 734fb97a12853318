//! A receipt, its verification, and how others verify it.

use ledger_core::log::{Receipt, TreeHead, VerifierKey};

use super::text::{indented, pairs, wrapped};

/// The receipt, what was checked, and its C2SP form with the key.
pub(crate) fn receipt_text(receipt: &Receipt, keys: &[VerifierKey], head: &TreeHead) -> String {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    [
        pairs(&[
            ("position", receipt.position.to_string()),
            ("leaf entry", receipt.leaf_entry.to_string()),
            (
                "proof",
                format!("{} hashes up to the root", receipt.inclusion_proof.len()),
            ),
            ("verified", "the head is signed by the ledger's key, and the leaf is in its tree".into()),
            ("against", format!("{} events with root {}", head.size, head.root)),
        ]),
        String::new(),
        "  The same as text, for other tools (C2SP tlog-proof):".to_owned(),
        String::new(),
        indented(&indented(&receipt.to_tlog_proof())),
        String::new(),
        "  The ledger's public key (C2SP vkey):".to_owned(),
        String::new(),
        indented(&indented(&keys.join("\n"))),
        String::new(),
        wrapped(
            "The logged bytes are the leaf entry above. The Go library filippo.io/torchwood reads and verifies the \
             proof, golang.org/x/mod/sumdb/note and the Rust crate signed_note the signed head in it.",
            2,
        ),
    ]
    .join("\n")
}
