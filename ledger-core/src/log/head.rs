//! Tree heads: how many events there are, and the root that fixes every one of them.
//!
//! A head is published as a C2SP checkpoint: a [signed note](super::note) of three lines. After a rotation of the
//! signing key one head is signed by the old and the new key, so that whoever trusts the one can come to trust the other.
//!
//! When to sign is not decided here. **Invariant** (of the publisher): no head is ever signed that is inconsistent with
//! one signed before.

use std::{fmt, str::FromStr};

use super::{
    key::{Origin, SigningKey, VerifierKey},
    note::{NoteError, SignedNote},
};
use crate::ids::{Digest, Position, serde_as_text};

/// Size and root of one log, unsigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// The log.
    pub origin: Origin,
    /// Leaves in the tree: the position that the next event will have.
    pub size: u64,
    /// The Merkle tree hash of all leaves.
    pub root: Digest,
}

/// A head that could not be read, signed or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Not a signed note, or not signed as it should be.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A signed note, but its text is not a tree head.
    #[error(
        "this is not a tree head: {0}; it takes three lines: origin, size and root (C2SP tlog-checkpoint)"
    )]
    Malformed(&'static str),
    /// A head must be signed by at least one key.
    #[error("a head of {0} was to be signed without a key: give its signing key")]
    NoKey(Origin),
    /// A key of another log.
    #[error(
        "the head belongs to {origin}, but the key to {key}: a log's heads are signed and verified by its own keys alone"
    )]
    ForeignKey {
        /// The log that the head names.
        origin: Origin,
        /// The log that the key names.
        key: Origin,
    },
}

impl TreeHead {
    /// Whether the event at this position is in the tree.
    pub fn covers(&self, position: Position) -> bool {
        position.0 < self.size
    }
}

/// The text of a checkpoint (C2SP tlog-checkpoint, "Note text"), its last line break included.
impl fmt::Display for TreeHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// Reads the text of a checkpoint. Extension lines are refused: our heads have none, and nobody could audit them.
impl FromStr for TreeHead {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root), Some(""), None) = (
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
            lines.next(),
        ) else {
            return Err(HeadError::Malformed("it does not have three lines"));
        };
        Ok(Self {
            origin: origin
                .parse()
                .map_err(|_| HeadError::Malformed("its first line is not the origin of a log"))?,
            size: parse_decimal(size).ok_or(HeadError::Malformed(
                "its second line is not a size without leading zeros",
            ))?,
            root: root.parse().map_err(|_| {
                HeadError::Malformed("its third line is not a SHA-256 hash in base64")
            })?,
        })
    }
}

/// A decimal number as C2SP writes it: digits only, no leading zeros.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// A head with its signatures, in the text form that others read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    note: SignedNote,
    head: TreeHead,
}

impl SignedHead {
    /// Signs a head, with several keys while they are being rotated.
    ///
    /// Refuses to sign without a key, and with the key of another log.
    pub fn sign(head: TreeHead, keys: &[&SigningKey]) -> Result<Self, HeadError> {
        if keys.is_empty() {
            return Err(HeadError::NoKey(head.origin));
        }
        if let Some(key) = keys
            .iter()
            .find(|key| *key.verifier().origin() != head.origin)
        {
            return Err(HeadError::ForeignKey {
                key: key.verifier().origin().clone(),
                origin: head.origin,
            });
        }
        Ok(Self {
            note: SignedNote::sign(head.to_string(), keys),
            head,
        })
    }

    /// The head, if at least one of the given keys of its log signed it and none of them is misused.
    ///
    /// Signatures by keys not given are ignored.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<TreeHead, HeadError> {
        let signers = self.note.verify(keys)?;
        if signers.iter().any(|key| *key.origin() == self.head.origin) {
            return Ok(self.head.clone());
        }
        let key = signers.first().ok_or(NoteError::UnknownSigners)?;
        Err(HeadError::ForeignKey {
            origin: self.head.origin.clone(),
            key: key.origin().clone(),
        })
    }

    /// What the head says, unverified. For heads that this process signed, and for messages about those that fail.
    pub fn claimed(&self) -> &TreeHead {
        &self.head
    }
}

/// The signed note, as served at `/checkpoint`.
impl fmt::Display for SignedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl FromStr for SignedHead {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let note: SignedNote = text.parse()?;
        let head = note.text().parse()?;
        Ok(Self { note, head })
    }
}

