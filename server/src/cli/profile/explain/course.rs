//! What happens on the way: rounds, exposure, messages, reasons, periods, ages and limits.

use std::collections::BTreeMap;

use ledger_core::{
    ids::Code,
    profile::{
        Ages, Baton, BreakGlassRule, Burst, ClosingReason, Effect, ExposureRule, Filed, Limits,
        NotificationKind, NotificationRule, Part, Processing, Reason, Reasons, Requirement,
        Retention, Rounds, UnusualReading,
    },
};

use super::say::{Say, because, line};

pub(super) fn rounds(say: &Say<'_>, rounds: &Rounds) -> String {
    let Rounds {
        guest_roles,
        days_max,
        invitation_days_max,
        requirement,
    } = rounds;
    let roles = say.listed("or", guest_roles, Say::role);
    let told = [
        ("rounds-guests", "roles", roles),
        ("rounds-days", "days", days_max.to_string()),
        ("rounds-invitation", "days", invitation_days_max.to_string()),
    ];
    let told = told.map(|(id, name, text)| sentence(say, id, &[(name, &text)], *requirement));
    say.section("rounds", &told)
}

pub(super) fn exposure(say: &Say<'_>, exposure: &ExposureRule) -> String {
    let ExposureRule {
        status,
        ended_by_status,
        requirement,
    } = exposure;
    let (status, ended) = (say.status(status), say.status(ended_by_status));
    let filled = [("status", status.as_str()), ("ended", ended.as_str())];
    let told = sentence(say, "exposure-told", &filled, *requirement);
    say.section("exposure", &[told])
}

pub(super) fn unusual_reading(say: &Say<'_>, rules: &UnusualReading) -> String {
    let UnusualReading {
        burst,
        outside_own_cases,
        days_after_contribution,
        requirement,
    } = rules;
    let mut told = Vec::new();
    if let Some(Burst { cases, minutes }) = burst {
        let (cases, minutes) = (cases.to_string(), minutes.to_string());
        let filled = [("cases", cases.as_str()), ("minutes", minutes.as_str())];
        told.push(sentence(say, "unusual-burst", &filled, *requirement));
    }
    if *outside_own_cases {
        told.push(sentence(say, "unusual-outside", &[], *requirement));
    }
    if let Some(days) = days_after_contribution {
        let days = days.to_string();
        told.push(sentence(
            say,
            "unusual-late",
            &[("days", &days)],
            *requirement,
        ));
    }
    say.section("unusual-reading", &told)
}

pub(super) fn notifications(
    say: &Say<'_>,
    rules: &BTreeMap<NotificationKind, NotificationRule>,
) -> String {
    let told = rules.values().map(|rule| {
        let NotificationRule {
            name,
            to,
            days_before,
            requirement,
        } = rule;
        let roles = say.listed("and", to, Say::role);
        let mut said = vec![say.filled("told-to", &[("roles", &roles)])];
        said.extend(
            days_before.map(|days| say.filled("days-before", &[("days", &days.to_string())])),
        );
        line(&say.name(name), &said, *requirement)
    });
    say.section("notifications", &told.collect::<Vec<_>>())
}

pub(super) fn effects(say: &Say<'_>, effects: &BTreeMap<Code, Effect>) -> String {
    let told = effects.values().map(|effect| {
        let Effect {
            name,
            wished_for,
            requirement,
        } = effect;
        let wished = if *wished_for {
            "wished-for"
        } else {
            "not-wished-for"
        };
        line(&say.name(name), &[say.message(wished)], *requirement)
    });
    say.section("effects", &told.collect::<Vec<_>>())
}

