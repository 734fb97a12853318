//! Receipts: the proof that one event is in the ledger, for somebody to take home and check without us.
//!
//! A receipt reveals nothing of the event. With the envelope and its salt beside it, whoever holds it can also check
//! that this very envelope is the one: [`leaf_entry`](super::leaf_entry) of the two is the receipt's leaf entry.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::{
    head::{HeadError, SignedHead, TreeHead, parse_decimal},
    key::VerifierKey,
    leaf::leaf_hash,
    proof::{ProofError, verify_inclusion},
};
use crate::ids::{Digest, Position};

/// First line of the text form.
const PROOF_HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A tree whose size fits in 64 bits has no longer proof.
const PROOF_HASHES_MAX: usize = 64;

/// One event's place in the ledger, and the proof of it. As JSON, hashes and head are text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Where the event stands.
    pub position: Position,
    /// What stands there: `SHA-256(salt ‖ envelope bytes)`.
    pub leaf_entry: Digest,
    /// The siblings on the way from the leaf to the root (RFC 6962 §2.1.1).
    pub inclusion_proof: Vec<Digest>,
    /// A published head that covers the position.
    pub signed_head: SignedHead,
}

/// A receipt that could not be read, or does not prove what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The head could not be read or believed.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The leaf is not what the head commits to.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Not the text form of a proof.
    #[error(
        "this is not a proof in the form 'c2sp.org/tlog-proof@v1': {0}; it must be given complete and unaltered"
    )]
    Malformed(&'static str),
}