serde_as_text!(SignedHead);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::leaf::EMPTY_ROOT;

    /// The example of the C2SP tlog-checkpoint document.
    const SOFA: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

    fn key(origin: &str, seed: u8) -> SigningKey {
        SigningKey::from_seed(origin.parse().unwrap(), &[seed; 32])
    }

    fn head(origin: &str) -> TreeHead {
        TreeHead {
            origin: origin.parse().unwrap(),
            size: 3,
            root: EMPTY_ROOT,
        }
    }

    #[test]
    fn the_documents_example_reads_back_as_written() {
        let signed: SignedHead = SOFA.parse().unwrap();
        assert_eq!(signed.to_string(), SOFA);
        let head = signed.claimed();
        assert_eq!(head.origin.as_str(), "example.com/behind-the-sofa");
        assert_eq!(head.size, 20_852_163);
        assert!(SOFA.starts_with(&head.to_string()));
        assert!(head.covers(Position(20_852_162)));
        assert!(!head.covers(Position(20_852_163)));
        let json = serde_json::to_string(&signed).unwrap();
        assert_eq!(serde_json::from_str::<SignedHead>(&json).unwrap(), signed);
    }

    #[test]
    fn a_text_that_is_not_a_head_is_refused() {
        let root = EMPTY_ROOT;
        assert!(
            format!("log.example\n0\n{root}\n")
                .parse::<TreeHead>()
                .is_ok()
        );
        for text in [
            String::new(),
            format!("log.example\n0\n{root}"),
            format!("log.example\n0\n{root}\n\n"),
            format!("log.example\n0\n{root}\nextension\n"),
            format!("\n0\n{root}\n"),
            format!("log example\n0\n{root}\n"),
            format!("log.example\n\n{root}\n"),
            format!("log.example\n00\n{root}\n"),
            format!("log.example\n+1\n{root}\n"),
            format!("log.example\n-1\n{root}\n"),
            format!("log.example\n0x1\n{root}\n"),
            format!("log.example\n18446744073709551616\n{root}\n"),
            "log.example\n0\nAAAA\n".to_owned(),
            format!(
                "log.example\n0\n{}\n",
                root.to_string().trim_end_matches('=')
            ),
        ] {
            assert!(text.parse::<TreeHead>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_signed_head_verifies_and_an_altered_one_does_not() {
        let key = key("caseledger.example/kvam", 1);
        let keys = [key.verifier().clone()];
        let signed = SignedHead::sign(head("caseledger.example/kvam"), &[&key]).unwrap();
        assert_eq!(signed.verify(&keys).as_ref(), Ok(signed.claimed()));
        let text = signed.to_string();
        for altered in [
            text.replace("\n3\n", "\n4\n"),
            text.replacen("kvam", "voss", 1),
            text.replace("47DEQ", "47DEX"),
        ] {
            assert_ne!(altered, text);
            let altered: SignedHead = altered.parse().unwrap();
            assert!(altered.verify(&keys).is_err(), "{altered} was believed");
        }
    }

    #[test]
    fn a_rotation_is_one_head_that_verifies_with_either_key() {
        let (old, new) = (key("log.example", 1), key("log.example", 2));
        let signed = SignedHead::sign(head("log.example"), &[&old, &new]).unwrap();
        let signed: SignedHead = signed.to_string().parse().unwrap();
        let keys = [old.verifier().clone(), new.verifier().clone()];
        for known in [&keys[..1], &keys[1..], &keys[..]] {
            assert_eq!(signed.verify(known), Ok(head("log.example")));
        }
        assert_eq!(
            signed.verify(&[key("log.example", 3).verifier().clone()]),
            Err(HeadError::Note(NoteError::UnknownSigners))
        );
    }

    #[test]
    fn a_log_is_signed_for_by_its_own_keys_alone() {
        let foreign = key("other.example", 1);
        assert!(matches!(
            SignedHead::sign(head("log.example"), &[&foreign]),
            Err(HeadError::ForeignKey { .. })
        ));
        assert!(matches!(
            SignedHead::sign(head("log.example"), &[]),
            Err(HeadError::NoKey(_))
        ));
        // A known key of another log does not vouch for this one.
        let forged = SignedHead {
            note: SignedNote::sign(head("log.example").to_string(), &[&foreign]),
            head: head("log.example"),
        };
        assert!(matches!(
            forged.verify(&[foreign.verifier().clone()]),
            Err(HeadError::ForeignKey { .. })
        ));
    }
}
