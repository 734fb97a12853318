//! No two shapes of the API have the same name: in the description one would take the place of the other, silently.

use std::collections::BTreeMap;

use super::source::{File, Finding};

/// Names that a second shape has, each with where the first stands.
pub(crate) fn taken(seen: &mut BTreeMap<String, String>, file: &File) -> Vec<Finding> {
    let mut is_shape = false;
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.trim_start().starts_with("#[derive(") {
            is_shape = line.contains("ToSchema");
        }
        let mut words = line
            .split_whitespace()
            .skip_while(|word| word.starts_with("pub") || word.ends_with(')'));
        let (kind, name) = (words.next(), words.next());
        let (true, Some("struct" | "enum"), Some(name)) = (is_shape, kind, name) else {
            continue;
        };
        is_shape = false;
        if name.starts_with('$') {
            // A macro's, which names each of its shapes elsewhere.
            continue;
        }
        let name = name.split(['<', '(', ';', '{']).next().unwrap_or(name);
        let here = format!("{}:{number}", file.path);
        if let Some(first) = seen.insert(name.to_owned(), here) {
            let message = format!("the shape {name} has the name of the one at {first}");
            findings.push(Finding::new(number, message));
        }
    }
    findings
}

#[test]
fn it_finds_two_shapes_of_one_name() {
    let text = "#[derive(Serialize, ToSchema)]\npub(in crate::api) struct View {\n}\n#[derive(Clone)]\nstruct Other;\n";
    let mut seen = BTreeMap::new();
    assert_eq!(
        taken(&mut seen, &File::sample("server/src/api/a.rs", text)),
        []
    );
    let again = taken(&mut seen, &File::sample("server/src/api/b.rs", text));
    let lines: Vec<usize> = again.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2]);
}
