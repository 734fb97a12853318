//! `README.txt`: what the bundle is and how to check it with other people's tools, in plain words.

use super::lines::Cut;

const TEXT: &str = include_str!("readme.txt");

/// The text for this bundle.
pub(super) fn readme(cut: &Cut) -> String {
    [
        ("{case}", cut.case.to_string()),
        ("{tenant}", cut.tenant.to_string()),
        ("{origin}", cut.origin.to_string()),
        ("{cut}", cut.cut.to_string()),
        ("{case_version}", cut.case_version.to_string()),
        ("{views_version}", cut.views_version.to_string()),
        ("{date}", cut.written_at.format("%Y-%m-%d").to_string()),
    ]
    .into_iter()
    .fold(TEXT.to_owned(), |text, (name, value)| {
        text.replace(name, &value)
    })
}
