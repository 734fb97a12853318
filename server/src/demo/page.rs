//! The pages of the tour: headings, sentences, and the command that gives the same.

use std::io::Write as _;

use crate::cli::{Invocation, show::wrapped, terminal_styles};

/// Prints the tour.
pub(super) struct Pages<'a> {
    invocation: &'a Invocation,
    bold: bool,
    number: u32,
}

impl<'a> Pages<'a> {
    pub(super) fn new(invocation: &'a Invocation) -> Self {
        Self {
            invocation,
            bold: terminal_styles(),
            number: 0,
        }
    }

    /// Where the tour of another system begins.
    pub(super) fn system(&self, title: &str) -> anyhow::Result<()> {
        self.underlined(title, "═")
    }

    /// The next heading, underlined.
    pub(super) fn heading(&mut self, title: &str) -> anyhow::Result<()> {
        self.number += 1;
        self.underlined(&format!("{}. {title}", self.number), "─")
    }

    fn underlined(&self, title: &str, with: &str) -> anyhow::Result<()> {
        let rule = with.repeat(title.chars().count());
        let text = if self.bold {
            format!("\n\x1b[1m{title}\x1b[0m\n{rule}\n")
        } else {
            format!("\n{title}\n{rule}\n")
        };
        self.print(&text)
    }

    /// A paragraph.
    pub(super) fn say(&self, text: &str) -> anyhow::Result<()> {
        self.print(&wrapped(text, 0))?;
        self.print("")
    }

    /// What the ledger gave.
    pub(super) fn output(&self, text: &str) -> anyhow::Result<()> {
        self.print(text)?;
        self.print("")
    }

    /// The command that a person would type to get the same.
    pub(super) fn command(&self, command: &str) -> anyhow::Result<()> {
        self.print(&format!("  $ {}\n", self.invocation.line(command)))
    }

    /// A line as it is.
    #[expect(clippy::unused_self, reason = "printing is what a page does")]
    pub(super) fn print(&self, text: &str) -> anyhow::Result<()> {
        let mut output = std::io::stdout().lock();
        writeln!(output, "{text}")?;
        output.flush()?;
        Ok(())
    }
}
