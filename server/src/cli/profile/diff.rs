//! `caseledger profile diff`: whose access grows, whose shrinks, and what else changes.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::access::{
    Action, RuleBook,
    matrix::{Beyond, Change, Question, Situation, Space, changes},
};
use ledger_core::ids::Code;
use serde::Serialize;

use super::RuleBookSource;
use crate::cli::{Exit, output::OutputArgs, show};

/// Compare two rule books: whose access grows, whose shrinks
///
/// Every role is asked about every action in every status, with no consent, with each alone and with all. Ends with exit
/// code 0 if nobody's access changes, and with 7 if somebody's does.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  caseledger profile diff NAME rules/changed
  caseledger profile diff rules/of-last-year rules/of-this-year --json
NAME is a rule book that comes with the program.")]
pub(super) struct DiffArgs {
    /// The rule book as it was: a folder, or the name of one that comes with the program
    #[arg(value_name = "BEFORE")]
    before: RuleBookSource,
    /// The rule book as it is to be
    #[arg(value_name = "AFTER")]
    after: RuleBookSource,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    grows: Vec<Row>,
    shrinks: Vec<Row>,
    policies: words::Keys,
    profile: words::Keys,
}

/// What changes for some people in the same way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    who: Vec<String>,
    action: String,
    /// Sections, forms, and upon whom; empty where there is nothing to tell apart.
    of: Vec<String>,
    /// Statuses with the consents in force.
    situations: Vec<String>,
    /// The policies that say yes.
    allowed_by: Vec<String>,
    /// The policies that say no; empty where nothing allows it.
    refused_by: Vec<String>,
}

impl DiffArgs {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let (before, after) = (self.before.load()?, self.after.load()?);
        let shape = shape(&before, &after);
        let alike = shape.grows.is_empty() && shape.shrinks.is_empty();
        self.output.print(&shape, || text(&shape))?;
        Ok(if alike { Exit::Done } else { Exit::Differs })
    }
}

fn shape(before: &RuleBook, after: &RuleBook) -> Shape {
    let (grows, shrinks): (Vec<Change>, Vec<Change>) =
        changes(before, after).into_iter().partition(Change::grows);
    let space = Space::of([before, after]);
    Shape {
        grows: rows(&space, &grows),
        shrinks: rows(&space, &shrinks),
        policies: words::policies(before, after),
        profile: words::profile(before, after),
    }
}

/// What is alike stands in one row: first the situations of a cell, then the sections, then the people.
fn rows(space: &Space, changes: &[Change]) -> Vec<Row> {
    type Key = (String, Action, String, Vec<String>, Vec<String>);
    let mut situations: BTreeMap<Key, Vec<&Situation>> = BTreeMap::new();
    for change in changes {
        let (yes, no) = if change.grows() {
            (&change.after, &change.before)
        } else {
            (&change.before, &change.after)
        };
        let named = |ids: &[Code]| ids.iter().map(ToString::to_string).collect();
        let key = (
            change.person.to_string(),
            change.question.action,
            of(&change.question),
            named(&yes.policies),
            named(&no.policies),
        );
        situations.entry(key).or_default().push(&change.situation);
    }
    let mut sections: BTreeMap<
        (String, String, Vec<String>, Vec<String>, Vec<String>),
        Vec<String>,
    > = BTreeMap::new();
    for ((who, action, of, yes, no), situations) in situations {
        let key = (
            who,
            action.to_string(),
            told(space, action, &situations),
            yes,
            no,
        );
        sections.entry(key).or_default().push(of);
    }
    let mut people: BTreeMap<
        (String, Vec<String>, Vec<String>, Vec<String>, Vec<String>),
        Vec<String>,
    > = BTreeMap::new();
    for ((who, action, situations, yes, no), of) in sections {
        let of: Vec<String> = of.into_iter().filter(|one| !one.is_empty()).collect();
        people
            .entry((action, of, situations, yes, no))
            .or_default()
            .push(who);
    }
    let rows =
        people.into_iter().map(
            |((action, of, situations, allowed_by, refused_by), who)| Row {
                who,
                action,
                of,
                situations,
                allowed_by,
                refused_by,
            },
        );
    let mut rows: Vec<Row> = rows.collect();
    rows.sort();
    rows
}

/// What tells a question from others of its action.
fn of(question: &Question) -> String {
    let words = [&question.section, &question.form, &question.reason]
        .into_iter()
        .flatten();
    let mut parts: Vec<String> = words.map(ToString::to_string).collect();
    parts.extend(question.into.iter().map(|status| format!("into {status}")));
    for (so, told) in [
        (question.earlier, "of before it was reopened"),
        (question.in_round, "during a round"),
        (question.shares_data, "sharing data"),
        (question.upon_self, "upon themselves"),
        (question.appointable, "a role that theirs appoints"),
        (question.cleared, "cleared before"),
    ] {
        parts.extend(so.then(|| told.to_owned()));
    }
    parts.join(" ")
}

