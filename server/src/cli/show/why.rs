//! Why something was allowed: the rules, the requirements, the events they looked at.

use std::collections::BTreeMap;

use ledger_core::{
    event::Envelope,
    ids::{CaseId, Code, Position},
    ledger::Explanation,
};
use serde::Serialize;

use super::{
    access::citations,
    rules,
    text::{moment, pairs, words, wrapped},
    views::{Answer, actor},
};

/// The answer as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhyShape<'a> {
    case: CaseId,
    event: EventShape<'a>,
    policies: Vec<PolicyShape<'a>>,
    cited: Vec<EventShape<'a>>,
    answer: Answer,
}

#[derive(Serialize)]
struct EventShape<'a> {
    position: Position,
    envelope: &'a Envelope,
}

#[derive(Serialize)]
struct PolicyShape<'a> {
    id: &'a Code,
    requirement: Option<&'a str>,
}

/// The answer as JSON.
pub(crate) fn why_shape(case: CaseId, why: &Explanation) -> WhyShape<'_> {
    let policies = why.policies.iter().map(|(id, requirement)| PolicyShape {
        id,
        requirement: requirement.as_deref(),
    });
    let cited = why.cited.iter().map(|event| EventShape {
        position: event.position,
        envelope: &event.envelope,
    });
    WhyShape {
        case,
        event: EventShape {
            position: why.event.position,
            envelope: &why.event.envelope,
        },
        policies: policies.collect(),
        cited: cited.collect(),
        answer: Answer::of(&why.answer, why.cited()),
    }
}

/// The answer as text.
pub(crate) fn why_text(why: &Explanation) -> String {
    let envelope = &why.event.envelope;
    let (who, role) = actor(&envelope.actor, None);
    let mut lines = vec![pairs(&[
        ("position", why.event.position.to_string()),
        ("what", words(envelope.event_type.as_str())),
        ("when", moment(envelope.recorded_at)),
        ("who", who),
        ("as", role),
        ("facts", envelope.facts.get().to_owned()),
    ])];
    let Some(basis) = &envelope.basis else {
        lines.push("It rests on no rule: it is the ledger's own, or records a refusal.".to_owned());
        return lines.join("\n");
    };
    lines.push(format!("Allowed by the rule book {}:", basis.profile));
    for (id, requirement) in &why.policies {
        let sentence = rules::sentence(basis.profile_digest, id)
            .unwrap_or_else(|| format!("The rule {}.", words(id.as_str())));
        let requirement = requirement.as_deref().unwrap_or("its text is not readable");
        lines.push(wrapped(&format!("{sentence} [{requirement}, {id}]"), 2));
    }
    let kinds: BTreeMap<Position, String> = why
        .cited
        .iter()
        .map(|event| (event.position, words(event.event.event_type())))
        .collect();
    lines.push("Resting on:".to_owned());
    lines.push(wrapped(&citations(&basis.cited, &kinds), 2));
    lines.join("\n")
}
