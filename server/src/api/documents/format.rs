//! What kind of file a document is, by its bytes alone: neither its name nor what the client says is believed.
//!
//! Accepted is what cannot run when it is opened by somebody's browser or office program. Markup (HTML, SVG, XML) is
//! text to a careless reader and a program to a browser, so a text may not begin like it. Office files, archives and
//! programs are not kept at all, whatever they hold. What may run within a PDF is looked for by
//! [`PdfCheck`](super::pdf::PdfCheck). That a picture is sound, and holds nothing behind its end, is not looked at.

use ledger_core::ids::Code;

/// What is accepted, for messages.
pub(super) const ACCEPTED: &str = "PDF, PNG, JPEG or plain text in UTF-8";

/// How many bytes are looked at to tell the format.
pub(super) const HEAD_BYTES: usize = 1_024;

/// A kind of file that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Pdf,
    Png,
    Jpeg,
    Text,
}

impl Format {
    /// Of a file that begins with these bytes: [`HEAD_BYTES`] of them, or all. Otherwise what it is instead, as far as
    /// that can be told.
    pub(super) fn of(head: &[u8]) -> Result<Self, &'static str> {
        let told = infer::get(head).map(|kind| kind.mime_type());
        match told {
            Some("application/pdf") => Ok(Self::Pdf),
            Some("image/png") => Ok(Self::Png),
            Some("image/jpeg") => Ok(Self::Jpeg),
            // Pages and scripts are text to a careless reader only.
            Some(text) if text.starts_with("text/") => Err(text),
            // A text may begin like a picture: "BM" is one, and the beginning of "BMX-sykkel".
            told => Self::text(head).ok_or(told.unwrap_or("of no kind that is known")),
        }
    }

    /// A text, unless it begins like markup. That all of it is text is seen while it comes in: [`TextCheck`].
    fn text(head: &[u8]) -> Option<Self> {
        let without_mark = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let begins = without_mark.trim_ascii_start().first()?;
        (*begins != b'<' && TextCheck::default().take(head)).then_some(Self::Text)
    }

    /// Whether a media type, as a client declares it, means this. Tables and marked-up notes in plain text are text.
    pub(super) fn is_called(self, declared: &str) -> bool {
        match self {
            Self::Pdf => declared == "application/pdf",
            Self::Png => declared == "image/png",
            Self::Jpeg => ["image/jpeg", "image/jpg"].contains(&declared),
            Self::Text => ["text/plain", "text/csv", "text/markdown"].contains(&declared),
        }
    }

    /// The code that stands in the event.
    pub(super) fn code(self) -> Code {
        let word = match self {
            Self::Pdf => "pdf",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Text => "text",
        };
        word.parse().expect("a word of a-z is a code")
    }
}

/// The media type of a stored format. What an older version has stored and this one does not know is only bytes.
pub(super) fn media_type(format: &Code) -> &'static str {
    match format.as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "jpeg" => "image/jpeg",
        "text" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether bytes that come in pieces are a text in UTF-8 without control characters.
#[derive(Default)]
pub(super) struct TextCheck {
    /// The beginning of a character whose end has not come yet: at most three bytes.
    begun: Vec<u8>,
}

impl TextCheck {
    /// Takes in the next bytes; false as soon as it is no text.
    pub(super) fn take(&mut self, bytes: &[u8]) -> bool {
        let mut joined = std::mem::take(&mut self.begun);
        joined.extend_from_slice(bytes);
        let text = match std::str::from_utf8(&joined) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                let (whole, begun) = joined.split_at(error.valid_up_to());
                self.begun = begun.to_vec();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(_) => return false,
        };
        !text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
    }

    /// Whether the last character came whole.
    pub(super) fn is_whole(&self) -> bool {
        self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        let unknown = "of no kind that is known";
        let cases: [(&[u8], Result<Format, &str>); 16] = [
            (b"%PDF-1.7\n", Ok(Format::Pdf)),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Ok(Format::Png)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Ok(Format::Jpeg)),
            ("Møte på måndag".as_bytes(), Ok(Format::Text)),
            (b"BMX-sykkel", Ok(Format::Text)),
            (b"  \n<html><script>", Err("text/html")),
            (b"<?xml version='1.0'?><a/>", Err("text/xml")),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", Err(unknown)),
            (b"\xef\xbb\xbf<?xml version='1.0'?>", Err("text/xml")),
            (b"\xef\xbb\xbf<svg>", Err(unknown)),
            (b"#!/bin/sh\nrm -rf /", Err("text/x-shellscript")),
            (b"PK\x03\x04\x14\0\0\0\x08\0", Err("application/zip")),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
                Err("application/x-ole-storage"),
            ),
            (
                b"MZ\x90\0\x03\0\0\0",
                Err("application/vnd.microsoft.portable-executable"),
            ),
            (b"", Err(unknown)),
            (b"   ", Err(unknown)),
        ];
        for (head, format) in cases {
            assert_eq!(
                Format::of(head),
                format,
                "{:?}",
                String::from_utf8_lossy(head)
            );
        }
        let mut program = b"\x7fELF\x02\x01\x01".to_vec();
        program.resize(64, 0);
        assert_eq!(Format::of(&program), Err("application/x-executable"));
    }

    #[test]
    fn a_text_may_be_cut_within_a_character() {
        let text = "blåbær 🫐".as_bytes();
        for cut in 0..text.len() {
            let mut check = TextCheck::default();
            assert!(
                check.take(&text[..cut]) && check.take(&text[cut..]),
                "{cut}"
            );
            assert!(check.is_whole());
        }
    }

    #[test]
    fn what_is_no_text_is_noticed() {
        // The beginning of a Word document, a control character, Latin-1.
        let others: [&[u8]; 3] = [b"PK\x03\x04\x14\0\x06\0", b"bell \x07", b"bl\xe5b\xe6r"];
        for bytes in others {
            assert!(!TextCheck::default().take(bytes), "{bytes:?}");
        }
        let mut cut = TextCheck::default();
        assert!(cut.take(b"bl\xc3"));
        assert!(!cut.is_whole());
    }
}
