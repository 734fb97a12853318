//! The log, piece by piece: first what stands before the cases, then one case after the other. A case that is too long
//! to be held at once comes in several pieces.

mod attributes;

use std::io::BufRead;

use super::{
    error::{Limit, XesError, XesProblem},
    tags::{Tag, Tags, Token},
    values::{kind_of, moment_in},
};
use crate::import::{Unused, Why};
use chrono::TimeZone;
use ledger_core::{
    clock::Timestamp,
    events::{
        LogAttributeContent, LogAttributeKind, LogClassifierContent, LogExtensionContent,
        LogGlobalContent, LogHeaderContent,
    },
};

/// How much a log may say about itself.
const HEADER_BYTES_MAX: usize = 1536 * 1024;
/// How many cases a log may have: their place is part of their id.
const CASES_MAX: u64 = u32::MAX as u64;
/// How many entries of a case are held at once, and how much they may say.
const PIECE_ENTRIES: usize = 400;
const PIECE_BYTES: usize = 512 * 1024;

/// When something happened, in a log.
const TIMESTAMP: &str = "time:timestamp";

/// The next of a log.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// What stands before the cases.
    Header(LogHeaderContent),
    /// A case, or the next of a long one.
    Case(ReadCase),
}

/// A case, or the next of a long one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ReadCase {
    /// Its place among the cases of the log, from 1.
    pub trace: u64,
    /// The line on which it begins.
    pub line: u64,
    /// Whether it goes on from the piece before.
    pub goes_on: bool,
    /// What the log says of it; of a long case, with its first piece.
    pub attributes: Vec<LogAttributeContent>,
    /// Its entries.
    pub entries: Vec<ReadEntry>,
    /// About how many bytes all of it says.
    pub bytes: usize,
}

/// An entry of a case.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadEntry {
    /// Its place among the entries of the case, from 1.
    pub entry: u64,
    /// The line on which it begins.
    pub line: u64,
    /// When it happened, if the log says so.
    pub occurred_at: Option<Timestamp>,
    /// What the log says of it.
    pub attributes: Vec<LogAttributeContent>,
}

/// Reads a log.
pub struct LogReader<R, Z> {
    tags: Tags<R>,
    zone: Z,
    latest: Timestamp,
    unused: Vec<Unused>,
    state: State,
    /// How many cases were begun.
    traces: u64,
    /// How many entries of the present case were begun.
    entries: u64,
    /// How much the present case or entry has said.
    said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Before the first case, or between two.
    Between,
    /// The tag of a case, on this line, was read already: the one that ended the header.
    AtCase(u64),
    /// Within a case that begins on this line.
    Within(u64),
    End,
}

#[derive(Default)]
struct Said {
    bytes: usize,
    attributes: usize,
}

impl<R: BufRead, Z: TimeZone> LogReader<R, Z> {
    /// Reads a log whose times without a zone are of `zone`, and nothing of which has happened after `latest`.
    pub fn new(input: R, zone: Z, latest: Timestamp) -> Self {
        Self {
            tags: Tags::new(input),
            zone,
            latest,
            unused: Vec::new(),
            state: State::Start,
            traces: 0,
            entries: 0,
            said: Said::default(),
        }
    }

    /// What could not be used since this was last asked.
    pub fn take_unused(&mut self) -> Vec<Unused> {
        std::mem::take(&mut self.unused)
    }

