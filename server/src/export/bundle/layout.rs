//! Which file of a bundle holds what.

use ledger_core::ids::{Code, DocumentId, Position};

/// The package format, as events and `cut.json` name it.
pub(super) const FORMAT: &str = "bundle";
/// The version of the layout. A later one is read by later programs, which keep on reading this one.
pub(super) const FORMAT_VERSION: u16 = 1;

/// Everything below this folder is payload.
pub(super) const PAYLOAD: &str = "data/";

/// What this is and how to check it, in words.
pub(super) const README: &str = "data/README.txt";
/// The case's own events and its views, one a line.
pub(super) const EVENTS: &str = "data/events.jsonl";
/// Events of other streams that those cite, one a line.
pub(super) const CITED: &str = "data/cited.jsonl";
/// The documents, one a line; their bodies stand in a folder beside it.
pub(super) const DOCUMENTS: &str = "data/documents.jsonl";
/// What the bundle covers.
pub(super) const CUT: &str = "data/cut.json";
/// The signed tree head that every proof leads to.
pub(super) const HEAD: &str = "data/proofs/head.txt";
/// One inclusion proof for each event, one a line.
pub(super) const INCLUSION: &str = "data/proofs/inclusion.jsonl";
/// The public keys of the ledger, one a line.
pub(super) const KEYS: &str = "data/keys/log.vkey";

/// The payload files that every bundle has.
pub(super) const PAYLOAD_FILES: [&str; 8] =
    [README, EVENTS, CITED, DOCUMENTS, CUT, HEAD, INCLUSION, KEYS];

/// The bag declaration (RFC 8493 §2.1.1).
pub(super) const BAGIT: &str = "bagit.txt";
/// The only content that it may have.
pub(super) const BAGIT_TEXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Metadata of the bag (RFC 8493 §2.2.2).
pub(super) const BAG_INFO: &str = "bag-info.txt";
/// The event that commits to the payload, and its receipt.
pub(super) const PACKAGE_BUILT: &str = "proof/package-built.json";
/// The same receipt in the form that other tools read (C2SP tlog-proof).
pub(super) const PACKAGE_PROOF: &str = "proof/package-built.tlog-proof";

/// Where a document's body stands. The ending lets a computer open it; what counts is the format in `documents.jsonl`.
pub(super) fn document_file(document: DocumentId, format: &Code) -> String {
    let ending = match format.as_str() {
        "text" => "txt",
        "jpeg" => "jpg",
        other => other,
    };
    format!("{PAYLOAD}documents/{document}.{ending}")
}

/// Where the two texts of the rule book stand that was adopted at this position: `profile.toml` and `access.cedar`.
pub(super) fn rule_book_files(adopted: Position) -> [String; 2] {
    ["profile.toml", "access.cedar"].map(|text| format!("{PAYLOAD}rules/{adopted}/{text}"))
}
