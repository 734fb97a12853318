//! No code knows a system by its name: what is special about one stands in its rule book, and what it can do any other
//! can switch on.

use super::source::{File, Finding};

const NAMES: [&str; 5] = ["kvam", "sula", "kindkans", "mirage", "ocmw"];

/// Systems that are named outside of tests, in comments too.
pub(crate) fn named(file: &File) -> Vec<Finding> {
    // What only tests use lies in files of these names beside them.
    let for_tests = ["/testing.rs", "/stored_formats.rs"];
    let is_for_tests =
        for_tests.iter().any(|name| file.path.ends_with(name)) || file.path.contains("/testing/");
    if file.is_test() || is_for_tests {
        return Vec::new();
    }
    // Tests stand at the end.
    let tests = file.text.find("\n#[cfg(test)]\nmod tests {");
    let text = file.text[..tests.unwrap_or(file.text.len())].to_lowercase();
    let names = |line: &str| NAMES.into_iter().find(|name| line.contains(name));
    (1..)
        .zip(text.lines())
        .filter_map(|(line, text)| Some((line, names(text)?)))
        .map(|(line, name)| {
            Finding::new(
                line,
                format!(
                    "names {name}; let a rule book switch it on, or give an example of no system"
                ),
            )
        })
        .collect()
}

#[test]
fn it_finds_the_name_of_a_system_outside_of_tests() {
    let text = "// As in Sula\nlet a = \"stafettloggen-KVAM\";\nlet b = 1;\n#[cfg(test)]\nmod tests { const C: &str = \"mirage\"; }\n";
    let findings = named(&File::sample("server/src/a.rs", text));
    let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [1, 2]);
    assert_eq!(named(&File::sample("server/src/a/tests.rs", text)), []);
}
