//! Just enough of Rust's grammar to tell code from comments, strings and tests.

/// What is blanked out of a text. Lines stay where they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blank {
    Comments,
    CommentsAndStrings,
}

/// The text with comments, and strings if wanted, replaced by spaces.
pub(crate) fn code(text: &str, blank: Blank) -> String {
    let source: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < source.len() {
        let (end, is_string) = token(&source, at);
        let blanked = match is_string {
            None => false,
            Some(true) => blank == Blank::CommentsAndStrings,
            Some(false) => true,
        };
        for c in &source[at..end] {
            code.push(if blanked && *c != '\n' { ' ' } else { *c });
        }
        at = end;
    }
    code
}

/// Where what begins at `at` ends, and whether it is a string (true), a comment (false) or code.
fn token(source: &[char], at: usize) -> (usize, Option<bool>) {
    let rest = &source[at..];
    let until = |end: &[char]| {
        let found = rest.windows(end.len()).position(|window| window == end);
        found.map_or(source.len(), |found| at + found)
    };
    match rest {
        ['/', '/', ..] => (until(&['\n']), Some(false)),
        ['/', '*', ..] => ((until(&['*', '/']) + 2).min(source.len()), Some(false)),
        ['"', ..] => (at + quoted(rest, '"'), Some(true)),
        ['r', '"' | '#', ..] if !is_in_a_word(source, at) => raw(source, at),
        // A lifetime is no character.
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => (at + quoted(rest, '\''), Some(true)),
        _ => (at + 1, None),
    }
}

fn is_in_a_word(source: &[char], at: usize) -> bool {
    // `br"…"` begins with its `r` here, which is as good.
    at > 0 && source[at - 1] != 'b' && (source[at - 1].is_alphanumeric() || source[at - 1] == '_')
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn raw(source: &[char], at: usize) -> (usize, Option<bool>) {
    let hashes = source[at + 1..].iter().take_while(|c| **c == '#').count();
    if source.get(at + 1 + hashes) != Some(&'"') {
        // A raw identifier.
        return (at + 1, None);
    }
    let begin = at + 2 + hashes;
    let end: Vec<char> = std::iter::once('"').chain(vec!['#'; hashes]).collect();
    let found = source[begin..]
        .windows(end.len())
        .position(|window| window == end);
    (
        found.map_or(source.len(), |found| begin + found + end.len()),
        Some(true),
    )
}

/// Code without the modules and functions that stand under `#[cfg(test)]`. Takes text without comments and strings,
/// and blanks.
pub(crate) fn without_tests(code: &str) -> String {
    let mut left = code.to_owned();
    while let Some((begin, end)) = first_test(&left) {
        let blanked: String = left[begin..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        left.replace_range(begin..end, &blanked);
    }
    left
}

/// Only what stands under `#[cfg(test)]`.
pub(crate) fn only_tests(code: &str) -> String {
    let without = without_tests(code);
    let both = code.chars().zip(without.chars());
    both.map(|(with, without)| {
        if with == without && with != '\n' {
            ' '
        } else {
            with
        }
    })
    .collect()
}

fn first_test(code: &str) -> Option<(usize, usize)> {
    let begin = ["#[cfg(test)]", "#[cfg(all(test"]
        .iter()
        .filter_map(|attribute| code.find(attribute))
        .min()?;
    let mut depth = 0_usize;
    for (at, c) in code[begin..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some((begin, begin + at + 1));
                }
            }
            ';' if depth == 0 => return Some((begin, begin + at + 1)),
            _ => {}
        }
    }
    Some((begin, code.len()))
}

/// Names and numbers of a text, each with its line.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(code.lines()).flat_map(|(line, text)| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(move |word| (line, word))
    })
}

/// The lines of a text that contain something.
pub(crate) fn lines_with<'a>(code: &'a str, what: &'a str) -> impl Iterator<Item = usize> + 'a {
    (1..)
        .zip(code.lines())
        .filter(move |(_, line)| line.contains(what))
        .map(|(line, _)| line)
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let text = r##"let a = "x // y"; // "z"
let b = 'q'; let c: &'a str = r#"raw "quoted" // "#; /* two
lines */ done"##;
    let found = code(text, Blank::CommentsAndStrings);
    assert_eq!(found.lines().count(), 3);
    for gone in ["x", "z", "q", "raw", "quoted", "two", "lines"] {
        assert!(
            !words(&found).any(|(_, word)| word == gone),
            "{gone} in {found}"
        );
    }
    for kept in ["let", "a", "b", "c", "str", "done"] {
        assert!(
            words(&found).any(|(_, word)| word == kept),
            "{kept} in {found}"
        );
    }
    let with_strings = code(text, Blank::Comments);
    assert!(with_strings.contains("x // y") && !with_strings.contains("two"));
}

#[test]
fn tests_are_told_from_the_rest() {
    let text = "fn a() { b(); }\n#[cfg(test)]\nmod tests {\n fn c() { d(); }\n}\nfn e() {}\n#[cfg(test)]\nmod f;\nfn g() {}";
    let without = without_tests(text);
    assert!(without.contains("b()") && without.contains("fn e") && without.contains("fn g"));
    assert!(!without.contains("d()") && !without.contains("mod f"));
    assert_eq!(without.lines().count(), text.lines().count());
    let only = only_tests(text);
    assert!(only.contains("d()") && !only.contains("b()") && !only.contains("fn g"));
}
