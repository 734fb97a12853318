//! The log, piece by piece: first what stands before the cases, then one case after the other. A case that is too long
//! to be held at once comes in several pieces.

use std::io::BufRead;

use chrono::TimeZone;
use ledger_core::{
    clock::Timestamp,
    events::{
        LogAttributeContent, LogAttributeKind, LogClassifierContent, LogExtensionContent,
        LogGlobalContent, LogHeaderContent,
    },
};
use quick_xml::{Reader, XmlVersion, events::Event};

use super::{
    error::{Limit, XesError, XesProblem},
    input::{Input, TAG_BYTES_MAX},
    values::{has_value, is_of, is_xml, kind_of, moment_in},
};
use crate::import::{Unused, Why};

/// How deep attributes may stand in attributes.
const DEPTH_MAX: usize = 24;
/// How many XML attributes one tag may have.
const TAG_ATTRIBUTES_MAX: usize = 32;
/// How much one case may say about itself, or one entry.
const ENTRY_BYTES_MAX: usize = 512 * 1024;
/// How many attributes one case or one entry may have.
const ENTRY_ATTRIBUTES_MAX: usize = 5_000;
/// How much a log may say about itself.
const HEADER_BYTES_MAX: usize = 1536 * 1024;
/// How many cases a log may have: their place is part of their id.
const CASES_MAX: u64 = u32::MAX as u64;
/// How many entries of a case are held at once, and how much they may say.
const PIECE_ENTRIES: usize = 400;
const PIECE_BYTES: usize = 512 * 1024;
/// What an attribute takes beside its words.
const ATTRIBUTE_BYTES: usize = 48;

/// When something happened, in a log.
const TIMESTAMP: &str = "time:timestamp";
/// The longest key that is told, in characters.
const KEY_CHARS_TOLD: usize = 60;

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

/// A tag, its names without prefixes.
struct Tag {
    name: String,
    line: u64,
    attributes: Vec<(String, String)>,
    /// Whether one of them was left out, because it holds a character that XML does not allow.
    forbidden: bool,
}

impl Tag {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// What it is, without any value.
    fn told(&self) -> String {
        match self.get("key") {
            Some(key) => {
                let key: String = key.chars().take(KEY_CHARS_TOLD).collect();
                format!("<{}> {key:?}", self.name)
            }
            None => format!("<{}>", self.name),
        }
    }
}

enum Token {
    Open(Tag),
    Close,
    /// Words between two tags.
    Words(u64),
    End,
}

/// The tags of an XML file, one after the other.
struct Tags<R> {
    reader: Reader<Input<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: BufRead> Tags<R> {
    fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    fn fault(&self, problem: XesProblem) -> XesError {
        XesError {
            line: self.line(),
            problem,
        }
    }

    fn next(&mut self) -> Result<Token, XesError> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().next_tag();
            let line = self.reader.get_ref().line();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => {
                    let problem = problem_of(error, self.reader.get_ref().exceeded);
                    return Err(XesError { line, problem });
                }
            };
            let fault = |problem| Err(XesError { line, problem });
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    self.depth += 1;
                    let mut tag = Tag {
                        name: start.local_name().into_inner().to_owned(),
                        line,
                        attributes: Vec::new(),
                        forbidden: false,
                    };
                    for attribute in start.attributes() {
                        if tag.attributes.len() == TAG_ATTRIBUTES_MAX {
                            let limit = Limit::TagAttributes(TAG_ATTRIBUTES_MAX);
                            return fault(XesProblem::TooLarge(limit));
                        }
                        let read = attribute.map_err(quick_xml::Error::from).and_then(|read| {
                            let value = read.normalized_value(XmlVersion::Explicit1_0)?;
                            Ok((read.key.as_ref().to_owned(), value.into_owned()))
                        });
                        match read {
                            Ok(read) => {
                                if is_xml(&read.1) {
                                    tag.attributes.push(read);
                                } else {
                                    tag.forbidden = true;
                                }
                            }
                            Err(error) => return fault(XesProblem::NotXml(Box::new(error))),
                        }
                    }
                    return Ok(Token::Open(tag));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Token::Close);
                }
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(text) => {
                    let words = text.trim_start().len();
                    let before = text[..text.len() - words].matches('\n').count();
                    return Ok(Token::Words(line + before as u64));
                }
                Event::CData(_) | Event::GeneralRef(_) => return Ok(Token::Words(line)),
                Event::DocType(_) => return fault(XesProblem::DocumentType),
                Event::Decl(declared) => {
                    let encoding = declared.encoding().and_then(Result::ok);
                    let known = encoding.is_none_or(|encoding| {
                        ["utf-8", "utf8", "us-ascii"]
                            .iter()
                            .any(|known| encoding.eq_ignore_ascii_case(known))
                    });
                    if !known {
                        return fault(XesProblem::Encoding);
                    }
                }
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => return Ok(Token::End),
            }
        }
    }

    /// Leaves out everything up to the end of the element whose tag was just read.
    fn skip(&mut self) -> Result<(), XesError> {
        let outside = self.depth - 1;
        while self.depth > outside {
            if let Token::End = self.next()? {
                return Err(self.fault(XesProblem::BreaksOff));
            }
        }
        Ok(())
    }
}

