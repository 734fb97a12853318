//! Whether a PDF names something that runs or is carried along: looked for while it comes in, without taking it apart.
//!
//! What is noticed: a name object (ISO 32000-2 §7.3.5), also when it is written with `#` escapes or cut between two
//! portions, that only stands where something active is meant. What is **not** noticed: names within compressed object
//! streams (§7.5.7), because nothing is decompressed here. Opening an action is not refused by itself
//! (`/OpenAction` mostly turns to a page); what it would have to start is one of the names below.

/// Names and what they bring with them. Short names such as `/JS` would be found by chance in compressed images; each
/// of these actions must be named in full beside them (§12.6.4).
const ACTIVE: [(&str, &str); 8] = [
    ("JavaScript", "a script"),
    ("Launch", "an action that starts a program"),
    ("SubmitForm", "an action that sends data away"),
    ("ImportData", "an action that takes data in"),
    ("Rendition", "media with actions of their own"),
    ("RichMedia", "media with actions of their own"),
    ("XFA", "a form with scripts of its own"),
    ("EmbeddedFile", "another file within it"),
];
/// The longest name that is looked at, decoded.
const NAME_BYTES_MAX: usize = 16;

/// Looks through a PDF that comes in portions.
#[derive(Default)]
pub(super) struct PdfCheck {
    name: Option<Name>,
}

/// A name that has begun.
#[derive(Default)]
struct Name {
    decoded: Vec<u8>,
    escape: Escape,
}

/// How far an escape, `#` and two hexadecimal digits, has come.
#[derive(Default, Clone, Copy)]
enum Escape {
    #[default]
    None,
    Begun,
    FirstDigit(u8),
}

impl PdfCheck {
    /// Takes in the next bytes; says what is active in them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<&'static str> {
        for byte in bytes {
            let found = match byte {
                // White space and delimiters (§7.2.3) end a name.
                0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ' | b'(' | b')' | b'<' | b'>' | b'['
                | b']' | b'{' | b'}' | b'%' => self.end(),
                b'/' => {
                    let found = self.end();
                    self.name = Some(Name::default());
                    found
                }
                byte => {
                    if let Some(name) = &mut self.name {
                        name.push(*byte);
                    }
                    None
                }
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The end of the file, or of a name.
    pub(super) fn end(&mut self) -> Option<&'static str> {
        let name = self.name.take()?;
        ACTIVE
            .iter()
            .find_map(|(active, what)| (active.as_bytes() == name.decoded).then_some(*what))
    }
}

impl Name {
    fn push(&mut self, byte: u8) {
        let decoded = match std::mem::take(&mut self.escape) {
            Escape::None if byte == b'#' => {
                self.escape = Escape::Begun;
                return;
            }
            Escape::None => byte,
            Escape::Begun => {
                self.escape = Escape::FirstDigit(byte);
                return;
            }
            Escape::FirstDigit(high) => {
                let value = |digit: u8| char::from(digit).to_digit(16);
                match (value(high), value(byte)) {
                    (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or(b'#'),
                    // No escape after all; such a name is none of those looked for.
                    _ => b'#',
                }
            }
        };
        // One more than is looked for, so that a longer name does not pass for its beginning.
        if self.decoded.len() <= NAME_BYTES_MAX {
            self.decoded.push(decoded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_in(portions: &[&[u8]]) -> Option<&'static str> {
        let mut check = PdfCheck::default();
        portions
            .iter()
            .find_map(|portion| check.take(portion))
            .or_else(|| check.end())
    }

    #[test]
    fn what_runs_is_found_however_it_is_written_and_wherever_it_is_cut() {
        let pdf = b"%PDF-1.7\n1 0 obj <</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>";
        for cut in 0..pdf.len() {
            assert_eq!(
                found_in(&[&pdf[..cut], &pdf[cut..]]),
                Some("a script"),
                "{cut}"
            );
        }
        assert_eq!(found_in(&[b"/S /J#61va#53cript "]), Some("a script"));
        assert_eq!(
            found_in(&[b"<< /S /Launch /F (a.exe) >>"]),
            Some(ACTIVE[1].1)
        );
        assert_eq!(
            found_in(&[b"/AcroForm << /XFA 7 0 R >>"]),
            Some(ACTIVE[6].1)
        );
        assert_eq!(found_in(&[b"/Type /EmbeddedFile"]), Some(ACTIVE[7].1));
    }

    #[test]
    fn an_ordinary_file_is_let_through() {
        for pdf in [
            &b"/OpenAction [3 0 R /FitH null] /Type /Catalog"[..],
            b"/JavaScripts /Launcher /XFAs /JS /AA",
            b"(a text about JavaScript and Launch)",
            b"/J#zzvaScript ",
        ] {
            assert_eq!(found_in(&[pdf]), None, "{}", String::from_utf8_lossy(pdf));
        }
    }
}
