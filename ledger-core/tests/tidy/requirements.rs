//! Every rule leads back to a sentence that asked for it: the ids that a profile that comes with the program cites, or has
//! a sentence for, are lines of the catalogue.

use ledger_core::profile::Requirement;

use super::source::{File, Finding};

/// The catalogue's sources with the number of their last line. Lines that were taken out keep their number.
const LAST: [(char, u8); 7] = [
    ('D', 6),
    ('K', 19),
    ('M', 15),
    ('F', 11),
    ('S', 20),
    ('V', 29),
    ('X', 10),
];
const TAKEN_OUT: [&str; 3] = ["S19", "V22", "V25"];

/// Requirement ids that the catalogue does not have.
pub(crate) fn unknown(file: &File) -> Vec<Finding> {
    let cited = (1..).zip(file.text.lines()).flat_map(|(line, text)| {
        ["requirement = \"", "@requirement(\""]
            .into_iter()
            .flat_map(move |before| text.split(before).skip(1))
            .filter_map(move |after| Some((line, after.split_once('"')?.0)))
    });
    let declared = (1..)
        .zip(file.text.lines())
        .filter_map(|(line, text)| Some((line, text.split_once(" = {")?.0)))
        .filter(|(_, key)| key.parse::<Requirement>().is_ok());
    cited
        .chain(declared)
        .filter(|(_, id)| !is_in_catalogue(id))
        .map(|(line, id)| Finding::new(line, format!("the catalogue has no requirement {id}")))
        .collect()
}

fn is_in_catalogue(id: &str) -> bool {
    let Ok(requirement) = id.parse::<Requirement>() else {
        return false;
    };
    let canonical = requirement.to_string();
    let (source, number) = canonical.split_at(1);
    let last = LAST.iter().find(|(known, _)| source.starts_with(*known));
    last.is_some_and(|(_, last)| number.parse::<u8>().is_ok_and(|number| number <= *last))
        && !TAKEN_OUT.contains(&id)
}

#[test]
fn it_finds_a_requirement_that_nobody_asked_for() {
    let text = "requirement = \"V24\"\n@requirement(\"V30\")\nname = { requirement = \"Q1\" }\n@requirement(\"V22\")\n@requirement(\"X10\")\ndefault_requirement = \"v8\"\nV25 = { en = \"\" }\nD1 = { en = \"\" }\n";
    let findings = unknown(&File::sample("ledger-core/profiles/a/access.cedar", text));
    let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7]);
}
