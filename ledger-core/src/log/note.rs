//! Signed notes: a text and the signatures of one or more keys (C2SP signed-note).
//!
//! The format only. What the text of a tree head says is in [`head`](super::head).

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::key::{Origin, SigningKey, VerifierKey};

/// Longest note that is read. Room for more than the 16 post-quantum signatures of 5 kB that every verifier must accept.
pub const NOTE_BYTES_MAX: usize = 128 * 1024;

/// Every signature line begins with an em dash and a space.
const SIGNATURE_PREFIX: &str = "— ";

/// A text with signatures. Nothing in it may be believed before [`verify`](Self::verify) has found a known signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: Origin,
    key_id: u32,
    bytes: Vec<u8>,
}

/// A note that could not be read, or is not signed as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than is read.
    #[error("the signed note has {0} bytes, at most {NOTE_BYTES_MAX} are read")]
    TooLong(usize),
    /// Not a signed note.
    #[error(
        "this is not a signed note: {0}; it must be given complete and unaltered, line breaks included"
    )]
    Malformed(&'static str),
    /// A known key is named, but did not sign this text.
    #[error(
        "the signature of {name} (key {key_id:08x}) does not fit the text: the note was altered, or forged"
    )]
    BadSignature {
        /// Name of the key.
        name: Origin,
        /// Id of the key.
        key_id: u32,
    },
    /// No known key is among the signers.
    #[error(
        "none of the note's signatures is by a known key: give the verifier key of the log that it should come from"
    )]
    UnknownSigners,
}

impl SignedNote {
    /// Signs a text with each of the keys.
    ///
    /// The text must end in a line break and hold no other control characters: what this crate signs always does.
    pub(super) fn sign(text: String, keys: &[&SigningKey]) -> Self {
        debug_assert_eq!(check_text(&text), Ok(()));
        let sign = |key: &&SigningKey| Signature {
            name: key.verifier().origin().clone(),
            key_id: key.verifier().id(),
            bytes: key.sign(text.as_bytes()),
        };
        let signatures = keys.iter().map(sign).collect();
        Self { text, signatures }
    }

    /// The signed text, its last line break included. Not to be believed before [`verify`](Self::verify).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The keys among those given that signed the text; at least one.
    ///
    /// Signatures by other keys are ignored, as the specification demands: witnesses and keys to come may sign too.
    /// A signature that names a given key and does not verify condemns the note.
    pub fn verify<'a>(&self, keys: &'a [VerifierKey]) -> Result<Vec<&'a VerifierKey>, NoteError> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            let named = |key: &&VerifierKey| {
                *key.origin() == signature.name && key.id() == signature.key_id
            };
            let mut known = keys.iter().filter(named).peekable();
            if known.peek().is_none() {
                continue;
            }
            let signer = known
                .find(|key| key.verifies(self.text.as_bytes(), &signature.bytes))
                .ok_or_else(|| NoteError::BadSignature {
                    name: signature.name.clone(),
                    key_id: signature.key_id,
                })?;
            signers.push(signer);
        }
        if signers.is_empty() {
            return Err(NoteError::UnknownSigners);
        }
        Ok(signers)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            let mut bytes = signature.key_id.to_be_bytes().to_vec();
            bytes.extend_from_slice(&signature.bytes);
            let encoded = STANDARD.encode(bytes);
            writeln!(f, "{SIGNATURE_PREFIX}{} {encoded}", signature.name)?;
        }
        Ok(())
    }
}

impl FromStr for SignedNote {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong(note.len()));
        }
        let (text, signatures) = note
            .rfind("\n\n")
            .map(|end| (&note[..=end], &note[end + 2..]))
            .ok_or(NoteError::Malformed(
                "it has no empty line between text and signatures",
            ))?;
        check_text(text)?;
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Malformed(
            "its last line does not end in a line break",
        ))?;
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures
                .split('\n')
                .map(Signature::from_line)
                .collect::<Result<_, _>>()?,
        })
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Malformed(
            "its text does not end in a line break",
        ));
    }
    if text.contains(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Malformed("its text holds a control character"));
    }
    Ok(())
}

