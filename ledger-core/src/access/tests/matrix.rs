//! The whole of Kvam's rules on one page: who, in which situation, may do what.
//!
//! A change of a rule shows in the snapshot, cell by cell. `yes` is allowed; anything else is the requirement that
//! refuses.

use std::fmt::Write as _;

use super::given::{Given, *};
use crate::access::{Action, Action::*, ActionGroup};

const PEOPLE: &[(&str, &[Given])] = &[
    ("nobody", &[]),
    ("admin", &[InTenant("administrator"), MayAppoint]),
    ("auditor", &[InTenant("auditor")]),
    ("archivist", &[InTenant("archivist")]),
    ("leader", &[InUnit("unit_leader"), MayAppoint]),
    ("employee", &[InUnit("professional")]),
    ("baton", &[InUnit("baton_holder"), Party("baton_holder")]),
    ("prof", &[InUnit("professional"), Party("professional")]),
    ("other", &[Party("professional")]),
    ("covered", &[Party("professional"), ServiceConsented]),
    ("guardian", &[Party("guardian")]),
    ("young", &[Party("young_person")]),
];

const LEGEND: &str = "\
nobody    signed in, no role, no participant
admin     municipal administrator, appointing a role that administrators may appoint
auditor   auditor
archivist archivist
leader    leader of the unit that keeps the log, appointing a role that leaders may appoint; no participant
employee  professional of that unit, no participant
baton     baton holder of the log
prof      participant, professional of the unit that keeps the log
other     participant, professional of another service
covered   the same, and a consent names their service
guardian  participant, guardian
young     participant, the young person

Everyone has signed in at the highest level, with an active account; otherwise V21 or X1 stands in every cell.
";

const SITUATIONS: &[(&str, &[Given])] = &[
    ("the log does not exist", &[NoCase]),
    ("active, no consent", &[]),
    ("active, consent to the log", &[Consent("establish_log")]),
    (
        "active, consent to the log and to cooperation",
        &[Consent("establish_log"), Consent("cooperation")],
    ),
    (
        "closed, consents in force",
        &[
            Status("closed"),
            Consent("establish_log"),
            Consent("cooperation"),
        ],
    ),
    ("closed, consents withdrawn", &[Status("closed")]),
    ("archived, consents withdrawn", &[Status("archived")]),
    ("being erased", &[Status("archived"), Erasing]),
    ("erased", &[Status("erased"), Erased]),
];

/// The sections that each way of reading is asked for.
fn sections(action: Action) -> &'static [&'static str] {
    match action {
        ViewCase => &["all", "basics"],
        ListCase => &["basics"],
        ViewTimeline => &["all", "timeline"],
        _ => &["all"],
    }
}

fn table(name: &str, situation: &[Given], actions: &[Action]) -> String {
    let mut text = format!("== {name} ==\n{:24}", "");
    for (person, _) in PEOPLE {
        write!(text, "{person:>10}").expect("writing to a string cannot fail");
    }
    for action in actions {
        for section in sections(*action) {
            let row = match sections(*action) {
                [_] => action.code().to_owned(),
                _ => format!("{action} {section}"),
            };
            write!(text, "\n{row:24}").expect("writing to a string cannot fail");
            for (_, facts) in PEOPLE {
                let facts = [situation, *facts, &[Asked(section)]].concat();
                let decision = given(facts).asks(*action).decision;
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
