//! Outside of tests nothing is unwrapped: an `expect` states the invariant that it relies on.

use super::{
    source::{File, Finding},
    text::{Blank, code, lines_with, without_tests},
};

/// Every `unwrap()` outside of tests.
pub(crate) fn found(file: &File) -> Vec<Finding> {
    if file.is_test() || !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let code = without_tests(&code(&file.text, Blank::CommentsAndStrings));
    lines_with(&code, ".unwrap()")
        .map(|line| {
            Finding::new(
                line,
                "say with `expect` why this cannot fail, or return an error",
            )
        })
        .collect()
}

#[test]
fn it_finds_an_unwrap_outside_of_tests() {
    let text = "fn a() { b().unwrap(); }\nfn c() { d().unwrap_or(1) }\n#[cfg(test)]\nmod tests { fn e() { f().unwrap(); } }\n";
    let findings = found(&File::sample("server/src/a.rs", text));
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].line, 1);
    assert_eq!(found(&File::sample("server/src/a/tests.rs", text)), []);
}
