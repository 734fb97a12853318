//! Attributes of a log, of a case or of an entry, with everything below them.

use std::io::BufRead;

use chrono::TimeZone;
use ledger_core::events::{LogAttributeContent, LogAttributeKind};

use super::{
    super::{
        error::{Limit, XesError, XesProblem},
        tags::{KEY_CHARS_TOLD, Tag, Token},
        values::{has_value, is_of, kind_of},
    },
    LogReader, State,
};
use crate::import::Why;

/// How deep attributes may stand in attributes.
const DEPTH_MAX: usize = 24;
/// How much one case may say about itself, or one entry.
const ENTRY_BYTES_MAX: usize = 512 * 1024;
/// How many attributes one case or one entry may have.
const ENTRY_ATTRIBUTES_MAX: usize = 5_000;
/// What an attribute takes beside its words.
const ATTRIBUTE_BYTES: usize = 48;

impl<R: BufRead, Z: TimeZone> LogReader<R, Z> {
    /// The attributes up to the end of the element that is open.
    pub(super) fn attributes_until_close(
        &mut self,
        depth: usize,
    ) -> Result<Vec<LogAttributeContent>, XesError> {
        let mut attributes = Vec::new();
        loop {
            match self.tags.next()? {
                Token::Open(tag) => attributes.extend(self.attribute(&tag, depth)?),
                Token::Close => return Ok(attributes),
                Token::Words(line) => self.leave_out_words(line),
                Token::End => return self.breaks_off(),
            }
        }
    }

    /// One attribute with everything below it; nothing, where it cannot be used.
    pub(super) fn attribute(
        &mut self,
        tag: &Tag,
        depth: usize,
    ) -> Result<Option<LogAttributeContent>, XesError> {
        if depth > DEPTH_MAX {
            return Err(XesError {
                line: tag.line,
                problem: XesProblem::TooLarge(Limit::Depth(DEPTH_MAX)),
            });
        }
        let Some(kind) = kind_of(&tag.name) else {
            self.leave_out_element(tag, Why::UnknownElement)?;
            return Ok(None);
        };
        if tag.forbidden {
            self.leave_out_element(tag, Why::ForbiddenCharacter)?;
            return Ok(None);
        }
        let (Some(key), value) = (tag.get("key"), tag.get("value")) else {
            self.leave_out_element(tag, Why::Incomplete)?;
            return Ok(None);
        };
        if value.is_none() && has_value(kind) {
            self.leave_out_element(tag, Why::Incomplete)?;
            return Ok(None);
        }
        let value = value.filter(|_| has_value(kind)).unwrap_or_default();
        if !is_of(kind, value) {
            self.leave_out_element(tag, Why::NotOfItsType)?;
            return Ok(None);
        }
        let known: &[&str] = if has_value(kind) {
            &["key", "value"]
        } else {
            &["key"]
        };
        self.report_attributes(tag, known);
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
                    let read = self.attribute(&inner, depth + 1)?;
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
    pub(super) fn report_attributes(&mut self, tag: &Tag, known: &[&str]) {
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