/// A part for each thing that reasons are given for.
pub(super) fn reasons(say: &Say<'_>, reasons: &Reasons) -> [String; 3] {
    let Reasons {
        closing,
        redaction,
        hold,
    } = reasons;
    let closing = closing.values().map(|reason| {
        let ClosingReason {
            name,
            agreed_by,
            agreed_by_services,
            requirement,
        } = reason;
        let mut said = Vec::new();
        if !agreed_by.is_empty() {
            let roles = say.listed("and", agreed_by, Say::role);
            said.push(say.filled("agreed-by", &[("roles", &roles)]));
        }
        said.extend(agreed_by_services.then(|| say.message("agreed-by-services")));
        line(&say.name(name), &said, *requirement)
    });
    let plain = |reasons: &BTreeMap<Code, Reason>| -> Vec<String> {
        let told = reasons.values().map(|reason| {
            let Reason { name, requirement } = reason;
            line(&say.name(name), &[], *requirement)
        });
        told.collect()
    };
    [
        say.section("closing", &closing.collect::<Vec<_>>()),
        say.section("redaction", &plain(redaction)),
        say.section("hold", &plain(hold)),
    ]
}

/// Everything that is counted: hours, days, years, characters.
pub(super) fn periods(
    say: &Say<'_>,
    (baton, glass): (Option<&Baton>, Option<&BreakGlassRule>),
    (retention, processing): (&Retention, Option<&Processing>),
    ages: &Ages,
    limits: &Limits,
) -> String {
    let mut told = Vec::new();
    if let Some(baton) = baton {
        let Baton {
            role,
            afterwards,
            requirement,
        } = baton;
        let (role, afterwards) = (say.role(role), say.role(afterwards));
        let filled = [("role", role.as_str()), ("afterwards", afterwards.as_str())];
        told.push(sentence(say, "baton", &filled, *requirement));
    }
    if let Some(glass) = glass {
        let BreakGlassRule {
            hours_max,
            requirement,
        } = glass;
        let filled = [("hours", &*hours_max.to_string())];
        told.push(sentence(say, "glass", &filled, *requirement));
    }
    let Retention {
        backups_kept_days,
        requirement: retention_requirement,
    } = retention;
    let Ages {
        young_person_consents_from_years,
        requirement: ages_requirement,
    } = ages;
    let Limits {
        note_characters_max,
        document_bytes_max,
        parties_max,
    } = limits;
    if let Some(processing) = processing {
        let Processing {
            activity,
            requirement,
        } = processing;
        told.push(sentence(
            say,
            "processing",
            &[("activity", activity)],
            *requirement,
        ));
    }
    for (id, name, number, requirement) in [
        (
            "backups",
            "days",
            backups_kept_days.to_string(),
            *retention_requirement,
        ),
        (
            "age",
            "years",
            young_person_consents_from_years.to_string(),
            *ages_requirement,
        ),
        (
            "limit-note",
            "characters",
            note_characters_max.to_string(),
            None,
        ),
        (
            "limit-document",
            "bytes",
            document_bytes_max.to_string(),
            None,
        ),
        ("limit-parties", "count", parties_max.to_string(), None),
    ] {
        told.push(sentence(say, id, &[(name, &number)], requirement));
    }
    say.section("periods", &told)
}

/// A part of a case.
pub(super) fn part(say: &Say<'_>, part: Part) -> String {
    say.message(match part {
        Part::Child => "part-child",
        Part::Parties => "part-parties",
        Part::Services => "part-services",
        Part::Consents => "part-consents",
        Part::Measures => "part-measures",
        Part::Meetings => "part-meetings",
        Part::Agreements => "part-agreements",
        Part::Referrals => "part-referrals",
        Part::Imported => "part-imported",
        Part::Course => "part-course",
        Part::Timeline => "part-timeline",
    })
}

/// What is filed under a section.
pub(super) fn filed(say: &Say<'_>, filed: Filed) -> String {
    say.message(match filed {
        Filed::Notes => "filed-notes",
        Filed::Documents => "filed-documents",
    })
}

fn sentence(
    say: &Say<'_>,
    id: &str,
    filled: &[(&'static str, &str)],
    requirement: Option<Requirement>,
) -> String {
    format!("{}{}", say.filled(id, filled), because(requirement))
}
