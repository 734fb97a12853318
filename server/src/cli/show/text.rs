//! Columns, lines and times.

use ledger_core::clock::Timestamp;

/// The width that text is wrapped to, in characters.
pub(super) const WIDTH: usize = 110;

/// A moment in UTC, to the second.
pub(crate) fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// A code as words: `case_viewed` becomes "case viewed".
pub(super) fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// Rows under headings, each column as wide as its widest cell. The last column is wrapped under itself.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let columns = headings.len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let heading = headings[column].chars().count();
            cells
                .map(|cell| cell.chars().count())
                .fold(heading, usize::max)
        })
        .collect();
    let before_last: usize = widths
        .iter()
        .take(columns.saturating_sub(1))
        .map(|width| width + 2)
        .sum();
    let last_width = WIDTH.saturating_sub(before_last + 2).max(30);
    let line = |cells: &[String]| {
        let mut text = String::from("  ");
        for (column, cell) in cells.iter().enumerate() {
            if column + 1 == columns {
                text.push_str(&hanging(cell, before_last + 2, last_width));
            } else {
                text.push_str(&padded(cell, widths[column] + 2));
            }
        }
        text.trim_end().to_owned()
    };
    let headings: Vec<String> = headings
        .iter()
        .map(|heading| (*heading).to_owned())
        .collect();
    let mut lines = vec![line(&headings)];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Labels and values, one a line.
pub(crate) fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(label, _)| label.chars().count()).max();
    let width = width.unwrap_or(0) + 2;
    let lines = pairs
        .iter()
        .map(|(label, value)| format!("  {}{value}", padded(label, width)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Wrapped text, every line indented by so many characters.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    wrapped_to(text, indent, WIDTH)
}

/// The same, for lines of another width.
pub(crate) fn wrapped_to(text: &str, indent: usize, width: usize) -> String {
    let lines = broken(text, width.saturating_sub(indent));
    lines
        .iter()
        .map(|line| format!("{}{line}", " ".repeat(indent)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Text as it is, every line indented by two characters.
pub(crate) fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Wrapped text whose first line goes on where the cursor stands, `indent` characters from the left.
pub(super) fn hanging(text: &str, indent: usize, width: usize) -> String {
    broken(text, width).join(&format!("\n{}", " ".repeat(indent)))
}

pub(super) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a last line");
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if length > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_headings_whatever_the_letters() {
        let rows = [
            vec!["Åse".to_owned(), "ser".to_owned()],
            vec!["Jo".to_owned(), "les".to_owned()],
        ];
        assert_eq!(
            table(&["KVEN", "KVA"], &rows),
            "  KVEN  KVA\n  Åse   ser\n  Jo    les"
        );
    }

    #[test]
    fn long_text_is_wrapped_under_itself() {
        let text = "ord ".repeat(40);
        let wrapped = wrapped(&text, 4);
        assert!(wrapped.lines().count() > 1);
        assert!(
            wrapped
                .lines()
                .all(|line| line.starts_with("    ord") && line.len() <= WIDTH)
        );
    }
}
