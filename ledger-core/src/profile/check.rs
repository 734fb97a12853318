//! Whether the parts of `profile.toml` fit together.
//!
//! The rules arrive as plain values. To name a line, the text is read once more into a tree that knows where each
//! value stands, and the path of the offending value is followed in it.

mod handover;
mod notifications;
mod rounds;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use toml::de::{DeTable, DeValue};

use super::{
    Condition, CountsFrom, Language, Names, Part, Problem, Quorum, Requirement, RuleBookFile,
    Rules, Scope, Transition, line_at,
};
use crate::{
    access::{Action, ActionGroup},
    ids::Code,
};

/// Everything that is wrong, in the order of the lines.
pub(super) fn problems(rules: &Rules, text: &str) -> Vec<Problem> {
    let mut check = Check {
        rules,
        text,
        found: Vec::new(),
    };
    check.names();
    check.requirements();
    check.roles();
    check.statuses();
    check.transitions();
    check.consents();
    check.consent_details();
    check.closing();
    check.sections();
    check.handover_names();
    check.information();
    check.referrals();
    check.transmissions();
    check.baton();
    check.notifications();
    check.rounds();
    check.exposure();
    check.unusual_reading();
    check.processing();
    check.numbers();
    check.found.sort_by_key(|problem| problem.line);
    check.found
}

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

use Step::{Index, Key};

struct Check<'a> {
    rules: &'a Rules,
    text: &'a str,
    found: Vec<Problem>,
}

