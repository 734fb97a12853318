//! Elements with attributes, one a line. Whatever a value holds, a reader gets it back as it was.

/// XML as it grows, with what is open in it.
pub(super) struct Xml {
    text: String,
    open: Vec<&'static str>,
    /// How many elements are open around all of it.
    around: usize,
}

impl Xml {
    /// A whole file.
    pub(super) const fn new() -> Self {
        Self {
            text: String::new(),
            open: Vec::new(),
            around: 0,
        }
    }

    /// A piece of a file, within one element.
    pub(super) const fn within() -> Self {
        Self {
            text: String::new(),
            open: Vec::new(),
            around: 1,
        }
    }

    /// What was written so far. What is open stays open.
    pub(super) fn text(self) -> String {
        self.text
    }

    pub(super) fn declare(&mut self) {
        self.text
            .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    pub(super) fn open(&mut self, name: &'static str, parts: &[(&str, &str)]) {
        self.tag(name, parts, ">");
        self.open.push(name);
    }

    pub(super) fn empty(&mut self, name: &str, parts: &[(&str, &str)]) {
        self.tag(name, parts, "/>");
    }

    /// Closes what was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            for piece in ["</", name, ">\n"] {
                self.text.push_str(piece);
            }
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.around + self.open.len() {
            self.text.push('\t');
        }
    }

    fn tag(&mut self, name: &str, parts: &[(&str, &str)], end: &str) {
        self.indent();
        self.text.push('<');
        self.text.push_str(name);
        for (part, value) in parts {
            for piece in [" ", part, "=\""] {
                self.text.push_str(piece);
            }
            self.value(value);
            self.text.push('"');
        }
        self.text.push_str(end);
        self.text.push('\n');
    }

    /// Line ends and tabs stand as references, or a reader would make spaces of them (XML 1.0, section 3.3.3).
    fn value(&mut self, value: &str) {
        for c in value.chars() {
            let escaped = match c {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\n' => "&#10;",
                '\r' => "&#13;",
                '\t' => "&#9;",
                other => {
                    self.text.push(other);
                    continue;
                }
            };
            self.text.push_str(escaped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_so_that_a_reader_gets_it_back() {
        let mut xml = Xml::within();
        xml.open("a", &[("b", "x<y>&\"z'\n\t\r")]);
        xml.empty("c", &[]);
        xml.close();
        assert_eq!(
            xml.text(),
            "\t<a b=\"x&lt;y&gt;&amp;&quot;z'&#10;&#9;&#13;\">\n\t\t<c/>\n\t</a>\n"
        );
    }
}
