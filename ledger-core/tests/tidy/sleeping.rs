//! A test waits for a condition. Whoever must pause between two looks says so in the line above: `// tidy: …`.

use super::{
    source::{File, Finding},
    text::{Blank, code, only_tests, words},
};

/// What marks the one place of a kind where tests may pause.
const MARKER: &str = "// tidy: ";

/// Every call of a `sleep` in a test without a marker.
pub(crate) fn in_tests(file: &File) -> Vec<Finding> {
    let code = code(&file.text, Blank::CommentsAndStrings);
    let code = if file.is_test() {
        code
    } else {
        only_tests(&code)
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let sleeps = words(&code).filter(|(_, word)| *word == "sleep");
    sleeps
        .map(|(line, _)| line)
        .filter(|line| {
            code.lines()
                .nth(line - 1)
                .is_some_and(|text| text.contains("sleep("))
        })
        .filter(|line| {
            let above = line.checked_sub(2).and_then(|above| lines.get(above));
            !above.is_some_and(|above| above.trim_start().starts_with(MARKER))
        })
        .map(|line| {
            Finding::new(
                line,
                "wait for a condition (`eventually`) instead of a time",
            )
        })
        .collect()
}

#[test]
fn it_finds_a_test_that_sleeps() {
    let text = "fn a() { thread::sleep(long); }
#[cfg(test)]
mod tests {
    fn b() { tokio::time::sleep(long).await; }
    // tidy: a pause between two looks.
    fn c() { thread::sleep(short); }
    fn d() { query(\"SELECT pg_sleep(1)\"); pg_sleep(1); }
}
";
    let lines = |path| -> Vec<usize> {
        let findings = in_tests(&File::sample(path, text));
        findings.iter().map(|finding| finding.line).collect()
    };
    assert_eq!(lines("server/src/a.rs"), [4]);
    assert_eq!(lines("server/tests/integration/a.rs"), [1, 4]);
}
