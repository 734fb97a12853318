//! What stands in `profile.toml`: roles, statuses, consents, agreements, periods.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Code,
    profile::{Condition, ConsentRule, Names, Quorum, Reason, Requirement, Scope},
};

use super::say::{Say, because};

/// Everything but who may do what.
pub(super) fn text(say: &Say<'_>) -> String {
    let profile = say.profile;
    let level = format!("{:?}", profile.minimum_assurance).to_lowercase();
    let default = profile.refusal.default_requirement;
    let default = format!("{default}: {}", say.sentence(default));
    let mut parts = vec![
        say.heading(&format!("{} ({})", profile.title, profile.id)),
        say.item("", 0, &say.filled("minimum", &[("level", &level)])),
        say.item("", 0, &say.filled("else", &[("requirement", &default)])),
    ];
    parts.push(section(say, "roles", &roles(say)));
    let statuses = profile.statuses.values().map(|status| {
        let begins = if status.initial {
            format!(": {}", say.message("initial"))
        } else {
            String::new()
        };
        format!(
            "{}{begins}{}",
            say.name(&status.name),
            because(status.requirement)
        )
    });
    parts.push(section(say, "statuses", &statuses.collect::<Vec<_>>()));
    parts.push(section(say, "transitions", &transitions(say)));
    let consents = profile.consents.iter().map(|rule| consent(say, rule));
    parts.push(section(say, "consents", &consents.collect::<Vec<_>>()));
    let forms = profile.consent_forms.values();
    let forms = forms.map(|form| (&form.name, form.requirement));
    parts.push(section(say, "forms", &names(say, forms)));
    let agreements = profile.agreements.values();
    let agreements = agreements.map(|term| (&term.name, term.requirement));
    parts.push(section(say, "agreements", &names(say, agreements)));
    let sections = profile.sections.values();
    let sections = sections.map(|section| (&section.name, section.requirement));
    parts.push(section(say, "sections", &names(say, sections)));
    let reasons = &profile.reasons;
    let closing = reasons.closing.values();
    let closing = closing.map(|reason| (&reason.name, reason.requirement));
    parts.push(section(say, "closing", &names(say, closing)));
    for (id, reasons) in [("redaction", &reasons.redaction), ("hold", &reasons.hold)] {
        parts.push(section(say, id, &names(say, named_reasons(reasons))));
    }
    parts.push(section(say, "periods", &periods(say)));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// The sentences of all requirements.
pub(super) fn requirements(say: &Say<'_>) -> String {
    let lines = say.profile.requirements.iter();
    let lines = lines.map(|(id, names)| format!("{id}: {}", say.name(names)));
    section(say, "requirements", &lines.collect::<Vec<_>>())
}

fn section(say: &Say<'_>, id: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.iter().map(|line| say.item("• ", 2, line));
    let lines: Vec<String> = [say.heading(&say.message(id))]
        .into_iter()
        .chain(lines)
        .collect();
    lines.join("\n")
}

fn names<'a>(
    say: &Say<'_>,
    named: impl Iterator<Item = (&'a Names, Option<Requirement>)>,
) -> Vec<String> {
    named
        .map(|(names, requirement)| format!("{}{}", say.name(names), because(requirement)))
        .collect()
}

fn named_reasons(
    reasons: &BTreeMap<Code, Reason>,
) -> impl Iterator<Item = (&Names, Option<Requirement>)> {
    reasons
        .values()
        .map(|reason| (&reason.name, reason.requirement))
}

fn roles(say: &Say<'_>) -> Vec<String> {
    let told = say.profile.roles.values().map(|role| {
        let scopes = role.scopes.iter().map(|scope| {
            say.message(match scope {
                Scope::Tenant => "held-tenant",
                Scope::Unit => "held-unit",
                Scope::Case => "held-case",
                Scope::Family => "held-family",
            })
        });
        let mut said = vec![say.list("or", &scopes.collect::<Vec<_>>())];
        if !role.appoints.is_empty() {
            let roles: Vec<String> = role.appoints.iter().map(|code| say.role(code)).collect();
            said.push(say.filled("appoints", &[("roles", &say.list("or", &roles))]));
        }
        if let Some(sections) = &role.sections {
            let sections: Vec<String> = sections.iter().map(|code| say.section(code)).collect();
            said.push(say.filled("shown", &[("sections", &say.list("and", &sections))]));
        }
        if let Some(level) = role.assurance {
            let level = format!("{level:?}").to_lowercase();
            said.push(say.filled("assurance", &[("level", &level)]));
        }
        format!(
            "{}: {}{}",
            say.name(&role.name),
            said.join("; "),
            because(role.requirement)
        )
    });
    told.collect()
}

fn transitions(say: &Say<'_>) -> Vec<String> {
    let told = say.profile.transitions.iter().map(|step| {
        let from: Vec<String> = step.from.iter().map(|code| say.status(code)).collect();
        let step_told = say.filled(
            "transition",
            &[
                ("from", &say.list("or", &from)),
                ("to", &say.status(&step.to)),
                ("action", &say.action(step.command)),
            ],
        );
        let when = condition(say, &step.when);
        let when = if when.is_empty() {
            when
        } else {
            format!(", {when}")
        };
        format!("{step_told}{when}{}", because(step.requirement))
    });
    told.collect()
}

fn condition(say: &Say<'_>, condition: &Condition) -> String {
    let mut said = Vec::new();
    for (id, join, kinds) in [
        ("when-consents", "and", &condition.consents),
        ("when-lost", "or", &condition.consents_lost),
    ] {
        if !kinds.is_empty() {
            let kinds: Vec<String> = kinds.iter().map(|kind| say.consent(kind)).collect();
            said.push(say.filled(id, &[("consents", &say.list(join, &kinds))]));
        }
    }
    if condition.measure_under_way {
        said.push(say.message("when-measure"));
    }
    say.list("and", &said)
}

fn consent(say: &Say<'_>, rule: &ConsentRule) -> String {
    let roles: Vec<String> = rule.given_by.iter().map(|code| say.role(code)).collect();
    let by = match rule.consent_by {
        Quorum::All => "given-all",
        Quorum::Any => "given-any",
    };
    let mut said = vec![say.filled(by, &[("roles", &say.list("or", &roles))])];
    if let Some(role) = &rule.given_of_age_by {
        let years = say
            .profile
            .ages
            .young_person_consents_from_years
            .to_string();
        said.push(say.filled(
            "given-of-age",
            &[("years", &years), ("role", &say.role(role))],
        ));
    }
    said.push(say.message("withdrawn"));
    for (so, id) in [
        (rule.names_services, "names-services"),
        (rule.anew_at_transitions, "anew-transitions"),
        (rule.anew_after_change, "anew-change"),
    ] {
        said.extend(so.then(|| say.message(id)));
    }
    for (months, id) in [
        (rule.max_valid_months, "valid-most"),
        (rule.valid_for_months_recommended, "valid-recommended"),
    ] {
        said.extend(months.map(|months| say.filled(id, &[("months", &months.to_string())])));
    }
    format!(
        "{}: {}{}",
        say.name(&rule.name),
        said.join("; "),
        because(rule.requirement)
    )
}

fn periods(say: &Say<'_>) -> Vec<String> {
    let profile = say.profile;
    let mut said = Vec::new();
    if let Some(baton) = &profile.baton {
        let (role, afterwards) = (say.role(&baton.role), say.role(&baton.afterwards));
        let told = say.filled("baton", &[("role", &role), ("afterwards", &afterwards)]);
        said.push(format!("{told}{}", because(baton.requirement)));
    }
    if let Some(glass) = &profile.break_glass {
        let told = say.filled("glass", &[("hours", &glass.hours_max.to_string())]);
        said.push(format!("{told}{}", because(glass.requirement)));
    }
    let days = profile.retention.backups_kept_days.to_string();
    let told = say.filled("backups", &[("days", &days)]);
    said.push(format!("{told}{}", because(profile.retention.requirement)));
    if let Some(processing) = &profile.processing {
        let told = say.filled("processing", &[("activity", &processing.activity)]);
        said.push(format!("{told}{}", because(processing.requirement)));
    }
    said
}