/// `active, closed (cooperation)`: statuses of which the same is so stand together. With every consent and without any is
/// not said; nor is how surely somebody is known, unless it is only that.
fn told(space: &Space, action: Action, situations: &[&Situation]) -> Vec<String> {
    let mut by_status: BTreeMap<Option<&Code>, BTreeSet<String>> = BTreeMap::new();
    for (status, here) in by(situations.iter().copied()) {
        let plain = here
            .iter()
            .filter(|so| so.beyond == Beyond::Nothing)
            .count();
        let all = space.situations(action);
        let all = all.filter(|so| so.status.as_ref() == status && so.beyond == Beyond::Nothing);
        let all = plain == all.count();
        let special = here.iter().filter(|so| match so.beyond {
            Beyond::Nothing => !all,
            _ => plain == 0 || !so.is_of_the_asker(),
        });
        by_status.insert(status, special.map(|so| special_case(so)).collect());
    }
    let mut alike: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
    for (status, special) in by_status {
        let status = status.map_or_else(|| "no case".to_owned(), ToString::to_string);
        alike.entry(special).or_default().push(status);
    }
    let lines = alike.into_iter().map(|(special, statuses)| {
        let statuses = statuses.join(", ");
        if special.is_empty() {
            return statuses;
        }
        let special: Vec<String> = special.into_iter().collect();
        format!("{statuses} ({})", special.join("; "))
    });
    lines.collect()
}

fn by<'a>(
    situations: impl Iterator<Item = &'a Situation>,
) -> BTreeMap<Option<&'a Code>, Vec<&'a Situation>> {
    let mut by_status: BTreeMap<Option<&Code>, Vec<&Situation>> = BTreeMap::new();
    for situation in situations {
        let status = situation.status.as_ref();
        by_status.entry(status).or_default().push(situation);
    }
    by_status
}

fn special_case(situation: &Situation) -> String {
    let consents = situation.consents.iter().map(|kind| kind.as_str());
    let consents: Vec<&str> = consents.collect();
    match &situation.beyond {
        Beyond::Nothing if consents.is_empty() => "no consent".to_owned(),
        Beyond::Nothing => consents.join(" and "),
        Beyond::ReceiverNotNamed => "no consent names the receiver".to_owned(),
        Beyond::ReceiverNotBound => "nothing binds the receiver to secrecy".to_owned(),
        Beyond::Held => "while held".to_owned(),
        Beyond::Erasing => "while it is erased".to_owned(),
        Beyond::Erased => "once erased".to_owned(),
        Beyond::SignedInAt(level) => {
            format!(
                "signed in at the level {}",
                format!("{level:?}").to_lowercase()
            )
        }
        Beyond::AccountClosed => "without an active account".to_owned(),
        Beyond::UnitWithout(kind) => format!("the unit without {kind}"),
        Beyond::ReceiverWithout(kind) => format!("the receiver without {kind}"),
    }
}

fn text(shape: &Shape) -> String {
    let mut parts = Vec::new();
    for (heading, rows) in [
        ("ACCESS GROWS", &shape.grows),
        ("ACCESS SHRINKS", &shape.shrinks),
    ] {
        if rows.is_empty() {
            continue;
        }
        let mut lines = vec![heading.to_owned()];
        let mut who: Option<&[String]> = None;
        for row in rows {
            if who != Some(row.who.as_slice()) {
                lines.push(show::wrapped(&row.who.join(", "), 2));
                who = Some(&row.who);
            }
            let of = match row.of.join(", ") {
                none if none.is_empty() => none,
                of => format!(": {of}"),
            };
            lines.push(show::wrapped(&format!("{}{of}", row.action), 4));
            lines.push(show::wrapped(
                &format!("in {}", row.situations.join(", ")),
                8,
            ));
            let because = match (row.allowed_by.join(", "), row.refused_by.join(", ")) {
                (yes, no) if no.is_empty() => {
                    format!("allowed by {yes}; otherwise nothing allows it")
                }
                (yes, no) if yes.is_empty() => format!("refused by {no}"),
                (yes, no) => format!("allowed by {yes}; otherwise refused by {no}"),
            };
            lines.push(show::wrapped(&because, 8));
        }
        parts.push(lines.join("\n"));
    }
    if parts.is_empty() {
        parts.push("Nobody's access changes.".to_owned());
    }
    for (heading, keys) in [("POLICIES", &shape.policies), ("PROFILE", &shape.profile)] {
        parts.extend(keys.text(heading));
    }
    parts.join("\n\n")
}