impl Check<'_> {
    fn report(&mut self, path: &[Step<'_>], message: String) {
        self.found.push(Problem {
            file: RuleBookFile::Profile,
            line: line_of(self.text, path),
            rule: Some(written(path)),
            message,
        });
    }

    /// Every name is given in the profile's own language, and in those that it promises; so is every sentence.
    fn names(&mut self) {
        let rules = self.rules;
        let ids: Vec<(String, &Names)> = rules
            .requirements
            .iter()
            .map(|(id, sentence)| (id.to_string(), &**sentence))
            .collect();
        for (id, sentence) in &ids {
            self.languages(&[Key("requirements"), Key(id)], "sentence", sentence);
        }
        let mut named: Vec<(Vec<Step<'_>>, &Names)> = Vec::new();
        for (code, term) in &rules.vocabulary {
            named.push((vec![Key("vocabulary"), Key(code.as_str())], &term.name));
        }
        for (code, role) in &rules.roles {
            named.push((vec![Key("roles"), Key(code.as_str())], &role.name));
        }
        for (code, status) in &rules.statuses {
            named.push((vec![Key("statuses"), Key(code.as_str())], &status.name));
        }
        for (index, consent) in rules.consents.iter().enumerate() {
            named.push((vec![Key("consents"), Index(index)], &consent.name));
        }
        for (code, section) in &rules.sections {
            named.push((vec![Key("sections"), Key(code.as_str())], &section.name));
        }
        for (code, reason) in &rules.reasons.closing {
            let path = vec![Key("reasons"), Key("closing"), Key(code.as_str())];
            named.push((path, &reason.name));
        }
        for (kind, reasons) in [
            ("redaction", &rules.reasons.redaction),
            ("hold", &rules.reasons.hold),
        ] {
            for (code, reason) in reasons {
                let path = vec![Key("reasons"), Key(kind), Key(code.as_str())];
                named.push((path, &reason.name));
            }
        }
        for (code, form) in &rules.consent_forms {
            named.push((vec![Key("consent_forms"), Key(code.as_str())], &form.name));
        }
        for (code, effect) in &rules.effects {
            named.push((vec![Key("effects"), Key(code.as_str())], &effect.name));
        }
        for (code, kind) in &rules.request_kinds {
            named.push((vec![Key("request_kinds"), Key(code.as_str())], &kind.name));
        }
        for (code, agreement) in &rules.agreements {
            named.push((vec![Key("agreements"), Key(code.as_str())], &agreement.name));
        }
        for (kind, rule) in &rules.notifications {
            named.push((vec![Key("notifications"), Key(kind.code())], &rule.name));
        }
        for (mut path, names) in named {
            path.push(Key("name"));
            self.languages(&path, "name", names);
        }
    }

    fn languages(&mut self, path: &[Step<'_>], what: &str, names: &Names) {
        let own = self.rules.language;
        let promised: BTreeSet<Language> =
            self.rules.languages.iter().copied().chain([own]).collect();
        for language in promised {
            if !names.contains_key(&language) {
                let code = language.code();
                let which = if language == own {
                    "the profile's language"
                } else {
                    "a language that the profile promises"
                };
                self.report(path, format!("no {what} in {which}; add {code} = \"…\""));
            }
        }
    }

    /// Every requirement that is cited has its sentence. A sentence that nothing cites does no harm.
    fn requirements(&mut self) {
        let text = self.text;
        let Ok(root) = DeTable::parse(text) else {
            return;
        };
        let mut cited = Vec::new();
        citations(root.get_ref(), &mut Vec::new(), &mut cited);
        for (path, id) in cited {
            if self.rules.sentence(id).is_none() {
                self.report(&path, undeclared_requirement(id));
            }
        }
    }

    fn roles(&mut self) {
        let rules = self.rules;
        for (code, role) in &rules.roles {
            let path = [Key("roles"), Key(code.as_str())];
            if role.scopes.is_empty() {
                self.report(
                    &[path[0], path[1], Key("scopes")],
                    "a role is held somewhere; give at least one of tenant, unit, case, family"
                        .to_owned(),
                );
            }
            for (index, appointed) in role.appoints.iter().enumerate() {
                let here = [path[0], path[1], Key("appoints"), Index(index)];
                match rules.roles.get(appointed) {
                    None => self.report(&here, undeclared("role", appointed, &rules.roles)),
                    Some(role) if role.scopes.iter().all(|scope| !held_by_appointment(*scope)) => {
                        self.report(
                            &here,
                            format!(
                                "nobody is appointed to {appointed}, which is held in a case alone; \
                                 the baton holder adds parties"
                            ),
                        );
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn statuses(&mut self) {
        let rules = self.rules;
        let initial: Vec<_> = rules
            .statuses
            .iter()
            .filter(|(_, status)| status.initial)
            .map(|(code, _)| code.as_str())
            .collect();
        match initial[..] {
            [_] => {}
            [] => self.report(
                &[Key("statuses")],
                "no status has initial = true; mark the one that a case is opened in".to_owned(),
            ),
            [_, second, ..] => self.report(
                &[Key("statuses"), Key(second), Key("initial")],
                format!("{} are all initial; leave one", initial.join(" and ")),
            ),
        }
        let reached: BTreeSet<&Code> = rules.transitions.iter().map(|step| &step.to).collect();
        for (code, status) in &rules.statuses {
            let path = [Key("statuses"), Key(code.as_str())];
            if code.as_str() == "none" {
                self.report(
                    &path,
                    "the word none is kept for a case that does not exist; choose another"
                        .to_owned(),
                );
            }
            if !initial.is_empty() && !status.begins() && !reached.contains(code) {
                self.report(
                    &path,
                    "no transition leads to this status; add one, or remove the status".to_owned(),
                );
            }
        }
    }

    fn transitions(&mut self) {
        let rules = self.rules;
        let mut seen = BTreeMap::new();
        for (index, step) in rules.transitions.iter().enumerate() {
            let path = [Key("transitions"), Index(index)];
            if !matches!(
                step.command.group(),
                ActionGroup::Write | ActionGroup::Enter | ActionGroup::Archive
            ) {
                self.report(
                    &[path[0], path[1], Key("command")],
                    format!("{} does not change a case; name a command", step.command),
                );
            }
            if !rules.statuses.contains_key(&step.to) {
                self.report(
                    &[path[0], path[1], Key("to")],
                    undeclared("status", &step.to, &rules.statuses),
                );
            }
            // Whoever changes the status by itself says to which.
            let chosen = (step.command == Action::ChangeStatus).then_some(&step.to);
            for (place, from) in step.from.iter().enumerate() {
                let here = [path[0], path[1], Key("from"), Index(place)];
                if !rules.statuses.contains_key(from) {
                    self.report(&here, undeclared("status", from, &rules.statuses));
                }
                if let Some(earlier) = seen.get(&(step.command, from, chosen)) {
                    self.report(
                        &here,
                        format!(
                            "{} from {from} leads somewhere in transitions[{earlier}] already, whatever \
                             is so; give that one a condition (`when`), or remove this one",
                            step.command
                        ),
                    );
                }
                if step.when.is_empty() {
                    seen.entry((step.command, from, chosen)).or_insert(index);
                }
            }
            self.condition(path, &step.when);
        }
    }

    /// The consents that a transition waits for exist, and so do the statuses that it looks back to.
    fn condition(&mut self, path: [Step<'_>; 2], condition: &Condition) {
        let rules = self.rules;
        if condition.since_reopening && !condition.measure_under_way {
            self.report(
                &[path[0], path[1], Key("when"), Key("since_reopening")],
                "says which measures count, but asks for none; add measure_under_way = true"
                    .to_owned(),
            );
        }
        let known: BTreeMap<Code, _> = rules
            .consents
            .iter()
            .map(|consent| (consent.kind.clone(), consent))
            .collect();
        let here = [path[0], path[1], Key("when"), Key("came_from")];
        let statuses = &rules.statuses;
        for status in &condition.came_from {
            if !statuses.contains_key(status) {
                self.report(&here, undeclared("status", status, statuses));
            }
        }
        for (key, kinds) in [
            ("consents", &condition.consents),
            ("consents_lost", &condition.consents_lost),
        ] {
            for kind in kinds.iter().filter(|kind| !known.contains_key(*kind)) {
                let here = [path[0], path[1], Key("when"), Key(key)];
                self.report(&here, undeclared("consent", kind, &known));
            }
        }
    }

    fn consents(&mut self) {
        let rules = self.rules;
        let mut seen = BTreeMap::new();
        for (index, consent) in rules.consents.iter().enumerate() {
            let path = [Key("consents"), Index(index)];
            if let Some(earlier) = seen.insert(&consent.kind, index) {
                self.report(
                    &[path[0], path[1], Key("kind")],
                    format!(
                        "{} is already declared in consents[{earlier}]",
                        consent.kind
                    ),
                );
            }
            if consent.given_by.is_empty() {
                self.report(
                    &[path[0], path[1], Key("given_by")],
                    "someone gives a consent; name at least one role".to_owned(),
                );
            }
            if consent.withdraw_by != Quorum::Any {
                self.report(
                    &[path[0], path[1], Key("withdraw_by")],
                    "withdrawing is as easy as giving (GDPR article 7(3)); give any".to_owned(),
                );
            }
            let listed = consent.given_by.iter().enumerate();
            let givers = listed.map(|(place, giver)| {
                (vec![path[0], path[1], Key("given_by"), Index(place)], giver)
            });
            let of_age = consent.given_of_age_by.iter();
            let givers = givers
                .chain(of_age.map(|giver| (vec![path[0], path[1], Key("given_of_age_by")], giver)));
            for (here, giver) in givers {
                match rules.roles.get(giver) {
                    None => self.report(&here, undeclared("role", giver, &rules.roles)),
                    Some(role) if !role.scopes.contains(&Scope::Family) => self.report(
                        &here,
                        format!(
                            "{giver} is not a role of the family; consent is theirs to give, \
                             or give the role the scope family"
                        ),
                    ),
                    Some(_) => {}
                }
            }
            if let (Some(recommended), Some(most)) = (
                consent.valid_for_months_recommended,
                consent.max_valid_months,
            ) && recommended > most
            {
                self.report(
                    &[path[0], path[1], Key("valid_for_months_recommended")],
                    format!("recommends {recommended} months, but at most {most} are allowed"),
                );
            }
        }
    }

    /// What a kind of consent says about its forms, its services and reopenings goes together.
    fn consent_details(&mut self) {
        let rules = self.rules;
        let reopens = |step: &Transition| step.command == Action::ReopenCase;
        for (index, consent) in rules.consents.iter().enumerate() {
            let path = [Key("consents"), Index(index)];
            if consent.forms.as_ref().is_some_and(BTreeSet::is_empty) {
                self.report(
                    &[path[0], path[1], Key("forms")],
                    "no form is accepted, so it cannot be given; name at least one, or leave the key out for all"
                        .to_owned(),
                );
            }
            for form in consent.forms.iter().flatten() {
                if !rules.consent_forms.contains_key(form) {
                    self.report(
                        &[path[0], path[1], Key("forms")],
                        undeclared("form of consent", form, &rules.consent_forms),
                    );
                }
            }
            if consent.one_service_each && !consent.names_services {
                self.report(
                    &[path[0], path[1], Key("one_service_each")],
                    "names one service each, but names no services; add names_services = true"
                        .to_owned(),
                );
            }
            if consent.counts_from == CountsFrom::Reopening
                && !rules.transitions.iter().any(reopens)
            {
                self.report(
                    &[path[0], path[1], Key("counts_from")],
                    "no transition reopens a case; add one for reopen_case, or leave the key out"
                        .to_owned(),
                );
            }
        }
    }

    /// Those who must have agreed to a closing are roles of people who take part.
    fn closing(&mut self) {
        let rules = self.rules;
        for (code, reason) in &rules.reasons.closing {
            let here = [
                Key("reasons"),
                Key("closing"),
                Key(code.as_str()),
                Key("agreed_by"),
            ];
            for agreeing in &reason.agreed_by {
                match rules.roles.get(agreeing) {
                    None => self.report(&here, undeclared("role", agreeing, &rules.roles)),
                    Some(role) if role.scopes.iter().all(|scope| held_by_appointment(*scope)) => {
                        self.report(
                            &here,
                            format!(
                                "nobody takes part in a case as {agreeing}; name a role with the scope case or family"
                            ),
                        );
                    }
                    Some(_) => {}
                }
            }
            if code.as_str() == "none" {
                self.report(
                    &here[..3],
                    "the word none is kept for where nothing is to be closed; choose another"
                        .to_owned(),
                );
            }
        }
    }

    fn sections(&mut self) {
        let rules = self.rules;
        if let Some(code) = rules.sections.keys().find(|code| code.as_str() == "all") {
            self.report(
                &[Key("sections"), Key(code.as_str())],
                "the word all is kept for the whole of a case; choose another".to_owned(),
            );
        }
        for part in Part::ALL {
            let mut held = rules
                .sections
                .iter()
                .filter(|(_, section)| section.holds.contains(part))
                .map(|(code, _)| code);
            let name = format!("{part:?}").to_lowercase();
            match (held.next(), held.next()) {
                (Some(_), None) => {}
                (None, _) if !part.is_used(rules) => {}
                (None, _) => self.report(
                    &[Key("sections")],
                    format!("no section holds {name}; add it to the `holds` of one"),
                ),
                (Some(_), Some(second)) => self.report(
                    &[Key("sections"), Key(second.as_str()), Key("holds")],
                    format!("{name} stands in another section already; leave it in one"),
                ),
            }
        }
        for (code, section) in &rules.sections {
            let path = [Key("sections"), Key(code.as_str())];
            if !section.holds.contains(&Part::Timeline) {
                continue;
            }
            // Its facts are shown to those who may see no text, such as auditors.
            if section.holds.len() > 1 {
                self.report(
                    &[path[0], path[1], Key("holds")],
                    "the timeline is facts alone; let what has texts stand in another section"
                        .to_owned(),
                );
            }
            if !section.takes.is_empty() {
                self.report(
                    &[path[0], path[1], Key("takes")],
                    "the timeline is facts alone; let notes and documents be filed elsewhere"
                        .to_owned(),
                );
            }
        }
        for (code, role) in &rules.roles {
            for section in role.sections.iter().flatten() {
                if !rules.sections.contains_key(section) {
                    self.report(
                        &[Key("roles"), Key(code.as_str()), Key("sections")],
                        undeclared("section", section, &rules.sections),
                    );
                }
            }
        }
    }

    /// The roles that a handover changes are roles of those who work with a case.
    fn baton(&mut self) {
        let rules = self.rules;
        let Some(baton) = &rules.baton else { return };
        for (key, role) in [("role", &baton.role), ("afterwards", &baton.afterwards)] {
            let here = [Key("baton"), Key(key)];
            match rules.roles.get(role) {
                None => self.report(&here, undeclared("role", role, &rules.roles)),
                Some(known) if !known.scopes.contains(&Scope::Case) => self.report(
                    &here,
                    format!(
                        "{role} is not a role of those who work with a case; give it the scope case"
                    ),
                ),
                Some(_) => {}
            }
        }
    }

    /// The entry in a register of processing activities is named by an absolute URI: whoever reads an exported record must
    /// find it from anywhere.
    fn processing(&mut self) {
        let Some(processing) = &self.rules.processing else {
            return;
        };
        let activity = processing.activity.as_str();
        let is_absolute = ["https://", "http://", "urn:"]
            .iter()
            .any(|scheme| activity.len() > scheme.len() && activity.starts_with(scheme));
        let is_plain = activity
            .chars()
            .all(|c| c.is_ascii_graphic() && !"<>\"{}|\\^`".contains(c));
        if !is_absolute || !is_plain {
            let message = "is no absolute URI; give the address of the entry, such as \"https://register.example/activities/7\"";
            self.report(&[Key("processing"), Key("activity")], message.to_owned());
        }
    }

    fn numbers(&mut self) {
        const AGE_MAX_YEARS: u32 = 18;
        let rules = self.rules;
        if !(1..=AGE_MAX_YEARS).contains(&rules.ages.young_person_consents_from_years) {
            self.report(
                &[Key("ages"), Key("young_person_consents_from_years")],
                format!("an age from 1 to {AGE_MAX_YEARS} is expected"),
            );
        }
        for (key, number) in [
            (
                "note_characters_max",
                u64::from(rules.limits.note_characters_max),
            ),
            ("document_bytes_max", rules.limits.document_bytes_max),
            ("parties_max", u64::from(rules.limits.parties_max)),
        ] {
            if number == 0 {
                self.report(
                    &[Key("limits"), Key(key)],
                    "a limit of 0 allows nothing; give at least 1".to_owned(),
                );
            }
        }
    }
}

/// Case and family roles are held by being added to a case, the others by an appointment.
const fn held_by_appointment(scope: Scope) -> bool {
    matches!(scope, Scope::Tenant | Scope::Unit)
}

fn undeclared<T>(kind: &str, code: &Code, declared: &BTreeMap<Code, T>) -> String {
    let known: Vec<_> = declared.keys().map(Code::as_str).collect();
    format!(
        "there is no {kind} {code}; declare it, or use one of {}",
        known.join(", ")
    )
}

/// What is wrong with the citation of a requirement that has no sentence.
pub(crate) fn undeclared_requirement(id: Requirement) -> String {
    format!(
        "{id} has no sentence; add {id} = {{ … }} to [requirements], or cite one that stands there"
    )
}

/// Every requirement that is cited, and where. All keys of this name cite one, wherever they stand.
fn citations<'a>(
    table: &'a DeTable<'_>,
    path: &mut Vec<Step<'a>>,
    cited: &mut Vec<(Vec<Step<'a>>, Requirement)>,
) {
    let asked_for = matches!(path[..], [Key("asked_for")]);
    for (key, value) in table {
        let key = key.get_ref().as_ref();
        let cites = asked_for || matches!(key, "requirement" | "default_requirement");
        path.push(Key(key));
        match value.get_ref() {
            DeValue::String(id) if cites => {
                cited.extend(id.parse().ok().map(|id| (path.clone(), id)));
            }
            DeValue::Table(inner) => citations(inner, path, cited),
            DeValue::Array(array) => {
                for (index, item) in array.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        path.push(Index(index));
                        citations(inner, path, cited);
                        path.pop();
                    }
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// `transitions[1].to`
fn written(path: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Key(key) if text.is_empty() => text.push_str(key),
            Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Index(index) => {
                write!(text, "[{index}]").expect("writing to a string cannot fail");
            }
        }
    }
    text
}

/// The line of the value at the end of the path, or of the last part of the path that exists.
fn line_of(text: &str, path: &[Step<'_>]) -> usize {
    let Ok(root) = DeTable::parse(text) else {
        return 1;
    };
    let mut offset = 0;
    let mut table = Some(root.get_ref());
    let mut array = None;
    for step in path {
        let next = match step {
            Key(key) => table.and_then(|table| {
                table
                    .iter()
                    .find(|(name, _)| name.get_ref().as_ref() == *key)
                    .map(|(name, value)| (name.span().start, value))
            }),
            Index(index) => array
                .and_then(|array: &toml::de::DeArray<'_>| array.get(*index))
                .map(|value| (value.span().start, value)),
        };
        let Some((start, value)) = next else { break };
        // The key of an array of tables is that of its first table; the tables know their own place.
        offset = start;
        table = value.get_ref().as_table();
        array = match value.get_ref() {
            DeValue::Array(array) => Some(array),
            _ => None,
        };
    }
    line_at(text, offset)
}
