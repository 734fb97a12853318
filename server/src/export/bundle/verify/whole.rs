//! Whether the bundle is complete: every version up to the cut, every content that was not redacted, every event and
//! rule book that a decision rests on, and nothing besides.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use ledger_core::{
    ids::{Digest, Position, ProfileId, StreamId},
    profile::RuleBookText,
};

use super::{
    super::{
        finding::{Findings, Problem},
        layout::{self, CITED, CUT, EVENTS},
        lines::Cut,
    },
    events::Story,
    reading,
};

/// Checks completeness.
pub(super) fn check(root: &Path, cut: Option<&Cut>, story: &Story, findings: &mut Findings) {
    if let Some(cut) = cut {
        check_versions(cut, story, findings);
    }
    check_contents(story, findings);
    let rule_books = check_rule_books(root, story, findings);
    check_citations(story, &rule_books, findings);
}

fn check_versions(cut: &Cut, story: &Story, findings: &mut Findings) {
    for (stream, expected) in [
        (StreamId::Case(cut.case), cut.case_version),
        (StreamId::Views(cut.case), cut.views_version),
    ] {
        let found = story.versions.get(&stream).copied().unwrap_or(0);
        if found != expected {
            let problem = Problem::Incomplete {
                stream,
                found,
                expected,
            };
            findings.file(EVENTS, problem);
        }
    }
    if !story.exported {
        let problem = Problem::Differs {
            what: "the event at the cut",
            found: "another, or none".to_owned(),
            expected: format!("a case_exported at position {}", cut.cut),
        };
        findings.file(CUT, problem);
    }
}

/// A content may be missing where a redaction names it, and there only. Contents of cited events, such as the name of
/// an account, may be gone for reasons that the case does not know.
fn check_contents(story: &Story, findings: &mut Findings) {
    for (position, event) in &story.own {
        let redacted = story.redacted.contains(position);
        if event.lacks_content && !redacted {
            findings.line(EVENTS, event.line, Problem::ContentMissing(*position));
        }
        if redacted && !event.lacks_content {
            findings.line(EVENTS, event.line, Problem::ContentUncalledFor(*position));
        }
    }
}

type RuleBooks<'a> = BTreeMap<(&'a ProfileId, Digest), BTreeSet<Position>>;

/// Each text must be the one that its event adopted, and have the digest that it says.
fn check_rule_books<'a>(root: &Path, story: &'a Story, findings: &mut Findings) -> RuleBooks<'a> {
    let mut rule_books = RuleBooks::new();
    for (position, (facts, content)) in &story.adopted {
        let files = layout::rule_book_files(*position);
        let Some(content) = content else {
            let line = story.cited.get(position).map_or(0, |event| event.line);
            findings.line(CITED, line, Problem::ContentMissing(*position));
            continue;
        };
        let texts = RuleBookText {
            profile_toml: content.profile_toml.clone(),
            access_cedar: content.access_cedar.clone(),
        };
        if texts.digest() != facts.digest {
            findings.file(CITED, Problem::RuleBook(*position));
        }
        for (file, adopted) in files.iter().zip([texts.profile_toml, texts.access_cedar]) {
            if reading::text(root, file, findings).is_some_and(|text| text != adopted) {
                findings.file(file.clone(), Problem::RuleBook(*position));
            }
        }
        rule_books
            .entry((&facts.profile, facts.digest))
            .or_default()
            .insert(*position);
    }
    rule_books
}

fn check_citations(story: &Story, rule_books: &RuleBooks<'_>, findings: &mut Findings) {
    let mut called_for: BTreeSet<Position> = BTreeSet::new();
    for (position, event) in &story.own {
        let Some(basis) = &event.basis else { continue };
        let rule_book = (&basis.profile, basis.profile_digest);
        if let Some(adopted) = rule_books.get(&rule_book) {
            called_for.extend(adopted);
        } else {
            let problem = Problem::RuleBookMissing {
                position: *position,
                digest: basis.profile_digest,
            };
            findings.line(EVENTS, event.line, problem);
        }
        for cited in &basis.cited {
            if story.get(*cited).is_none() {
                let problem = Problem::CitationMissing {
                    position: *position,
                    cited: *cited,
                };
                findings.line(EVENTS, event.line, problem);
            }
            called_for.insert(*cited);
        }
    }
    for (position, event) in &story.cited {
        if !called_for.contains(position) {
            findings.line(CITED, event.line, Problem::Uncited(*position));
        }
    }
}
