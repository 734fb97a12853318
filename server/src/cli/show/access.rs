//! Who could see a case: each person, what they may see, and on which rules and events that rests.

use std::collections::BTreeMap;

use ledger_core::{
    access::Decision,
    ids::{CaseId, Position, TenantId},
    ledger::{Could, CouldHave, Ledger, LedgerError},
};
use serde::Serialize;

use super::{
    rules,
    text::{WIDTH, hanging, padded, words},
    views::Answer,
};

/// How wide the labels are.
const LABEL: usize = 11;

/// The answer as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CouldShape<'a> {
    case: CaseId,
    at: ledger_core::clock::Timestamp,
    people: &'a [Could],
    answer: Answer,
}

/// The answer as JSON.
pub(crate) fn could_shape(case: CaseId, could: &CouldHave) -> CouldShape<'_> {
    CouldShape {
        case,
        at: could.at,
        people: &could.people,
        answer: Answer::of(&could.answer, could.cited()),
    }
}

/// What kinds of events the decisions cite, so that they can be named. These are facts that the answer is about, and
/// the answer stands in the ledger already.
pub(crate) async fn cited_events(
    ledger: &Ledger,
    tenant: &TenantId,
    could: &CouldHave,
) -> Result<BTreeMap<Position, String>, LedgerError> {
    let positions = could
        .people
        .iter()
        .flat_map(|person| person.decision.citations.iter().copied());
    let mut positions: Vec<Position> = positions.collect();
    positions.sort_unstable();
    positions.dedup();
    let mut kinds = BTreeMap::new();
    for stored in ledger.store().read_at(tenant, &positions).await? {
        let recorded = stored.decode()?;
        kinds.insert(recorded.position, words(recorded.event.event_type()));
    }
    Ok(kinds)
}

/// The answer as text: those who could see something first.
pub(crate) fn could_text(could: &CouldHave, cited: &BTreeMap<Position, String>) -> String {
    let mut people: Vec<&Could> = could.people.iter().collect();
    people.sort_by_key(|person| (person.sections.is_empty(), who(person)));
    let people: Vec<String> = people.into_iter().map(|one| person(one, cited)).collect();
    if people.is_empty() {
        return "  nobody".to_owned();
    }
    people.join("\n\n")
}

pub(super) fn who(person: &Could) -> String {
    match (&person.name, person.party, person.account) {
        (Some(name), ..) => name.clone(),
        (None, Some(party), _) => format!("party {party}"),
        (None, None, Some(account)) => format!("account {account}"),
        (None, None, None) => "somebody whose name was erased".to_owned(),
    }
}

fn person(person: &Could, cited: &BTreeMap<Position, String>) -> String {
    let mut roles: Vec<String> = person
        .roles
        .iter()
        .map(|role| words(role.as_str()))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let roles = if roles.is_empty() {
        "no longer takes part".to_owned()
    } else {
        roles.join(", ")
    };
    let sections: Vec<&str> = person
        .sections
        .iter()
        .map(ledger_core::ids::Code::as_str)
        .collect();
    let sees = if sections.is_empty() {
        "nothing".to_owned()
    } else {
        sections.join(", ")
    };
    let mut lines = vec![
        format!("  {} · {roles}", who(person)),
        labelled("may see", &sees),
    ];
    // Only where it is less: of a case that was reopened.
    if let Some(earlier) = &person.earlier_sections
        && *earlier != person.sections
    {
        let earlier: Vec<&str> = earlier.iter().map(ledger_core::ids::Code::as_str).collect();
        let sees = if earlier.is_empty() {
            "nothing".to_owned()
        } else {
            earlier.join(", ")
        };
        lines.push(labelled("of earlier", &sees));
    }
    lines.extend(
        reasons(&person.decision)
            .iter()
            .map(|reason| labelled("because", reason)),
    );
    if !person.decision.citations.is_empty() {
        lines.push(labelled(
            "rests on",
            &citations(&person.decision.citations, cited),
        ));
    }
    lines.join("\n")
}

fn labelled(label: &str, text: &str) -> String {
    let text = hanging(text, LABEL + 4, WIDTH - LABEL - 4);
    format!("    {}{text}", padded(label, LABEL))
}

/// The rules that decided, each with its requirement.
pub(super) fn reasons(decision: &Decision) -> Vec<String> {
    if let Some(fault) = &decision.fault {
        return vec![fault.to_string()];
    }
    if decision.policies.is_empty() {
        let requirement = decision
            .requirement
            .map(|requirement| requirement.to_string());
        return vec![format!(
            "No rule lets them see anything of it. [{}]",
            requirement.unwrap_or_default()
        )];
    }
    decision
        .policies
        .iter()
        .map(|policy| {
            let sentence = rules::sentence(decision.profile, &policy.id)
                .unwrap_or_else(|| format!("The rule {}.", words(policy.id.as_str())));
            format!("{sentence} [{}, {}]", policy.requirement, policy.id)
        })
        .collect()
}

/// The cited events, those of one kind together: "party added 21, 24; consent given 27".
pub(super) fn citations(positions: &[Position], kinds: &BTreeMap<Position, String>) -> String {
    let mut by_kind: Vec<(&str, Vec<String>)> = Vec::new();
    for position in positions {
        let kind = kinds.get(position).map_or("event", String::as_str);
        match by_kind.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, positions)) => positions.push(position.to_string()),
            None => by_kind.push((kind, vec![position.to_string()])),
        }
    }
    let kinds = by_kind
        .iter()
        .map(|(kind, positions)| format!("{kind} {}", positions.join(", ")));
    kinds.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_of_one_kind_stand_together() {
        let kinds = BTreeMap::from([
            (Position(3), "party added".to_owned()),
            (Position(5), "consent given".to_owned()),
            (Position(8), "party added".to_owned()),
        ]);
        let positions = [Position(3), Position(5), Position(8)];
        assert_eq!(
            citations(&positions, &kinds),
            "party added 3, 8; consent given 5"
        );
    }
}
