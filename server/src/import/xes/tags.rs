//! The tags of an XML file, one after the other, with their lines; what makes the rest of the file unreadable ends them.

use std::io::BufRead;

use quick_xml::{Reader, XmlVersion, events::Event};

use super::{
    error::{Limit, XesError, XesProblem},
    input::{Input, TAG_BYTES_MAX},
    values::is_xml,
};

/// How many XML attributes one tag may have.
const TAG_ATTRIBUTES_MAX: usize = 32;
/// The longest key that is told, in characters.
pub(super) const KEY_CHARS_TOLD: usize = 60;

/// A tag, its names without prefixes.
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) line: u64,
    pub(super) attributes: Vec<(String, String)>,
    /// Whether one of them was left out, because it holds a character that XML does not allow.
    pub(super) forbidden: bool,
}

impl Tag {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// What it is, without any value.
    pub(super) fn told(&self) -> String {
        match self.get("key") {
            Some(key) => {
                let key: String = key.chars().take(KEY_CHARS_TOLD).collect();
                format!("<{}> {key:?}", self.name)
            }
            None => format!("<{}>", self.name),
        }
    }
}

/// What stands in the file, leaving out comments and white space.
pub(super) enum Token {
    /// An element begins.
    Open(Tag),
    /// The one that began last, of those that have not ended, ends.
    Close,
    /// Words between two tags.
    Words(u64),
    /// The end of the file.
    End,
}

/// The tags of an XML file, one after the other.
pub(super) struct Tags<R> {
    reader: Reader<Input<R>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<R: BufRead> Tags<R> {
    pub(super) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(Input::new(input));
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
        }
    }

    /// A problem, on the line that was come to.
    pub(super) fn fault(&self, problem: XesProblem) -> XesError {
        XesError {
            line: self.reader.get_ref().line(),
            problem,
        }
    }

    /// The next tag, or what else there is.
    pub(super) fn next(&mut self) -> Result<Token, XesError> {
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
    pub(super) fn skip(&mut self) -> Result<(), XesError> {
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
