//! What can be wrong with a bundle. Every finding names its file, and its line where there is one.

use std::fmt;

use ledger_core::{
    ids::{Code, Digest, DocumentId, Position, StreamId},
    log::{HeadError, InvalidKey, ProofError, ReceiptError},
    store::ReadError,
};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

use super::manifest::ManifestFault;

/// One thing that is wrong, and where.
#[derive(Debug)]
pub struct Finding {
    /// The file, by its path within the bundle.
    pub file: String,
    /// The line in it, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

/// `{"file": …, "line": …, "problem": …}`, the problem in words.
impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 3)?;
        finding.serialize_field("file", &self.file)?;
        finding.serialize_field("line", &self.line)?;
        finding.serialize_field("problem", &self.problem.to_string())?;
        finding.end()
    }
}

/// What is wrong. The words are about one file, which the finding names before them.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file that every such bundle has is not there.
    #[error("is missing")]
    Missing,
    /// A file or folder that nothing in the bundle leads to.
    #[error("belongs to nothing in the bundle; it was added afterwards")]
    Unexpected,
    /// A link, a device, a name that is no text.
    #[error("is neither a plain file nor a folder; it was added afterwards")]
    NotAFile,
    /// The operating system does not give it.
    #[error("cannot be read ({0})")]
    Unreadable(std::io::ErrorKind),
    /// Longer than such a file or line can be.
    #[error("is longer than {0} bytes, which nothing in a bundle is")]
    TooLong(u64),
    /// Its bytes are not those that a manifest lists.
    #[error("is not as {manifest} lists it; it was changed")]
    Checksum {
        /// Which manifest.
        manifest: &'static str,
    },
    /// A manifest leaves it out.
    #[error("is not listed in {manifest}")]
    Unlisted {
        /// Which manifest.
        manifest: &'static str,
    },
    /// A manifest lists what is not there, or not of its kind.
    #[error("lists {0}, which is not there or does not belong in this manifest")]
    Lists(String),
    /// A manifest is not in its form.
    #[error("the line is not one of a manifest: {0}")]
    ManifestLine(ManifestFault),
    /// Something else was expected there.
    #[error("{what} is {found}; {expected} was expected")]
    Differs {
        /// What is compared.
        what: &'static str,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// Not text, or not the text that such a file has.
    #[error("does not have the form of such a file")]
    Malformed,
    /// Not the JSON that such a file or line has.
    #[error("is not the JSON that belongs here, from column {column} on")]
    Json {
        /// Where the parser gave up, from 1; 0 = unknown.
        column: usize,
    },
    /// A public key is not one.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// A head is not signed as it should be.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The head is not signed by a key that was given.
    #[error("is not signed by any of the keys that you gave")]
    NotTrusted,
    /// Two heads of one log without a common signer.
    #[error("is signed by another key than data/proofs/head.txt")]
    OtherSigner,
    /// The head is from before the cut.
    #[error("covers {size} events, but the bundle reaches to position {cut}")]
    HeadTooOld {
        /// Size of the head.
        size: u64,
        /// The cut.
        cut: Position,
    },
    /// Salt and envelope do not give the leaf entry.
    #[error(
        "the event at position {0} is not the one that was recorded: its salt and bytes do not give its leaf entry"
    )]
    Leaf(Position),
    /// What is there for reading is not what was hashed.
    #[error(
        "what stands there for reading at position {0} differs from the bytes that were recorded"
    )]
    Reading(Position),
    /// An envelope that this program cannot read.
    #[error(transparent)]
    Event(#[from] ReadError),
    /// Positions are not in order.
    #[error("position {0} is not later than the one before, or lies behind the cut")]
    Order(Position),
    /// The time of recording runs backwards.
    #[error("the event at position {0} was recorded before the one that precedes it")]
    Time(Position),
    /// An event of another ledger, case or stream.
    #[error(
        "the event at position {position} belongs to {stream}, which has no place in this file"
    )]
    Foreign {
        /// Where it stands in the ledger.
        position: Position,
        /// Its stream.
        stream: StreamId,
    },
    /// A version is missing, or there are too many.
    #[error("{stream} goes on with version {found}; {expected} was expected")]
    Version {
        /// Which stream.
        stream: StreamId,
        /// The version that should come.
        expected: u64,
        /// The one that comes.
        found: u64,
    },
    /// A stream ends too early or too late.
    #[error("{stream} ends with version {found}; the cut is at version {expected}")]
    Incomplete {
        /// Which stream.
        stream: StreamId,
        /// The last version there is.
        found: u64,
        /// The last version there should be.
        expected: u64,
    },
    /// A content is not the one that was committed to.
    #[error("the content at position {0} is not the one that its event committed to")]
    Content(Position),
    /// An event that has no content, with one.
    #[error(
        "the event at position {0} never had a content, or it was redacted, but one stands there"
    )]
    ContentUncalledFor(Position),
    /// A content is missing that was not redacted.
    #[error("the content at position {0} is missing, and no redaction says so")]
    ContentMissing(Position),
    /// A decision rests on an event that is not there.
    #[error(
        "the decision at position {position} rests on position {cited}, which is not in the bundle"
    )]
    CitationMissing {
        /// The event.
        position: Position,
        /// What it cites.
        cited: Position,
    },
    /// An event is there that no decision rests on.
    #[error("the event at position {0} is there, but nothing rests on it")]
    Uncited(Position),
    /// A decision rests on a rule book that is not there.
    #[error(
        "the decision at position {position} follows the rule book with digest {digest}, which is not in the bundle"
    )]
    RuleBookMissing {
        /// The event.
        position: Position,
        /// The rule book's digest.
        digest: Digest,
    },
    /// The text of a rule book is not the one that was adopted.
    #[error("is not the text that was adopted at position {0}")]
    RuleBook(Position),
    /// A document that no event added, or that was redacted.
    #[error("no event of the bundle added document {0}, or it was redacted or named before")]
    DocumentUncalledFor(DocumentId),
    /// A document is missing that was not redacted.
    #[error(
        "document {document}, added at position {position}, is missing, and no redaction says so"
    )]
    DocumentMissing {
        /// Which document.
        document: DocumentId,
        /// The event that added it.
        position: Position,
    },
    /// What is said of a document is not what its event says.
    #[error("what is said of document {0} differs from the event that added it")]
    Document(DocumentId),
    /// A body is not the one that was committed to.
    #[error(
        "is not the document that was filed: its bytes do not give the commitment of position {0}"
    )]
    Body(Position),
    /// An event without a proof.
    #[error("there is no inclusion proof for position {0}")]
    ProofMissing(Position),
    /// A proof without an event.
    #[error(
        "the proof is for position {0}, at which no event of the bundle stands, or a second one"
    )]
    ProofUncalledFor(Position),
    /// A proof for another leaf.
    #[error("the proof for position {0} is for another leaf entry")]
    ProofForOther(Position),
    /// A proof that does not lead to the root.
    #[error("position {position}: {source}")]
    Proof {
        /// Which position.
        position: Position,
        /// Why.
        source: ProofError,
    },
    /// A receipt that proves nothing.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The event beside the payload is another.
    #[error("the event is of type {0}; package_built was expected")]
    NotPackageBuilt(Code),
    /// The receipt beside the payload is for another event, or its two forms differ.
    #[error("the receipt is not the one of the event package_built")]
    OtherReceipt,
    /// The ledger committed to another payload.
    #[error(
        "the ledger committed to the manifest with SHA-256 {committed}, this one has {found}: the payload is not the one that was exported"
    )]
    Commitment {
        /// What the event says.
        committed: Digest,
        /// What is there.
        found: Digest,
    },
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Something is wrong with a file as a whole.
    pub(super) fn file(&mut self, file: impl Into<String>, problem: impl Into<Problem>) {
        self.add(file.into(), None, problem.into());
    }

    /// Something is wrong with a line.
    pub(super) fn line(&mut self, file: &str, line: u64, problem: impl Into<Problem>) {
        self.add(file.to_owned(), Some(line), problem.into());
    }

    fn add(&mut self, file: String, line: Option<u64>, problem: Problem) {
        self.0.push(Finding {
            file,
            line,
            problem,
        });
    }

    /// A comparison that must hold.
    pub(super) fn compare<T: PartialEq + fmt::Display>(
        &mut self,
        file: &str,
        what: &'static str,
        found: &T,
        expected: &T,
    ) {
        if found != expected {
            let problem = Problem::Differs {
                what,
                found: found.to_string(),
                expected: expected.to_string(),
            };
            self.file(file, problem);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_inner(self) -> Vec<Finding> {
        self.0
    }
}
