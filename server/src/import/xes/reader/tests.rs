use std::{fmt::Write as _, io::BufReader};

use chrono::{SecondsFormat, Utc};
use ledger_core::events::log_value;

use super::*;

const ALLOTMENTS: &str = include_str!("../../../../../fixtures/logs/allotments.xes");
const DAMAGED: &str = include_str!("../../../../../fixtures/logs/damaged.xes");

/// As from a file: a piece at a time.
fn reader(text: &str) -> LogReader<BufReader<&[u8]>, Utc> {
    let latest = "2026-03-01T09:00:00Z".parse().unwrap();
    LogReader::new(BufReader::new(text.as_bytes()), Utc, latest)
}

fn read(text: &str) -> Result<(Vec<Piece>, Vec<Unused>), XesError> {
    let mut reader = reader(text);
    let (mut pieces, mut unused) = (Vec::new(), Vec::new());
    while let Some(piece) = reader.next_piece()? {
        pieces.push(piece);
        unused.extend(reader.take_unused());
    }
    unused.extend(reader.take_unused());
    Ok((pieces, unused))
}

fn cases(pieces: &[Piece]) -> Vec<&ReadCase> {
    let cases = pieces.iter().filter_map(|piece| match piece {
        Piece::Case(case) => Some(case),
        Piece::Header(_) => None,
    });
    cases.collect()
}

#[track_caller]
fn fails(text: &str, line: u64, with: &str) {
    let error = read(text).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    assert!(error.to_string().contains(with), "{error}");
}

/// A log with this in its only case.
fn with(inner: &str) -> String {
    format!("<log>\n<trace>\n{inner}\n</trace>\n</log>")
}

#[test]
fn a_log_is_read_case_by_case_with_its_lines() {
    let (pieces, unused) = read(ALLOTMENTS).unwrap();
    assert_eq!(unused, []);
    let Piece::Header(header) = &pieces[0] else {
        panic!("no header");
    };
    assert_eq!(header.extensions.len(), 4);
    assert_eq!(header.globals.len(), 2);
    assert_eq!(header.classifiers.len(), 2);
    assert_eq!(header.attributes[1].attributes.len(), 2);
    assert_eq!(header.declared[0].1, "1849.2016");
    let cases = cases(&pieces);
    let places: Vec<_> = cases
        .iter()
        .map(|case| (case.trace, case.line, case.entries.len()))
        .collect();
    assert_eq!(places, [(1, 23, 2), (2, 51, 3), (3, 67, 0)]);
    let neighbours = &cases[0].attributes[4];
    assert_eq!(neighbours.values.as_ref().map(Vec::len), Some(2));
    let seen = &cases[0].entries[1];
    assert_eq!(
        log_value(&seen.attributes, "concept:name"),
        Some("Look at the plot")
    );
    assert_eq!(
        seen.attributes[2].attributes[0].value,
        "Says \"too wet\" & <too small>\non two lines, with a\ttab"
    );
    assert_eq!(
        seen.occurred_at
            .unwrap()
            .to_rfc3339_opts(SecondsFormat::Micros, true),
        "2011-10-12T11:56:25.398123Z"
    );
    assert_eq!(cases[1].entries[1].occurred_at, None);
}

#[test]
fn what_cannot_be_used_is_told_with_its_line_and_the_rest_is_used() {
    let (pieces, unused) = read(DAMAGED).unwrap();
    let told: Vec<_> = unused
        .iter()
        .map(|unused| (unused.line, unused.why))
        .collect();
    assert_eq!(
        told,
        [
            (4, Why::Incomplete),
            (5, Why::UnknownElement),
            (6, Why::NoCase),
            (9, Why::Incomplete),
            (10, Why::NotOfItsType),
            (11, Why::UnknownAttribute),
            (13, Why::NotOfItsType),
            (15, Why::Text),
            (16, Why::InTheFuture),
            (21, Why::ForbiddenCharacter),
            (25, Why::TooLate),
        ],
        "{unused:#?}"
    );
    let cases = cases(&pieces);
    let places: Vec<_> = cases[0].entries.iter().map(|entry| entry.entry).collect();
    assert_eq!(places, [1, 3]);
    // Without a zone it is a time of the rule book's zone, which here is that of Greenwich.
    let third = cases[0].entries[1].occurred_at.unwrap();
    assert_eq!(third.to_rfc3339(), "2011-10-11T13:45:40+00:00");
}

