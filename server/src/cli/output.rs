//! What a command prints: text for people, or JSON for programs.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;

/// How the result is printed.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct OutputArgs {
    /// Print JSON for programs instead of text; errors too, on standard error
    #[arg(long)]
    pub(super) json: bool,
}

impl OutputArgs {
    /// Prints the result in the form that was asked for.
    pub(super) fn print(
        self,
        shape: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let mut line = if self.json {
            serde_json::to_string_pretty(shape)?
        } else {
            text()
        };
        if !line.ends_with('\n') {
            line.push('\n');
        }
        std::io::stdout().lock().write_all(line.as_bytes())?;
        Ok(())
    }
}

/// Whether headings may be set in bold: on a terminal whose owner has not said no (no-color.org).
pub(crate) fn terminal_styles() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
