//! What stands in `profile.toml`, key by key: the frame, roles and statuses here, the rest in files of its own.
//!
//! **Invariant: nothing is left out.** What is told is taken apart without `..`, so a key that comes to be and is told
//! nowhere does not compile.

use ledger_core::profile::{Condition, Role, Rules, Scope, Section, Status, Term, Transition};

use super::{
    agreements, asked_for, consents, course, handover,
    say::{Say, line},
};

/// Everything but who may do what, and the sentences of the requirements.
pub(super) fn text(say: &Say<'_>) -> String {
    let rules: &Rules = say.profile;
    let Rules {
        id,
        title,
        language,
        languages,
        time_zone,
        minimum_assurance,
        refusal,
        // Told at the end, after who may do what: see `requirements`.
        requirements: _,
        asked_for,
        vocabulary,
        roles,
        statuses,
        transitions,
        consents,
        sections,
        consent_forms,
        effects,
        agreements,
        information,
        referrals,
        transmissions,
        request_kinds,
        baton,
        break_glass,
        notifications,
        rounds,
        exposure,
        unusual_reading,
        reasons,
        retention,
        processing,
        ages,
        limits,
    } = rules;
    let mut known = vec![*language];
    known.extend(languages.iter().filter(|other| *other != language));
    let known: Vec<String> = known.into_iter().map(|one| say.language(one)).collect();
    let ledger_core::profile::Refusal {
        default_requirement,
    } = refusal;
    let default = format!(
        "{default_requirement}: {}",
        say.sentence(*default_requirement)
    );
    let frame = [
        ("languages", "languages", say.list("and", &known)),
        ("time-zone", "zone", time_zone.to_string()),
        ("minimum", "level", say.level(*minimum_assurance)),
        ("else", "requirement", default),
    ];
    let mut parts = vec![say.heading(&format!("{title} ({id})"))];
    let frame = frame.iter().map(|(message, variable, text)| {
        say.item("", 0, &say.filled(message, &[(variable, text.as_str())]))
    });
    parts.push(frame.collect::<Vec<_>>().join("\n"));
    let terms = vocabulary.iter().map(|(code, term)| {
        let Term { name, requirement } = term;
        line(&say.code("term", code), &[say.name(name)], *requirement)
    });
    parts.push(say.section("vocabulary", &terms.collect::<Vec<_>>()));
    parts.push(named_terms(say, "request-kinds", request_kinds.values()));
    let told = roles.values().map(|one| role(say, one));
    parts.push(say.section("roles", &told.collect::<Vec<_>>()));
    let told = statuses.values().map(|one| status(say, one));
    parts.push(say.section("statuses", &told.collect::<Vec<_>>()));
    let told = transitions.iter().map(|step| transition(say, step));
    parts.push(say.section("transitions", &told.collect::<Vec<_>>()));
    parts.push(consents::text(say, consents));
    parts.push(consents::forms(say, consent_forms));
    parts.push(named_terms(say, "information", information.values()));
    parts.push(agreements::text(say, agreements));
    parts.push(handover::referrals(say, referrals));
    parts.extend(transmissions.iter().map(|one| handover::text(say, one)));
    parts.extend(rounds.iter().map(|one| course::rounds(say, one)));
    parts.extend(exposure.iter().map(|one| course::exposure(say, one)));
    let unusual = unusual_reading.iter();
    parts.extend(unusual.map(|one| course::unusual_reading(say, one)));
    parts.push(course::notifications(say, notifications));
    let told = sections.values().map(|one| section(say, one));
    parts.push(say.section("sections", &told.collect::<Vec<_>>()));
    parts.push(course::effects(say, effects));
    parts.extend(course::reasons(say, reasons));
    let handed_on = (baton.as_ref(), break_glass.as_ref());
    let kept = (retention, processing.as_ref());
    parts.push(course::periods(say, handed_on, kept, ages, limits));
    parts.push(asked_for::text(say, asked_for));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The sentences of all requirements.
pub(super) fn requirements(say: &Say<'_>) -> String {
    let lines = say.profile.requirements.iter();
    let lines = lines.map(|(id, names)| format!("{id}: {}", say.name(names)));
    say.section("requirements", &lines.collect::<Vec<_>>())
}

/// What has a name and nothing else.
fn named_terms<'a>(say: &Say<'_>, id: &str, terms: impl Iterator<Item = &'a Term>) -> String {
    let told = terms.map(|term| {
        let Term { name, requirement } = term;
        line(&say.name(name), &[], *requirement)
    });
    say.section(id, &told.collect::<Vec<_>>())
}