#[test]
fn a_long_case_comes_in_pieces() {
    let mut inner = String::from("<string key=\"concept:name\" value=\"long\"/>\n");
    for number in 1..=900 {
        writeln!(inner, "<event><int key=\"n\" value=\"{number}\"/></event>").unwrap();
    }
    let (pieces, unused) = read(&with(&inner)).unwrap();
    assert_eq!(unused, []);
    let cases = cases(&pieces);
    let sizes: Vec<_> = cases
        .iter()
        .map(|case| (case.trace, case.goes_on, case.entries.len()))
        .collect();
    assert_eq!(sizes, [(1, false, 400), (1, true, 400), (1, true, 100)]);
    assert_eq!(cases[0].attributes.len(), 1);
    let places: Vec<u64> = cases
        .iter()
        .flat_map(|case| case.entries.iter().map(|entry| entry.entry))
        .collect();
    assert_eq!(places, (1..=900).collect::<Vec<_>>());
    // One that ends where a piece ends has no empty piece behind it.
    let even = "<event/>".repeat(800);
    assert_eq!(self::cases(&read(&with(&even)).unwrap().0).len(), 2);
}

#[test]
fn a_document_type_is_refused_before_any_entity_grows() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<log><trace><string key=\"k\" value=\"&b;\"/></trace></log>";
    fails(bomb, 2, "document type");
    // Without it the entity is nobody's.
    fails(&with("<string key=\"k\" value=\"&b;\"/>"), 3, "not XML");
}

#[test]
fn depth_and_sizes_are_bounded_each_with_its_line() {
    let deep = "<string key=\"k\" value=\"v\">".repeat(30) + &"</string>".repeat(30);
    fails(&with(&deep), 3, "24 deep");
    let wide: String = (0..40).fold(String::new(), |all, n| all + &format!(" a{n}=\"\""));
    fails(&with(&format!("<string{wide}/>")), 3, "32 attributes");
    let long = "x".repeat(2 * 1024 * 1024);
    fails(
        &with(&format!("<string key=\"k\" value=\"{long}\"/>")),
        3,
        "one tag",
    );
    fails(&with(&long), 2, "one tag");
    let part = "x".repeat(300 * 1024);
    let heavy = format!(
        "<event>\n<string key=\"k\" value=\"{part}\"/>\n<string key=\"k\" value=\"{part}\"/></event>"
    );
    fails(&with(&heavy), 5, "says more than");
    let many = format!(
        "<event>{}</event>",
        "<int key=\"k\" value=\"1\"/>".repeat(5_001)
    );
    fails(&with(&many), 3, "more than 5000 attributes");
    let header = format!(
        "<log>{}</log>",
        format!("<string key=\"k\" value=\"{part}\"/>\n").repeat(7)
    );
    fails(&header, 6, "before its first case");
}

#[test]
fn a_file_that_is_no_whole_log_is_refused() {
    fails("", 1, "no XES log");
    fails("\n<logs/>", 2, "no XES log");
    fails("<log>\n<trace>\n<event>\n", 4, "ends in the middle");
    fails("<log>\n<trace>\n</log>", 3, "not XML");
    fails("<log/>\n<log/>", 2, "behind the end");
    fails(
        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<log/>",
        1,
        "another encoding",
    );
    let mut latin = b"<log>\n<string key=\"k\" value=\"B".to_vec();
    latin.extend([0xe6, b'"', b'/', b'>', b'<', b'/', b'l', b'o', b'g', b'>']);
    let latest = "2026-03-01T09:00:00Z".parse().unwrap();
    let error = LogReader::new(&latin[..], Utc, latest)
        .next_piece()
        .unwrap_err();
    assert!(matches!(error.problem, XesProblem::Encoding), "{error}");
    assert_eq!(error.line, 2);
}

#[test]
fn an_empty_log_and_names_with_a_prefix_are_read() {
    let (pieces, unused) = read("<x:log xmlns:x=\"urn:x\"><x:trace/></x:log>").unwrap();
    assert_eq!(cases(&pieces).len(), 1);
    assert_eq!(unused, []);
    assert_eq!(read("<log/>").unwrap().0.len(), 1);
}