impl Receipt {
    /// Checks the head's signature and the way from the leaf to its root. Gives the head that vouches for the event.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<TreeHead, ReceiptError> {
        let head = self.signed_head.verify(keys)?;
        verify_inclusion(
            leaf_hash(self.leaf_entry),
            self.position,
            head.size,
            &self.inclusion_proof,
            head.root,
        )?;
        Ok(head)
    }

    /// The text form that other tools verify (C2SP tlog-proof), customarily in a file `….tlog-proof`.
    ///
    /// It does not contain the leaf entry: those 32 bytes are the logged data that a tool asks for beside the proof.
    pub fn to_tlog_proof(&self) -> String {
        let mut lines = vec![PROOF_HEADER.to_owned(), format!("index {}", self.position)];
        lines.extend(self.inclusion_proof.iter().map(Digest::to_string));
        lines.push(String::new());
        lines.push(self.signed_head.to_string());
        lines.join("\n")
    }

    /// Reads the text form of the proof for a leaf entry.
    ///
    /// Extra data is allowed and left out: nothing authenticates it.
    pub fn from_tlog_proof(text: &str, leaf_entry: Digest) -> Result<Self, ReceiptError> {
        let (proof, head) = text.split_once("\n\n").ok_or(ReceiptError::Malformed(
            "it has no empty line between proof and tree head",
        ))?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(PROOF_HEADER) {
            return Err(ReceiptError::Malformed("its first line is another"));
        }
        if let Some(extra) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            STANDARD
                .decode(extra)
                .map_err(|_| ReceiptError::Malformed("its extra data is not base64"))?;
            lines.next();
        }
        let position = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .map(Position)
            .ok_or(ReceiptError::Malformed(
                "it has no line 'index' with a number without leading zeros",
            ))?;
        let inclusion_proof = lines
            .take(PROOF_HASHES_MAX + 1)
            .map(str::parse)
            .collect::<Result<Vec<Digest>, _>>()
            .map_err(|_| ReceiptError::Malformed("a line is not a SHA-256 hash in base64"))?;
        if inclusion_proof.len() > PROOF_HASHES_MAX {
            return Err(ReceiptError::Malformed("it has more than 64 hashes"));
        }
        Ok(Self {
            position,
            leaf_entry,
            inclusion_proof,
            signed_head: head.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{key::SigningKey, tests::reference::TestLog};

    fn key() -> SigningKey {
        SigningKey::from_seed("caseledger.example/kvam".parse().unwrap(), &[4; 32])
    }

    fn receipt(position: u64, size: u64) -> Receipt {
        let (log, key) = (TestLog::of(size), key());
        let head = TreeHead {
            origin: key.verifier().origin().clone(),
            size,
            root: log.frontier.root(),
        };
        Receipt {
            position: Position(position),
            leaf_entry: log.entry(position),
            inclusion_proof: log.inclusion_proof(position, size),
            signed_head: SignedHead::sign(head, &[&key]).unwrap(),
        }
    }

    fn keys() -> [VerifierKey; 1] {
        [key().verifier().clone()]
    }

    #[test]
    fn a_receipt_verifies_with_the_logs_key_and_no_other() {
        let receipt = receipt(2, 7);
        assert_eq!(receipt.verify(&keys()).unwrap().size, 7);
        let other = SigningKey::from_seed("caseledger.example/kvam".parse().unwrap(), &[5; 32]);
        assert!(receipt.verify(&[other.verifier().clone()]).is_err());
    }

    #[test]
    fn a_receipt_for_another_leaf_position_or_way_is_refused() {
        let good = receipt(2, 7);
        let mut other_leaf = good.clone();
        other_leaf.leaf_entry.0[31] ^= 1;
        let mut other_position = good.clone();
        other_position.position = Position(3);
        let mut other_way = good.clone();
        other_way.inclusion_proof.swap(0, 1);
        let mut later = good.clone();
        later.position = Position(7);
        for bad in [other_leaf, other_position, other_way, later] {
            assert!(matches!(bad.verify(&keys()), Err(ReceiptError::Proof(_))));
        }
    }

    #[test]
    fn the_json_form_reads_back_and_names_its_fields_in_camel_case() {
        let receipt = receipt(5, 7);
        let json = serde_json::to_value(&receipt).unwrap();
        let mut names: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["inclusionProof", "leafEntry", "position", "signedHead"]
        );
        assert_eq!(serde_json::from_value::<Receipt>(json).unwrap(), receipt);
    }

    #[test]
    fn the_text_form_has_the_lines_of_the_specification() {
        let receipt = receipt(2, 7);
        let text = receipt.to_tlog_proof();
        let lines: Vec<&str> = text.split('\n').collect();
        assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1", "index 2"]);
        assert_eq!(lines[2], receipt.inclusion_proof[0].to_string());
        assert_eq!(lines[5..8], ["", "caseledger.example/kvam", "7"]);
        assert!(text.ends_with(&receipt.signed_head.to_string()));
        let read = Receipt::from_tlog_proof(&text, receipt.leaf_entry);
        assert_eq!(read, Ok(receipt));
    }

    #[test]
    fn the_text_form_of_the_only_event_has_no_hashes() {
        let receipt = receipt(0, 1);
        let text = receipt.to_tlog_proof();
        assert!(
            text.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\ncaseledger.example/kvam\n1\n")
        );
        let read = Receipt::from_tlog_proof(&text, receipt.leaf_entry).unwrap();
        assert!(read.verify(&keys()).is_ok());
    }

    #[test]
    fn extra_data_from_other_tools_is_passed_over() {
        let receipt = receipt(2, 7);
        let text = receipt
            .to_tlog_proof()
            .replace("index", "extra c2FsdA==\nindex");
        let read = Receipt::from_tlog_proof(&text, receipt.leaf_entry);
        assert_eq!(read, Ok(receipt));
    }

    #[test]
    fn what_is_not_a_proof_is_refused() {
        let receipt = receipt(2, 7);
        let text = receipt.to_tlog_proof();
        let hash = format!("{}\n", receipt.leaf_entry);
        for bad in [
            String::new(),
            text.replace("@v1", "@v2"),
            text.replace("index 2", "index 02"),
            text.replace("index 2", "index +2"),
            text.replace("index 2\n", ""),
            text.replace("index", "extra *\nindex"),
            text.replace("index 2\n", "index 2\nAAAA\n"),
            text.replace("index 2\n", &format!("index 2\n{}", hash.repeat(62))),
            text.replacen("\n\n", "\n", 2),
            text.trim_end().to_owned(),
        ] {
            let read = Receipt::from_tlog_proof(&bad, receipt.leaf_entry);
            assert!(read.is_err(), "{bad:?} was accepted");
        }
    }
}