fn role(say: &Say<'_>, role: &Role) -> String {
    let Role {
        name,
        scopes,
        appoints,
        sections,
        bound_by_secrecy,
        assurance,
        requirement,
    } = role;
    let scopes = scopes.iter().map(|scope| {
        say.message(match scope {
            Scope::Tenant => "held-tenant",
            Scope::Unit => "held-unit",
            Scope::Case => "held-case",
            Scope::Family => "held-family",
        })
    });
    let mut said = vec![say.list("or", &scopes.collect::<Vec<_>>())];
    if !appoints.is_empty() {
        let roles = say.listed("or", appoints, Say::role);
        said.push(say.filled("appoints", &[("roles", &roles)]));
    }
    if let Some(sections) = sections {
        let sections = say.listed("and", sections, Say::section_name);
        said.push(say.filled("shown", &[("sections", &sections)]));
    }
    said.extend(bound_by_secrecy.then(|| say.message("bound-by-secrecy")));
    if let Some(level) = assurance {
        said.push(say.filled("assurance", &[("level", &say.level(*level))]));
    }
    line(&say.name(name), &said, *requirement)
}

fn status(say: &Say<'_>, status: &Status) -> String {
    let Status {
        name,
        initial,
        may_begin,
        requirement,
    } = status;
    let mut said = Vec::new();
    for (so, id) in [(*initial, "initial"), (*may_begin, "may-begin")] {
        said.extend(so.then(|| say.message(id)));
    }
    line(&say.name(name), &said, *requirement)
}

fn transition(say: &Say<'_>, step: &Transition) -> String {
    let Transition {
        command,
        from,
        to,
        when,
        requirement,
    } = step;
    let told = say.filled(
        "transition",
        &[
            ("from", &say.listed("or", from, Say::status)),
            ("to", &say.status(to)),
            ("action", &say.action(*command)),
        ],
    );
    let when = condition(say, when);
    let told = if when.is_empty() {
        told
    } else {
        format!("{told}, {when}")
    };
    line(&told, &[], *requirement)
}

fn condition(say: &Say<'_>, condition: &Condition) -> String {
    let Condition {
        consents,
        consents_lost,
        measure_under_way,
        since_reopening,
        came_from,
    } = condition;
    let mut said = Vec::new();
    for (id, join, kinds) in [
        ("when-consents", "and", consents),
        ("when-lost", "or", consents_lost),
    ] {
        if !kinds.is_empty() {
            let kinds = say.listed(join, kinds, Say::consent);
            said.push(say.filled(id, &[("consents", &kinds)]));
        }
    }
    for (so, id) in [
        (*measure_under_way, "when-measure"),
        (*since_reopening, "when-since"),
    ] {
        said.extend(so.then(|| say.message(id)));
    }
    if !came_from.is_empty() {
        let statuses = say.listed("or", came_from, Say::status);
        said.push(say.filled("when-came-from", &[("statuses", &statuses)]));
    }
    say.list("and", &said)
}

fn section(say: &Say<'_>, section: &Section) -> String {
    let Section {
        name,
        holds,
        takes,
        requirement,
    } = section;
    let mut said = Vec::new();
    for (id, words) in [
        (
            "holds",
            holds
                .iter()
                .map(|part| course::part(say, *part))
                .collect::<Vec<_>>(),
        ),
        (
            "takes",
            takes
                .iter()
                .map(|filed| course::filed(say, *filed))
                .collect(),
        ),
    ] {
        if !words.is_empty() {
            let variable = if id == "holds" { "parts" } else { "filed" };
            said.push(say.filled(id, &[(variable, &say.list("and", &words))]));
        }
    }
    line(&say.name(name), &said, *requirement)
}
