//! What stands in `access.cedar`, as it comes out: for each role what it may do, in which status and with which consent,
//! and what it may not, with the sentence that refuses it.

use std::collections::{BTreeMap, BTreeSet};

use ledger_core::{
    access::{
        Action,
        matrix::{Besides, Beyond, Matrix, Person, Question, Situation, Space, Standing},
    },
    ids::Code,
    profile::{Requirement, Status},
};

use super::say::Say;

/// Where something may be done: the statuses (none = no case), each group with the smallest sets of consents that it
/// takes.
type Where = Vec<(BTreeSet<Vec<Code>>, Vec<Option<Code>>)>;

/// What a person may and may not.
#[derive(PartialEq, Eq)]
struct Told<'a> {
    may: BTreeMap<Where, Vec<&'a Question>>,
    /// By the requirement that refuses it; what no rule allows is not told of.
    may_not: BTreeMap<Requirement, Vec<&'a Question>>,
}

/// Person by person. Whoever is told apart from another but may the same is left out.
pub(super) fn text(say: &Say<'_>, matrix: &Matrix<'_>) -> String {
    let space = Space::of([matrix.rule_book()]);
    let mut parts = vec![say.heading(&say.message("people"))];
    let mut plain: Option<Told<'_>> = None;
    for person in people(&space) {
        let told = Told::of(say, matrix, &space, &person);
        if person.besides == Besides::Nothing {
            parts.push(told.text(say, &space, &person));
            plain = Some(told);
        } else if plain.as_ref() != Some(&told) {
            parts.push(told.text(say, &space, &person));
        }
    }
    parts.join("\n\n")
}

/// Who may open a case, by the status that is asked for.
pub(super) fn begins(say: &Say<'_>, matrix: &Matrix<'_>) -> String {
    let space = Space::of([matrix.rule_book()]);
    let situations: Vec<&Situation> = space
        .situations(Action::OpenCase)
        .filter(|so| so.beyond == Beyond::Nothing && so.status.is_none())
        .collect();
    let people = people(&space);
    let mut told = Vec::new();
    let asked = space.questions().filter(|one| can_be(say, one));
    for question in asked.filter(|one| one.action == Action::OpenCase) {
        // Nobody takes part in a case that is not there yet.
        let may = people.iter().filter(|person| {
            person.besides == Besides::Nothing
                && person.standing.role_in_case().is_none()
                && !places(matrix, person, question, &situations).is_empty()
        });
        let may = may.map(|person| match &person.standing {
            Standing::Unit(role) => say.filled("begins-unit", &[("role", &say.role(role))]),
            _ => name(say, person),
        });
        let may: Vec<String> = may.collect();
        if may.is_empty() {
            continue;
        }
        let (id, status) = match &question.into {
            Some(status) => ("begins-asked", status),
            None => ("begins-by-itself", say.profile.initial_status()),
        };
        let (status, people) = (say.status(status), say.list("or", &may));
        let filled = [("status", status.as_str()), ("people", people.as_str())];
        told.push(say.filled(id, &filled));
    }
    say.section("begin", &told)
}

/// Whether it can be asked for at all: no case is opened in a status in which none begins.
fn can_be(say: &Say<'_>, question: &Question) -> bool {
    let status = question.into.as_ref();
    let status = status.and_then(|status| say.profile.statuses.get(status));
    question.action != Action::OpenCase || status.is_none_or(Status::begins)
}

/// Everybody whom any action tells apart.
fn people(space: &Space) -> BTreeSet<Person> {
    let mut people = BTreeSet::new();
    for action in Action::ALL {
        for situation in space.situations(*action) {
            people.extend(space.people(*action, situation).cloned());
        }
    }
    people
}

impl<'a> Told<'a> {
    fn of(say: &Say<'_>, matrix: &Matrix<'_>, space: &'a Space, person: &Person) -> Self {
        let (mut may, mut may_not) = (BTreeMap::new(), BTreeMap::new());
        for question in space.questions().filter(|one| can_be(say, one)) {
            let situations = space.situations(question.action);
            let situations: Vec<&Situation> = situations
                .filter(|so| so.beyond == Beyond::Nothing)
                .filter(|so| so.status.is_some() || person.standing.role_in_case().is_none())
                .collect();
            let places = places(matrix, person, question, &situations);
            if !places.is_empty() {
                may.entry(places).or_insert_with(Vec::new).push(question);
            } else if let Some(requirement) = refusal(matrix, space, person, question, &situations)
            {
                may_not
                    .entry(requirement)
                    .or_insert_with(Vec::new)
                    .push(question);
            }
        }
        Self { may, may_not }
    }

    fn text(&self, say: &Say<'_>, space: &Space, person: &Person) -> String {
        let mut lines = vec![say.item("■ ", 0, &name(say, person))];
        for (places, questions) in &self.may {
            let head = format!("{} {}:", say.message("may"), told(say, places));
            lines.push(say.item("", 2, &head));
            lines.push(say.item("", 6, &asked(say, space, questions)));
        }
        for (id, questions) in &self.may_not {
            let sentence = say.sentence(*id);
            let head = format!("{} [{id}: {sentence}]:", say.message("may-not"));
            lines.push(say.item("", 2, &head));
            lines.push(say.item("", 6, &asked(say, space, questions)));
        }
        let default = say.profile.refusal.default_requirement.to_string();
        let rest = say.filled("nothing-else", &[("requirement", &default)]);
        lines.push(say.item("", 2, &rest));
        lines.join("\n")
    }
}

