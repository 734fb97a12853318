//! Facts can be read by anyone who may read the ledger, for ever. Their types cannot hold free text.
//!
//! Not a list of what is forbidden but of what is allowed: a type that nobody has thought about is refused.

use super::{
    source::{File, Finding},
    text::{Blank, code},
};

/// Types beside the ids that cannot hold free text.
const ALLOWED: [&str; 16] = [
    // What they hold is looked at too.
    "BTreeMap",
    "BTreeSet",
    "Option",
    "Vec",
    "bool",
    "u16",
    "u32",
    "u64",
    "i64",
    "Code",
    "Digest",
    "NaiveDate",
    // Of positions and times; its own fields are looked at where it stands.
    "PastMoment",
    "Position",
    "Timestamp",
    "Self",
];

/// Fields of facts whose type is not known to be free of text.
pub(crate) fn free_text(file: &File) -> Vec<Finding> {
    if file.path.ends_with("/upcast.rs") {
        // Reads old shapes as JSON, and defines none.
        return Vec::new();
    }
    let code = code(&file.text, Blank::CommentsAndStrings);
    let mut findings = Vec::new();
    let mut content = false;
    for (line, text) in (1..).zip(code.lines()) {
        let text = text.trim();
        let text = text.strip_prefix("pub ").unwrap_or(text);
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        match words.next() {
            Some("struct" | "enum") => {
                content = words.next().is_some_and(|name| name.ends_with("Content"));
                if text.contains('(') && !content {
                    findings.push(Finding::new(line, "give the fields of facts names"));
                }
            }
            Some("type") => findings.push(Finding::new(line, "an alias would hide what a fact holds")),
            _ if content => {}
            _ => findings.extend(field_type(text).into_iter().flat_map(|declared| {
                let refused = named_types(declared).filter(|name| !is_allowed(name));
                refused.map(move |name| {
                    let message = format!(
                        "a fact of type {name} could hold free text; use an id, a code, a date or a number, or put it into the content"
                    );
                    Finding::new(line, message)
                })
            })),
        }
    }
    findings
}

/// What stands after the colon of a field.
fn field_type(line: &str) -> Option<&str> {
    let (name, declared) = line.split_once(": ")?;
    let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(declared)
}

fn named_types(declared: &str) -> impl Iterator<Item = &str> {
    declared
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|name| !name.is_empty())
}

fn is_allowed(name: &str) -> bool {
    ALLOWED.contains(&name) || name.ends_with("Id")
}

#[test]
fn it_finds_text_in_facts_and_leaves_contents_alone() {
    let sample = File::sample(
        "ledger-core/src/events/note.rs",
        "/// A note: String.
pub struct NoteAdded {
    /// Its id.
    pub note: NoteId,
    pub title: String,
    pub aliases: Option<Vec<Box<str>>>,
    pub bytes: Vec<u8>,
    pub anything: serde_json::Value,
    pub fine: Option<Vec<OrganisationId>>,
}
pub struct NoteAddedContent {
    pub title: String,
}
pub struct Wrapped(String);
type Hidden = String;
",
    );
    let lines: Vec<usize> = free_text(&sample)
        .iter()
        .map(|finding| finding.line)
        .collect();
    assert_eq!(lines, [5, 6, 6, 7, 8, 8, 14, 15]);
}
