//! From a file to commands: what is read is handed over in batches that the ledger takes at once.

use std::io::BufRead;

use ledger_core::{
    case::{ImportCase, ImportedEntry},
    command::LINE_CHARS_MAX,
    events::log_value,
    ledger::Import,
};
use tokio::sync::mpsc;

use super::{
    unused::Unused,
    xes::{LogReader, Piece, ReadCase, XesError},
};

/// How many events are appended at once, and about how many bytes they say. The ledger takes twice as many.
const BATCH_EVENTS: usize = 500;
const BATCH_BYTES: usize = 512 * 1024;
/// The key of what a case is called.
const NAME: &str = "concept:name";

/// A file that is open, its times without a zone in that of the rule book.
pub(super) type Reader = LogReader<Box<dyn BufRead + Send>, chrono_tz::Tz>;

/// What is read of a file, on its way to the ledger.
pub(super) enum Read {
    /// Cases, to be added at once.
    Batch(Vec<ImportCase>),
    /// The next of a case of which the beginning must be there.
    Next(Box<ImportCase>),
    /// Something that could not be used.
    Unused(Unused),
}

/// Reads the file from its beginning to its end, and hands over what it says. Ends early where nobody listens any more.
pub(super) fn read(
    mut reader: Reader,
    import: &Import,
    send: &mpsc::Sender<Read>,
) -> Result<(), XesError> {
    let (mut batch, mut events, mut bytes) = (Vec::new(), 0, 0);
    let hand_over = |read| send.blocking_send(read).is_ok();
    while let Some(piece) = reader.next_piece()? {
        for unused in reader.take_unused() {
            if !hand_over(Read::Unused(unused)) {
                return Ok(());
            }
        }
        let Piece::Case(case) = piece else { continue };
        let (of_case, said, goes_on) = (case.entries.len() + 2, case.bytes, case.goes_on);
        let full = events + of_case > BATCH_EVENTS || bytes + said > BATCH_BYTES;
        if (full || goes_on) && !batch.is_empty() {
            (events, bytes) = (0, 0);
            if !hand_over(Read::Batch(std::mem::take(&mut batch))) {
                return Ok(());
            }
        }
        let command = command(case, import);
        if goes_on {
            if !hand_over(Read::Next(Box::new(command))) {
                return Ok(());
            }
        } else {
            (events, bytes) = (events + of_case, bytes + said);
            batch.push(command);
        }
    }
    for unused in reader.take_unused() {
        if !hand_over(Read::Unused(unused)) {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        hand_over(Read::Batch(batch));
    }
    Ok(())
}

fn command(case: ReadCase, import: &Import) -> ImportCase {
    let entries = case.entries.into_iter().map(|read| ImportedEntry {
        entry: read.entry,
        line: read.line,
        occurred_at: read.occurred_at,
        attributes: read.attributes,
    });
    ImportCase {
        unit: import.facts.unit,
        import: import.facts.import,
        log: import.position,
        trace: case.trace,
        line: case.line,
        name: name(log_value(&case.attributes, NAME), case.trace),
        attributes: case.attributes,
        entries: entries.collect(),
    }
}

/// What a case is called: its original id in one line, or its place in the file.
fn name(original: Option<&str>, trace: u64) -> String {
    let line: String = original
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| {
            !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .take(LINE_CHARS_MAX)
        .collect();
    if line.trim().is_empty() {
        format!("trace {trace}")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_called_what_the_log_calls_it_in_one_line() {
        assert_eq!(name(Some("case-10011"), 1), "case-10011");
        assert_eq!(name(Some(" two\nlines\u{202e} "), 1), "two lines");
        assert_eq!(name(Some(" \n "), 7), "trace 7");
        assert_eq!(name(None, 7), "trace 7");
        assert_eq!(name(Some(&"x".repeat(400)), 1).len(), 300);
    }
}