/// Where a person may do something.
fn places(
    matrix: &Matrix<'_>,
    person: &Person,
    question: &Question,
    situations: &[&Situation],
) -> Where {
    let mut allowed: BTreeMap<Option<Code>, Vec<&BTreeSet<Code>>> = BTreeMap::new();
    for situation in situations {
        if matrix.cell(person, situation, question).allowed {
            let sets = allowed.entry(situation.status.clone()).or_default();
            sets.push(&situation.consents);
        }
    }
    let mut places: BTreeMap<BTreeSet<Vec<Code>>, Vec<Option<Code>>> = BTreeMap::new();
    for (status, sets) in allowed {
        let smallest = sets.iter().filter(|set| {
            let smaller =
                |other: &&&BTreeSet<Code>| other.len() < set.len() && other.is_subset(set);
            sets.iter().find(smaller).is_none()
        });
        let smallest = smallest.map(|set| set.iter().cloned().collect());
        places.entry(smallest.collect()).or_default().push(status);
    }
    places.into_iter().collect()
}

/// The requirement of the rule that refuses it, named most often where somebody else may: elsewhere the status refuses
/// it. None where no rule refuses it, and none allows it either.
fn refusal(
    matrix: &Matrix<'_>,
    space: &Space,
    person: &Person,
    question: &Question,
    situations: &[&Situation],
) -> Option<Requirement> {
    let mut named: BTreeMap<Requirement, usize> = BTreeMap::new();
    for situation in situations {
        let cell = matrix.cell(person, situation, question);
        let mut others = space.people(question.action, situation);
        if !cell.policies.is_empty()
            && others.any(|other| matrix.cell(other, situation, question).allowed)
        {
            let requirement = cell.requirement?;
            *named.entry(requirement).or_default() += 1;
        }
    }
    let most = named.into_iter().max_by_key(|(_, times)| *times);
    most.map(|(requirement, _)| requirement)
}

fn name(say: &Say<'_>, person: &Person) -> String {
    let id = match &person.standing {
        Standing::Nobody => "person-nobody",
        Standing::Tenant(_) => "person-tenant",
        Standing::Unit(_) => "person-unit",
        Standing::UnitAndCase(_) => "person-unit-case",
        Standing::Receiver(_) => "person-receiver",
        Standing::Parent(_) => "person-parent",
        Standing::Case(_) => "person-case",
        Standing::Family(_) => "person-family",
    };
    let role = person.standing.role().map(|role| say.role(role));
    let variables = role.as_ref().map(|role| ("role", role.as_str()));
    let name = say.filled(id, variables.as_slice());
    let besides = match person.besides {
        Besides::Nothing => return name,
        Besides::ServiceCovered => "besides-covered",
        Besides::GlassBroken => "besides-glass",
        Besides::OfAge => "besides-of-age",
    };
    format!("{name}; {}", say.message(besides))
}

fn told(say: &Say<'_>, places: &Where) -> String {
    let count = say.profile.statuses.len();
    let told = places.iter().map(|(consents, statuses)| {
        let known: Vec<String> = statuses
            .iter()
            .flatten()
            .map(|one| say.status(one))
            .collect();
        let mut said = Vec::new();
        if known.len() == count {
            said.push(say.message("always"));
        } else if !known.is_empty() {
            said.push(say.filled("in", &[("statuses", &say.list("or", &known))]));
        }
        if known.len() < statuses.len() && known.len() < count {
            said.push(say.message("no-case"));
        }
        let place = said.join(", ");
        if consents.contains(&Vec::new()) {
            return place;
        }
        let sets = consents.iter().map(|set| {
            let kinds: Vec<String> = set.iter().map(|kind| say.consent(kind)).collect();
            say.list("and", &kinds)
        });
        let sets = say.list("or", &sets.collect::<Vec<_>>());
        format!("{place}, {}", say.filled("with", &[("consents", &sets)]))
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The actions, each once with what is told apart of it, unless it is all that there is.
fn asked(say: &Say<'_>, space: &Space, questions: &[&Question]) -> String {
    let mut by_action: Vec<(Action, Vec<String>)> = Vec::new();
    for question in questions {
        let variant = variant(say, question);
        match by_action.last_mut() {
            Some((action, variants)) if *action == question.action => variants.push(variant),
            _ => by_action.push((question.action, vec![variant])),
        }
    }
    let told = by_action.into_iter().map(|(action, variants)| {
        let all = space
            .questions()
            .filter(|one| one.action == action && can_be(say, one));
        let whole = variants.len() == all.count();
        if whole || variants.iter().any(String::is_empty) {
            say.action(action)
        } else {
            format!("{} ({})", say.action(action), variants.join(", "))
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

fn variant(say: &Say<'_>, question: &Question) -> String {
    let mut said = Vec::new();
    said.extend(question.section.iter().map(|code| say.section_name(code)));
    if let Some(form) = &question.form {
        said.push(say.filled("variant-form", &[("form", &say.form(form))]));
    }
    if let Some(status) = &question.into {
        said.push(say.filled("variant-into", &[("status", &say.status(status))]));
    }
    if let Some(reason) = &question.reason {
        said.push(say.filled("variant-reason", &[("reason", &say.closing_reason(reason))]));
    }
    for (so, id) in [
        (question.earlier, "variant-earlier"),
        (question.in_round, "variant-in-round"),
        (question.shares_data, "variant-shares-data"),
        (question.upon_self, "variant-self"),
        (question.appointable, "variant-appointable"),
        (question.cleared, "variant-cleared"),
    ] {
        said.extend(so.then(|| say.message(id)));
    }
    said.join(" ")
}