impl Signature {
    fn from_line(line: &str) -> Result<Self, NoteError> {
        let malformed = || {
            NoteError::Malformed(
                "a signature line does not have the form '— <name> <base64 of key id and signature>'",
            )
        };
        let (name, encoded) = line
            .strip_prefix(SIGNATURE_PREFIX)
            .and_then(|line| line.split_once(' '))
            .ok_or_else(malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed())?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>().ok_or_else(malformed)?;
        if bytes.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            name: name.parse().map_err(|_| malformed())?,
            key_id: u32::from_be_bytes(*key_id),
            bytes: bytes.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the C2SP signed-note document. Its text has an empty line of its own.
    const SALVATORE: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

    /// The example of Go's `note` package, from which the document arose: text, signature and keys.
    const NEUMANN_TEXT: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const NEUMANN_SIGNATURE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const NEUMANN_VERIFIER: &str =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NEUMANN_SEED: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    fn neumann() -> String {
        format!("{NEUMANN_TEXT}\n{NEUMANN_SIGNATURE}")
    }

    fn key(name: &str, seed: u8) -> SigningKey {
        SigningKey::from_seed(name.parse().unwrap(), &[seed; 32])
    }

    #[test]
    fn the_documents_example_reads_back_as_written() {
        let note: SignedNote = SALVATORE.parse().unwrap();
        assert!(note.text().ends_with("\n\ned è subito sera.\n"));
        assert_eq!(note.signatures.len(), 1);
        assert_eq!(note.signatures[0].key_id, 0x367b_a04b);
        assert_eq!(note.signatures[0].bytes.len(), 64);
        assert_eq!(note.to_string(), SALVATORE);
        let stranger = [key("quasimodo.example/salvatore", 1).verifier().clone()];
        assert_eq!(note.verify(&stranger), Err(NoteError::UnknownSigners));
    }

    #[test]
    fn a_published_signature_verifies_and_is_made_again_from_its_seed() {
        let keys: [VerifierKey; 1] = [NEUMANN_VERIFIER.parse().unwrap()];
        let note: SignedNote = neumann().parse().unwrap();
        assert_eq!(note.verify(&keys), Ok(vec![&keys[0]]));

        let seed = STANDARD.decode(NEUMANN_SEED).unwrap()[1..]
            .try_into()
            .unwrap();
        let key = SigningKey::from_seed("PeterNeumann".parse().unwrap(), &seed);
        assert_eq!(*key.verifier(), keys[0]);
        let signed = SignedNote::sign(NEUMANN_TEXT.to_owned(), &[&key]);
        assert_eq!(signed.to_string(), neumann());
    }

    #[test]
    fn signatures_by_unknown_keys_are_ignored_but_one_must_be_known() {
        let (ours, other) = (key("log.example", 1), key("witness.example", 2));
        let note = SignedNote::sign("text\n".to_owned(), &[&other, &ours]);
        let keys = [ours.verifier().clone()];
        assert_eq!(note.verify(&keys), Ok(vec![&keys[0]]));
        // The same name with another key, and the same key under another name, are unknown.
        for stranger in [key("log.example", 2), key("log2.example", 1)] {
            let strangers = [stranger.verifier().clone()];
            assert_eq!(note.verify(&strangers), Err(NoteError::UnknownSigners));
        }
        assert_eq!(note.verify(&[]), Err(NoteError::UnknownSigners));
        // So is a line that shares only its name or only its id with a known key: it is ignored, not condemned.
        let mut renamed = SignedNote::sign("text\n".to_owned(), &[&ours]);
        renamed.signatures[0].name = "log2.example".parse().unwrap();
        assert_eq!(renamed.verify(&keys), Err(NoteError::UnknownSigners));
        let mut other_id = SignedNote::sign("text\n".to_owned(), &[&ours]);
        other_id.signatures[0].key_id ^= 1;
        assert_eq!(other_id.verify(&keys), Err(NoteError::UnknownSigners));
    }

    #[test]
    fn one_bad_signature_by_a_known_key_condemns_the_note() {
        let (old, new) = (key("log.example", 1), key("log.example", 2));
        let keys = [old.verifier().clone(), new.verifier().clone()];
        let mut note = SignedNote::sign("text\n".to_owned(), &[&old, &new]);
        assert_eq!(note.verify(&keys), Ok(vec![&keys[0], &keys[1]]));
        note.signatures[1].bytes[10] ^= 1;
        assert!(matches!(
            note.verify(&keys),
            Err(NoteError::BadSignature { key_id, .. }) if key_id == keys[1].id()
        ));
        // Who does not know the new key yet is not affected by it.
        assert_eq!(note.verify(&keys[..1]), Ok(vec![&keys[0]]));
    }

    #[test]
    fn sixteen_signatures_of_five_kilobytes_are_read() {
        let line = format!("— witness.example {}\n", STANDARD.encode([7; 5_000]));
        let note = format!("{NEUMANN_TEXT}\n{NEUMANN_SIGNATURE}{}", line.repeat(15));
        let keys: [VerifierKey; 1] = [NEUMANN_VERIFIER.parse().unwrap()];
        let note: SignedNote = note.parse().unwrap();
        assert_eq!(note.verify(&keys).unwrap().len(), 1);
    }

    #[test]
    fn what_is_not_a_signed_note_is_refused() {
        let line = NEUMANN_SIGNATURE.trim_end();
        for note in [
            String::new(),
            NEUMANN_TEXT.to_owned(),
            format!("{NEUMANN_TEXT}\n"),
            format!("{NEUMANN_TEXT}\n{line}"),
            format!("{NEUMANN_TEXT}{NEUMANN_SIGNATURE}"),
            format!("{NEUMANN_TEXT}\n{NEUMANN_SIGNATURE}\n"),
            format!("{NEUMANN_TEXT}\n{}\n", line.replace('—', "-")),
            format!("{NEUMANN_TEXT}\n{}\n", line.replace("Peter", "Peter+")),
            format!("{NEUMANN_TEXT}\n{}\n", line.trim_end_matches('=')),
            format!("{NEUMANN_TEXT}\n— PeterNeumann \n"),
            format!("{NEUMANN_TEXT}\n— PeterNeumann x08gow==\n"),
            format!("tab\there\n\n{NEUMANN_SIGNATURE}"),
            format!("carriage return\r\n\n{NEUMANN_SIGNATURE}"),
            "x".repeat(NOTE_BYTES_MAX + 1),
        ] {
            assert!(note.parse::<SignedNote>().is_err(), "{note:?} was accepted");
        }
    }
}
