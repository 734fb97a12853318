//! The whole of Kvam's rules on one page: who, in which situation, may do what.
//!
//! A change of a rule shows in the snapshot, cell by cell. `yes` is allowed; anything else is the requirement that
//! refuses.

use std::{fmt::Write as _, thread};

use super::given::{Given, *};
use crate::{
    access::{Action, Action::*, ActionGroup, RuleBook, all_sections, matrix::Matrix},
    ids::Code,
    profile::{Part, RuleBookText},
};

const PEOPLE: &[(&str, &[Given])] = &[
    ("nobody", &[]),
    ("admin", &[InTenant("administrator"), MayAppoint]),
    ("auditor", &[InTenant("auditor")]),
    ("archivist", &[InTenant("archivist")]),
    ("leader", &[InUnit("unit_leader"), MayAppoint]),
    ("glass", &[InUnit("unit_leader"), BrokenGlass]),
    ("employee", &[InUnit("professional")]),
    ("cleared", &[InUnit("professional"), Cleared]),
    ("baton", &[InUnit("baton_holder"), Party("baton_holder")]),
    ("prof", &[InUnit("professional"), Party("professional")]),
    (
        "offered",
        &[InUnit("professional"), Party("professional"), Myself],
    ),
    ("other", &[Party("professional")]),
    ("covered", &[Party("professional"), ServiceConsented]),
    ("guardian", &[Party("guardian"), Myself]),
    ("parent", &[Party("parent"), Myself]),
    ("young", &[Party("young_person"), Myself]),
    ("of age", &[Party("young_person"), OfAge, Myself]),
];

const LEGEND: &str = "\
nobody    signed in, no role, no participant
admin     municipal administrator, appointing a role that administrators may appoint
auditor   auditor
archivist archivist
leader    leader of the unit that keeps the log, appointing a role that leaders may appoint; no participant
glass     the same, who has broken the glass
employee  professional of that unit, no participant
cleared   the same, for whom the start of this log was cleared
baton     baton holder of the log, acting upon others, with a consent on paper
prof      participant, professional of the unit that keeps the log
offered   the same, acting upon themselves: to whom the baton was offered
other     participant, professional of another service
covered   the same, and a consent names their service
guardian  participant, guardian; acting upon themselves
parent    participant, parent without parental responsibility; acting upon themselves
young     participant, the young person, not of age yet; acting upon themselves
of age    the same, come of age

Everyone has signed in at the highest level, with an active account; otherwise V21 or X1 stands in every cell.
Who reads is asked about each section by itself: a row `view_case notes` says whether the notes are shown.
";

const LOG: Given = Consent("establish_log");
const COOPERATION: Given = Consent("cooperation");

const SITUATIONS: &[(&str, &[Given])] = &[
    ("the log does not exist", &[NoCase]),
    ("preparing, no consent", &[Status("preparing")]),
    (
        "preparing, consent to the log, no measure begun",
        &[Status("preparing"), LOG],
    ),
    ("active, consent expired", &[]),
    ("active, consent to the log", &[LOG]),
    (
        "active, consent to the log and to cooperation",
        &[LOG, COOPERATION],
    ),
    ("active, held", &[LOG, COOPERATION, Held]),
    (
        "passive, consents in force",
        &[Status("passive"), LOG, COOPERATION],
    ),
    ("withdrawn", &[Status("withdrawn")]),
    (
        "closed, consents in force",
        &[Status("closed"), LOG, COOPERATION],
    ),
    ("closed, consents withdrawn", &[Status("closed")]),
    ("archived, consents withdrawn", &[Status("archived")]),
    ("archived, held", &[Status("archived"), Held]),
    ("being erased", &[Status("archived"), Erasing]),
    ("erased", &[Status("erased"), Erased]),
];

/// The sections that an action is asked about, one row each.
fn sections(action: Action) -> Vec<Code> {
    let profile = KVAM.profile();
    match action {
        ListCase | SearchCase => vec![profile.section_of(Part::Child).clone()],
        // Those who are shown the timeline, or follow it, are shown the contents of the sections that they may see.
        ViewTimeline | WatchCase => vec![profile.section_of(Part::Timeline).clone()],
        ViewCase | PrintCase | DownloadDocument => profile.sections.keys().cloned().collect(),
        AddNote => vec![code("notes")],
        AddDocument => vec![code("consents"), code("documents")],
        _ => vec![all_sections()],
    }
}

/// What is so besides, because of what is asked.
fn facts(person: &[Given], action: Action, section: &Code) -> Vec<Given> {
    let role = person.iter().find_map(|fact| match fact {
        Party(role) => Some(code(role)),
        _ => None,
    });
    let hidden = role
        .is_some_and(|role| *section != all_sections() && !KVAM.profile().shows(&role, section));
    let baton = person.contains(&Party("baton_holder"));
    [
        (hidden, SectionHidden),
        (baton && action == GiveConsent, OnPaper),
    ]
    .into_iter()
    .filter_map(|(so, fact)| so.then_some(fact))
    .collect()
}

fn table(name: &str, situation: &[Given], actions: &[Action]) -> String {
    const ROW: usize = 30;
    let mut text = format!("== {name} ==\n{:ROW$}", "");
    for (person, _) in PEOPLE {
        write!(text, "{person:>10}").expect("writing to a string cannot fail");
    }
    for action in actions {
        let sections = sections(*action);
        for section in &sections {
            let row = match &sections[..] {
                [_] => action.code().to_owned(),
                _ => format!("{action} {section}"),
            };
            write!(text, "\n{row:ROW$}").expect("writing to a string cannot fail");
            for (_, person) in PEOPLE {
                let facts = [situation, *person, &facts(person, *action, section)].concat();
                let decision = given(facts).asks_about(*action, section).decision;
                assert_eq!(decision.fault, None, "{name}: {action}");
                let cell = decision
                    .requirement
                    .map_or_else(|| "yes".to_owned(), |requirement| requirement.to_string());
                write!(text, "{cell:>10}").expect("writing to a string cannot fail");
            }
        }
    }
    text + "\n\n"
}

/// Every rule book that comes with the program, from its own words: see `access/matrix.rs`.
#[test]
fn who_may_do_what_in_every_system() {
    thread::scope(|scope| {
        let tables: Vec<_> = RuleBookText::names_of_built_in()
            .map(|name| (name, scope.spawn(move || table_of(name))))
            .collect();
        for (name, table) in tables {
            insta::assert_snapshot!(name, table.join().expect("the table was made"));
        }
    });
}

fn table_of(name: &str) -> String {
    let text = RuleBookText::built_in(name).expect("it comes with the program");
    let rule_book = RuleBook::load(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Matrix::of(&rule_book).to_string()
}

#[test]
fn who_may_do_what() {
    let (about_cases, other): (Vec<_>, Vec<_>) = Action::ALL
        .iter()
        .copied()
        .partition(|action| action.group() != ActionGroup::Administer);
    let mut text = format!("{LEGEND}\n");
    text += &table("concerning no log", &[NoCase], &other);
    for (name, situation) in SITUATIONS {
        text += &table(name, situation, &about_cases);
    }
    insta::assert_snapshot!("kvam", text);
}