    /// The next of the log; nothing at its end.
    ///
    /// # Errors
    /// What makes the rest of the file unreadable, with its line.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, XesError> {
        match self.state {
            State::Start => self.header().map(|header| Some(Piece::Header(header))),
            State::Between => self.between(),
            State::AtCase(line) => self.begin_case(line).map(Some),
            State::Within(line) => self.case(ReadCase {
                trace: self.traces,
                line,
                goes_on: true,
                ..ReadCase::default()
            }),
            State::End => Ok(None),
        }
    }

    fn leave_out(&mut self, line: u64, what: String, why: Why) {
        self.unused.push(Unused { line, what, why });
    }

    fn leave_out_words(&mut self, line: u64) {
        self.leave_out(line, "text".to_owned(), Why::Text);
    }

    fn leave_out_element(&mut self, tag: &Tag, why: Why) -> Result<(), XesError> {
        self.leave_out(tag.line, tag.told(), why);
        self.tags.skip()
    }

    fn breaks_off<T>(&self) -> Result<T, XesError> {
        Err(self.tags.fault(XesProblem::BreaksOff))
    }

    fn header(&mut self) -> Result<LogHeaderContent, XesError> {
        let log = match self.tags.next()? {
            Token::Open(tag) if tag.name == "log" => tag,
            _ => return Err(self.tags.fault(XesProblem::NotALog)),
        };
        if log.forbidden {
            self.leave_out(
                log.line,
                format!("a part of {}", log.told()),
                Why::ForbiddenCharacter,
            );
        }
        let mut header = LogHeaderContent {
            declared: log.attributes,
            ..LogHeaderContent::default()
        };
        self.state = State::Between;
        loop {
            match self.tags.next()? {
                Token::Open(tag) => match tag.name.as_str() {
                    "trace" => {
                        self.report_attributes(&tag, &[]);
                        self.state = State::AtCase(tag.line);
                        return Ok(header);
                    }
                    "event" => self.leave_out_element(&tag, Why::NoCase)?,
                    "extension" => {
                        self.report_attributes(&tag, &["name", "prefix", "uri"]);
                        let parts = (tag.get("name"), tag.get("prefix"), tag.get("uri"));
                        if let (Some(name), Some(prefix), Some(uri)) = parts {
                            header.extensions.push(LogExtensionContent {
                                name: name.to_owned(),
                                prefix: prefix.to_owned(),
                                uri: uri.to_owned(),
                            });
                            self.empty()?;
                        } else {
                            self.leave_out_element(&tag, Why::Incomplete)?;
                        }
                    }
                    "classifier" => {
                        self.report_attributes(&tag, &["name", "scope", "keys"]);
                        if let (Some(name), Some(keys)) = (tag.get("name"), tag.get("keys")) {
                            header.classifiers.push(LogClassifierContent {
                                name: name.to_owned(),
                                scope: tag.get("scope").map(str::to_owned),
                                keys: keys.to_owned(),
                            });
                            self.empty()?;
                        } else {
                            self.leave_out_element(&tag, Why::Incomplete)?;
                        }
                    }
                    "global" => {
                        self.report_attributes(&tag, &["scope"]);
                        let scope = tag.get("scope").map(str::to_owned);
                        let attributes = self.attributes_until_close(1)?;
                        header.globals.push(LogGlobalContent { scope, attributes });
                    }
                    _ => {
                        let read = self.attribute(&tag, 1)?;
                        header.attributes.extend(read);
                    }
                },
                Token::Close => {
                    self.ended()?;
                    return Ok(header);
                }
                Token::Words(line) => self.leave_out_words(line),
                Token::End => return self.breaks_off(),
            }
            if self.said.bytes > HEADER_BYTES_MAX {
                let limit = Limit::HeaderBytes(HEADER_BYTES_MAX);
                return Err(self.tags.fault(XesProblem::TooLarge(limit)));
            }
            // A log may say as many things about itself as it likes.
            self.said.attributes = 0;
        }
    }

    /// The rest of an element that should have nothing in it.
    fn empty(&mut self) -> Result<(), XesError> {
        loop {
            match self.tags.next()? {
                Token::Open(tag) => self.leave_out_element(&tag, Why::UnknownElement)?,
                Token::Words(line) => self.leave_out_words(line),
                Token::Close => return Ok(()),
                Token::End => return self.breaks_off(),
            }
        }
    }

    fn between(&mut self) -> Result<Option<Piece>, XesError> {
        loop {
            match self.tags.next()? {
                Token::Open(tag) => match tag.name.as_str() {
                    "trace" => {
                        self.report_attributes(&tag, &[]);
                        return self.begin_case(tag.line).map(Some);
                    }
                    "event" => self.leave_out_element(&tag, Why::NoCase)?,
                    "extension" | "global" | "classifier" => {
                        self.leave_out_element(&tag, Why::TooLate)?;
                    }
                    name if kind_of(name).is_some() => {
                        self.leave_out_element(&tag, Why::TooLate)?;
                    }
                    _ => self.leave_out_element(&tag, Why::UnknownElement)?,
                },
                Token::Words(line) => self.leave_out_words(line),
                Token::Close => {
                    self.ended()?;
                    return Ok(None);
                }
                Token::End => return self.breaks_off(),
            }
        }
    }

    /// Nothing may follow the log.
    fn ended(&mut self) -> Result<(), XesError> {
        self.state = State::End;
        match self.tags.next()? {
            Token::End => Ok(()),
            _ => Err(self.tags.fault(XesProblem::BehindTheEnd)),
        }
    }

    fn begin_case(&mut self, line: u64) -> Result<Piece, XesError> {
        if self.traces == CASES_MAX {
            let limit = Limit::Cases(CASES_MAX);
            return Err(self.tags.fault(XesProblem::TooLarge(limit)));
        }
        self.traces += 1;
        self.entries = 0;
        let begun = ReadCase {
            trace: self.traces,
            line,
            ..ReadCase::default()
        };
        self.said = Said::default();
        match self.case(begun)? {
            Some(piece) => Ok(piece),
            None => self.breaks_off(),
        }
    }

    /// The entries of a case until it ends, or until enough of it is held.
    fn case(&mut self, mut case: ReadCase) -> Result<Option<Piece>, XesError> {
        // What the case says of itself is counted apart from what its entries say.
        let mut of_itself = std::mem::take(&mut self.said);
        loop {
            match self.tags.next()? {
                Token::Open(tag) if tag.name == "event" => {
                    self.entries += 1;
                    self.said = Said::default();
                    let entry = self.entry(&tag)?;
                    case.bytes += self.said.bytes;
                    case.entries.extend(entry);
                    if case.entries.len() >= PIECE_ENTRIES || case.bytes >= PIECE_BYTES {
                        self.said = of_itself;
                        self.state = State::Within(case.line);
                        return Ok(Some(Piece::Case(case)));
                    }
                }
                Token::Open(tag) if case.goes_on => {
                    let why = if kind_of(&tag.name).is_some() {
                        Why::TooLate
                    } else {
                        Why::UnknownElement
                    };
                    self.leave_out_element(&tag, why)?;
                }
                Token::Open(tag) => {
                    std::mem::swap(&mut self.said, &mut of_itself);
                    let before = self.said.bytes;
                    let read = self.attribute(&tag, 1)?;
                    case.bytes += self.said.bytes - before;
                    case.attributes.extend(read);
                    std::mem::swap(&mut self.said, &mut of_itself);
                }
                Token::Close => {
                    self.state = State::Between;
                    // The last piece of a long case may have nothing left.
                    if case.goes_on && case.entries.is_empty() {
                        return self.between();
                    }
                    return Ok(Some(Piece::Case(case)));
                }
                Token::Words(line) => self.leave_out_words(line),
                Token::End => return self.breaks_off(),
            }
        }
    }

    fn entry(&mut self, tag: &Tag) -> Result<Option<ReadEntry>, XesError> {
        self.report_attributes(tag, &[]);
        let attributes = self.attributes_until_close(1)?;
        let said = attributes.iter().find(|attribute| {
            attribute.kind == LogAttributeKind::Date && attribute.key == TIMESTAMP
        });
        let occurred_at = said.and_then(|said| moment_in(&said.value, &self.zone));
        if occurred_at.is_some_and(|at| at > self.latest) {
            self.leave_out(tag.line, tag.told(), Why::InTheFuture);
            return Ok(None);
        }
        if said.is_some() && occurred_at.is_none() {
            let what = format!("<date> {TIMESTAMP:?}, as the time of its entry");
            self.leave_out(tag.line, what, Why::NotOfItsType);
        }
        Ok(Some(ReadEntry {
            entry: self.entries,
            line: tag.line,
            occurred_at,
            attributes,
        }))
    }
}

#[cfg(test)]
mod tests;