fn problem_of(error: quick_xml::Error, exceeded: bool) -> XesProblem {
    match error {
        _ if exceeded => XesProblem::TooLarge(Limit::TagBytes(TAG_BYTES_MAX)),
        quick_xml::Error::Io(error) => {
            XesProblem::Io(std::io::Error::new(error.kind(), error.to_string()))
        }
        quick_xml::Error::Encoding(_) => XesProblem::Encoding,
        error => XesProblem::NotXml(Box::new(error)),
    }
}

impl<R: BufRead, Z: TimeZone> LogReader<R, Z> {
    /// Reads a log whose times without a zone are of `zone`, and nothing of which has happened after `latest`.
    pub fn new(input: R, zone: Z, latest: Timestamp) -> Self {
        let mut reader = Reader::from_reader(Input::new(input));
        reader.config_mut().expand_empty_elements = true;
        Self {
            tags: Tags {
                reader,
                buffer: Vec::new(),
                depth: 0,
            },
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
            Token::Open(tag) if local(&tag.name) == "log" => tag,
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
                        let read = self.attribute(tag, 1)?;
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
                    let read = self.attribute(tag, 1)?;
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

    fn attributes_until_close(
        &mut self,
        depth: usize,
    ) -> Result<Vec<LogAttributeContent>, XesError> {
        let mut attributes = Vec::new();
        loop {
            match self.tags.next()? {
                Token::Open(tag) => attributes.extend(self.attribute(tag, depth)?),
                Token::Close => return Ok(attributes),
                Token::Words(line) => self.leave_out_words(line),
                Token::End => return self.breaks_off(),
            }
        }
    }

    /// One attribute with everything below it; nothing, where it cannot be used.
    fn attribute(
        &mut self,
        tag: Tag,
        depth: usize,
    ) -> Result<Option<LogAttributeContent>, XesError> {
        if depth > DEPTH_MAX {
            return Err(XesError {
                line: tag.line,
                problem: XesProblem::TooLarge(Limit::Depth(DEPTH_MAX)),
            });
        }
        let Some(kind) = kind_of(&tag.name) else {
            self.leave_out_element(&tag, Why::UnknownElement)?;
            return Ok(None);
        };
        if tag.forbidden {
            self.leave_out_element(&tag, Why::ForbiddenCharacter)?;
            return Ok(None);
        }
        let (Some(key), value) = (tag.get("key"), tag.get("value")) else {
            self.leave_out_element(&tag, Why::Incomplete)?;
            return Ok(None);
        };
        if value.is_none() && has_value(kind) {
            self.leave_out_element(&tag, Why::Incomplete)?;
            return Ok(None);
        }
        let value = value.filter(|_| has_value(kind)).unwrap_or_default();
        if !is_of(kind, value) {
            self.leave_out_element(&tag, Why::NotOfItsType)?;
            return Ok(None);
        }
        let known: &[&str] = if has_value(kind) {
            &["key", "value"]
        } else {
            &["key"]
        };
        self.report_attributes(&tag, known);
        let mut attribute = LogAttributeContent {
            kind,
            key: key.to_owned(),
            value: value.to_owned(),
            attributes: Vec::new(),
            values: None,
        };
        self.count(&attribute, tag.line)?;
        loop {
            match self.tags.next()? {
                Token::Open(inner) if kind == LogAttributeKind::List && inner.name == "values" => {
                    self.report_attributes(&inner, &[]);
                    let values = self.attributes_until_close(depth + 1)?;
                    attribute.values.get_or_insert_default().extend(values);
                }
                Token::Open(inner) => {
                    let read = self.attribute(inner, depth + 1)?;
                    attribute.attributes.extend(read);
                }
                Token::Close => return Ok(Some(attribute)),
                Token::Words(line) => self.leave_out_words(line),
                Token::End => return self.breaks_off(),
            }
        }
    }

    /// Bounds what one case or entry says.
    fn count(&mut self, attribute: &LogAttributeContent, line: u64) -> Result<(), XesError> {
        self.said.attributes += 1;
        self.said.bytes += attribute.key.len() + attribute.value.len() + ATTRIBUTE_BYTES;
        let limit = if self.state == State::Between && self.traces == 0 {
            // The header has a bound of its own.
            return Ok(());
        } else if self.said.attributes > ENTRY_ATTRIBUTES_MAX {
            Limit::EntryAttributes(ENTRY_ATTRIBUTES_MAX)
        } else if self.said.bytes > ENTRY_BYTES_MAX {
            Limit::EntryBytes(ENTRY_BYTES_MAX)
        } else {
            return Ok(());
        };
        let problem = XesProblem::TooLarge(limit);
        Err(XesError { line, problem })
    }

    /// Tells of what the standard does not know of an element. Names of namespaces are none of its business.
    fn report_attributes(&mut self, tag: &Tag, known: &[&str]) {
        if tag.forbidden {
            self.leave_out(
                tag.line,
                format!("a part of {}", tag.told()),
                Why::ForbiddenCharacter,
            );
        }
        for (name, _) in &tag.attributes {
            let is_namespace = name == "xmlns" || name.starts_with("xmlns:");
            if !is_namespace && !known.contains(&name.as_str()) {
                let name: String = name.chars().take(KEY_CHARS_TOLD).collect();
                let what = format!("{name} of {}", tag.told());
                self.leave_out(tag.line, what, Why::UnknownAttribute);
            }
        }
    }
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests;
