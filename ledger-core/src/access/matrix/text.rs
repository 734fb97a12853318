//! The table as text, in the codes of the rule book: action by action, what is alike told once.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    sync::Arc,
};

use super::{Beyond, Matrix, Person, Question, Situation, Space, Verdict};
use crate::{access::Action, ids::Code};

/// How to read it.
const LEGEND: &str = "\
Who may do what. `yes` names the policies that allow it, `no` the requirement that refuses it; whoever is not named is
refused as `no, everyone else` says. Somebody is a role and where it is held: in the tenant, in the unit that keeps the
case, in that unit and as a participant (unit+case), in the organisation that receives it, in one that the unit is part of
(parent), as a participant of another service (case), in the family.
`covered`: a consent names their service. `glass`: they have broken it. `of-age`: they consent on their own behalf.
A situation is a status with the consents in force: none, one alone, or all. Everybody has signed in as surely as can be,
with an active account, and every agreement is in force, where it does not say otherwise.
";

/// The answers to one question: in each situation, of each person.
type Answers<'a> = Vec<(&'a Situation, Cells<'a>)>;

type Cells<'a> = Vec<(&'a Person, Arc<Verdict>)>;

impl fmt::Display for Matrix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = Space::of([self.rule_book()]);
        f.write_str(LEGEND)?;
        for action in Action::ALL {
            let questions = space.questions().filter(|one| one.action == *action);
            // What is asked of several sections and answered alike stands once.
            let mut alike: Vec<(Answers<'_>, Vec<String>)> = Vec::new();
            for question in questions {
                let answers = self.answers(&space, question);
                match alike.iter_mut().find(|(known, _)| *known == answers) {
                    Some((_, asked)) => asked.push(variant(question)),
                    None => alike.push((answers, vec![variant(question)])),
                }
            }
            let all: Vec<&Situation> = self.told_of(&space, *action).collect();
            for (answers, asked) in alike {
                writeln!(f, "\n== {action}{}", about(&asked))?;
                write_answers(f, &all, answers)?;
            }
        }
        Ok(())
    }
}

impl Matrix<'_> {
    /// The situations that are told of. What is so of the asker is told once, where a case begins.
    fn told_of<'a>(
        &'a self,
        space: &'a Space,
        action: Action,
    ) -> impl Iterator<Item = &'a Situation> {
        let statuses = &self.rule_book().profile().statuses;
        let situations = space.situations(action);
        situations.filter(move |so| {
            let status = so.status.as_ref();
            let status = status.and_then(|status| statuses.get(status));
            let begins = status.is_none_or(|status| status.initial);
            begins || !so.is_of_the_asker()
        })
    }

    fn answers<'a>(&'a self, space: &'a Space, question: &Question) -> Answers<'a> {
        let answers = self.told_of(space, question.action).map(|situation| {
            let people = space.people(question.action, situation);
            let cells = people.map(|person| (person, self.cell(person, situation, question)));
            (situation, cells.collect())
        });
        answers.collect()
    }
}

fn write_answers(
    f: &mut fmt::Formatter<'_>,
    all: &[&Situation],
    answers: Answers<'_>,
) -> fmt::Result {
    let mut alike: Vec<(Cells<'_>, Vec<&Situation>)> = Vec::new();
    for (situation, cells) in answers {
        match alike.iter_mut().find(|(known, _)| *known == cells) {
            Some((_, situations)) => situations.push(situation),
            None => alike.push((cells, vec![situation])),
        }
    }
    for (cells, situations) in alike {
        writeln!(f, "  {}", named(all, &situations))?;
        let mut by_verdict: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
        for (person, verdict) in cells {
            let key = (!verdict.allowed, told(&verdict));
            by_verdict.entry(key).or_default().push(person.to_string());
        }
        let refused = by_verdict.iter().filter(|((refused, _), _)| *refused);
        let others = refused
            .max_by_key(|(_, people)| people.len())
            .map(|(key, _)| key.clone());
        for (key, people) in &by_verdict {
            if Some(key) != others.as_ref() {
                writeln!(f, "    {}: {}", key.1, people.join(", "))?;
            }
        }
        if let Some((_, told)) = others {
            writeln!(f, "    {told}: everyone else")?;
        }
    }
    Ok(())
}

fn told(verdict: &Verdict) -> String {
    let policies: Vec<&str> = verdict.policies.iter().map(Code::as_str).collect();
    match (verdict.allowed, verdict.requirement) {
        (true, _) => format!("yes ({})", policies.join(", ")),
        (false, Some(requirement)) if policies.is_empty() => format!("no {requirement}"),
        (false, Some(requirement)) => format!("no {requirement} ({})", policies.join(", ")),
        (false, None) => "no".to_owned(),
    }
}

/// What tells a question from others of its action.
fn variant(question: &Question) -> String {
    let flags = [
        (question.earlier, "of before it was reopened"),
        (question.in_round, "during a round"),
        (question.shares_data, "sharing data"),
        (question.upon_self, "upon themselves"),
        (question.appointable, "a role that theirs appoints"),
        (question.cleared, "cleared before"),
    ];
    let words = [&question.section, &question.form, &question.reason]
        .into_iter()
        .flatten();
    let into = question.into.iter().map(|status| format!("into {status}"));
    let words = words.map(|code| code.as_str().to_owned()).chain(into);
    let flags = flags.iter().filter(|(so, _)| *so);
    let said: Vec<String> = words
        .chain(flags.map(|(_, told)| (*told).to_owned()))
        .collect();
    said.join(" ")
}

fn about(variants: &[String]) -> String {
    let said: Vec<&str> = variants
        .iter()
        .map(|variant| if variant.is_empty() { "-" } else { variant })
        .collect();
    match said[..] {
        ["-"] => String::new(),
        _ => format!(": {}", said.join(", ")),
    }
}

/// `active (none, cooperation), closed`; a status alone stands for all that was asked of it.
fn named(all: &[&Situation], situations: &[&Situation]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = situations;
    while let [first, ..] = rest {
        let same = rest
            .iter()
            .take_while(|one| one.status == first.status)
            .count();
        let status = first
            .status
            .as_ref()
            .map_or("no case", |code| code.as_str());
        let of_status = all.iter().filter(|one| one.status == first.status);
        let mut part = status.to_owned();
        if same != of_status.count() {
            let told: Vec<String> = rest[..same].iter().map(|one| told_of(one)).collect();
            write!(part, " ({})", told.join(", ")).expect("writing to a string cannot fail");
        }
        parts.push(part);
        rest = &rest[same..];
    }
    parts.join("; ")
}

fn told_of(situation: &Situation) -> String {
    let consents = match situation.consents.len() {
        0 => "none".to_owned(),
        1 => situation.consents.iter().map(Code::as_str).collect(),
        _ => "all".to_owned(),
    };
    match &situation.beyond {
        Beyond::Nothing => consents,
        Beyond::UnitWithout(kind) => format!("unit without {kind}"),
        Beyond::ReceiverWithout(kind) => format!("receiver without {kind}"),
        Beyond::ReceiverNotNamed => "no consent names the receiver".to_owned(),
        Beyond::ReceiverNotBound => "receiver not bound".to_owned(),
        Beyond::Held => "held".to_owned(),
        Beyond::Erasing => "being erased".to_owned(),
        Beyond::Erased => "erased".to_owned(),
        Beyond::SignedInAt(level) => {
            format!("signed in at {}", format!("{level:?}").to_lowercase())
        }
        Beyond::AccountClosed => "account closed".to_owned(),
    }
}
