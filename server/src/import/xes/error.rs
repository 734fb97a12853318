//! Why a log cannot be read at all.

use std::io;

/// Why a log cannot be read, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct XesError {
    /// The line on which it was noticed, from 1.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub problem: XesProblem,
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum XesProblem {
    /// Not XML.
    #[error("this is not XML that can be read ({0}); check that the file is whole")]
    NotXml(#[source] Box<quick_xml::Error>),
    /// Not XES.
    #[error("the file holds no XES log: its first element is not <log>")]
    NotALog,
    /// It breaks off.
    #[error("the file ends in the middle; get the whole of it")]
    BreaksOff,
    /// Something follows the log.
    #[error("something stands behind the end of the log; one file holds one log")]
    BehindTheEnd,
    /// It declares a document type.
    #[error(
        "a document type declaration is not accepted, because it can make entities that grow without bounds; take it out, XES needs none"
    )]
    DocumentType,
    /// It is in another encoding.
    #[error("the file is in another encoding than UTF-8; convert it first, for example with iconv")]
    Encoding,
    /// It is larger, in some way, than is accepted.
    #[error("{0}")]
    TooLarge(Limit),
    /// It cannot be read from where it lies.
    #[error("the file cannot be read: {0}")]
    Io(#[source] io::Error),
}

/// What is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Limit {
    /// How long one tag, or one text between two, may be.
    #[error("one tag, or one text between two, has more than {0} bytes")]
    TagBytes(usize),
    /// How deep attributes may stand in attributes.
    #[error("attributes stand in attributes more than {0} deep")]
    Depth(usize),
    /// How many XML attributes one tag may have.
    #[error("one tag has more than {0} attributes")]
    TagAttributes(usize),
    /// How much one case may say about itself, or one entry.
    #[error("one case or one entry says more than {0} bytes about itself")]
    EntryBytes(usize),
    /// How many attributes one case or one entry may have.
    #[error("one case or one entry has more than {0} attributes")]
    EntryAttributes(usize),
    /// How much a log may say about itself.
    #[error("the log says more than {0} bytes about itself, before its first case")]
    HeaderBytes(usize),
    /// How many cases a log may have.
    #[error("the log has more than {0} cases")]
    Cases(u64),
}
