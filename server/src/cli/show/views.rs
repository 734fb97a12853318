//! Who actually saw a case: one line for each time.

use ledger_core::{
    clock::Timestamp,
    event::Actor,
    ids::{CaseId, Position},
    ledger::{Answered, ComputedAt, Saw, Seen},
    store::Appended,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::text::{moment, table, words};

/// The event that a reading left.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Noted {
    position: Position,
    recorded_at: Timestamp,
}

impl Noted {
    pub(super) fn of(appended: &Appended) -> Self {
        Self {
            position: appended.first,
            recorded_at: appended.recorded_at,
        }
    }
}

/// The event that an answer left, and what the answer rests on.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(flatten)]
    event: Noted,
    /// The ledger that the answer was computed over.
    over: ComputedAt,
    /// The events that it cites.
    cited: Vec<Position>,
}

impl Answer {
    pub(super) fn of(answered: &Answered, cited: Vec<Position>) -> Self {
        Self {
            event: Noted::of(&answered.event),
            over: answered.over,
            cited,
        }
    }
}

/// The answer as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SawShape<'a> {
    case: CaseId,
    views: &'a [Seen],
    answer: Answer,
}

/// The answer as JSON.
pub(crate) fn saw_shape(case: CaseId, saw: &Saw) -> SawShape<'_> {
    SawShape {
        case,
        views: &saw.views,
        answer: Answer::of(&saw.answer, saw.cited()),
    }
}

/// The answer as text.
pub(crate) fn saw_text(saw: &Saw) -> String {
    if saw.views.is_empty() {
        return "  nobody yet".to_owned();
    }
    let rows: Vec<_> = saw.views.iter().map(row).collect();
    table(&["POSITION", "WHEN", "WHO", "AS", "WHAT"], &rows)
}

fn row(seen: &Seen) -> Vec<String> {
    let (who, role) = actor(&seen.actor, seen.name.as_deref());
    vec![
        seen.position.to_string(),
        moment(seen.at),
        who,
        role,
        what(seen),
    ]
}

/// Name and role of whoever did it.
pub(super) fn actor(actor: &Actor, name: Option<&str>) -> (String, String) {
    match actor {
        Actor::Staff { account, role, .. } => (
            name.map_or_else(|| format!("account {account}"), str::to_owned),
            role.as_ref()
                .map_or_else(|| "-".to_owned(), |role| words(role.as_str())),
        ),
        Actor::Party { party, role, .. } => (
            name.map_or_else(|| format!("party {party}"), str::to_owned),
            words(role.as_str()),
        ),
        Actor::Operator => ("the operator".to_owned(), "-".to_owned()),
    }
}

pub(super) fn what(seen: &Seen) -> String {
    let facts = seen.facts.as_object();
    let saw = facts.and_then(|facts| in_words(seen.what.as_str(), facts));
    saw.unwrap_or_else(|| words(seen.what.as_str()))
}

/// What was shown, or asked; nothing for an event of another kind.
pub(super) fn in_words(what: &str, facts: &Map<String, Value>) -> Option<String> {
    let fact = |name: &str| facts.get(name);
    let code = |name: &str| fact(name).and_then(Value::as_str).unwrap_or_default();
    let sections = || {
        let sections = fact("sections").and_then(Value::as_array);
        let sections = sections.into_iter().flatten().filter_map(Value::as_str);
        sections.collect::<Vec<_>>().join(", ")
    };
    let saw = match what {
        "case_viewed" => format!("saw {}", sections()),
        "case_printed" => format!("printed {}", sections()),
        "case_watched" => "followed what happened".to_owned(),
        "case_listed" => "saw it in a list".to_owned(),
        "case_found" => format!("found it by {}", words(code("by"))),
        "timeline_viewed" if fact("withContent") == Some(&Value::Bool(true)) => {
            "read the timeline with its texts".to_owned()
        }
        "timeline_viewed" => "saw the timeline, facts alone".to_owned(),
        "document_downloaded" => "fetched a document".to_owned(),
        "case_exported" => format!("took it out as a {}", words(code("format"))),
        "log_exported" => format!("took its log out as {}", words(code("format"))),
        "invitation_address_opened" => {
            "opened a guest's address, to mail the invitation".to_owned()
        }
        "audit_answered" => question(code("question"), fact("atPosition"), fact("atTime")),
        "access_refused" => match fact("count").and_then(Value::as_u64) {
            Some(1) | None => format!("WAS REFUSED: {}", words(code("action"))),
            Some(count) => format!("WAS REFUSED {count} times: {}", words(code("action"))),
        },
        _ => return None,
    };
    Some(match fact("asOf") {
        Some(moment) => format!("{saw}, as it was{}", past(moment)),
        None => saw,
    })
}

/// The moment of the past that was shown.
fn past(moment: &Value) -> String {
    let parts = [
        ("atPosition", "known at position"),
        ("atTime", "known at"),
        ("validAt", "true at"),
    ];
    let said = parts.iter().filter_map(|(name, words)| {
        let value = moment.get(name)?;
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Some(format!(" {words} {value}"))
    });
    said.collect::<Vec<_>>().join(",")
}

fn question(question: &str, position: Option<&Value>, time: Option<&Value>) -> String {
    let asked = match question {
        "saw" => "asked who saw it",
        "could" => "asked who could have seen it",
        "intervals" => "asked since when and until when each could see it",
        "hindsight" => "asked who should not have seen it",
        "exposure" => "asked for how long it was exposed",
        "knew" => "asked what was known, and what was true",
        "changed" => "asked what changed",
        "emergencies" => "asked when the glass was broken",
        "person" => "asked what one person saw",
        "all_exposures" => "asked for how long it was exposed, in all cases",
        "all_emergencies" => "asked when the glass was broken, in all cases",
        "unusual" => "asked what reading was unusual",
        "own" => "asked who saw their own case",
        _ => "asked why",
    };
    match (position, time) {
        (Some(position), _) => format!("{asked}, position {position}"),
        (None, Some(Value::String(time))) => format!("{asked}, as of {time}"),
        _ => asked.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_that_was_shown_is_said() {
        let moment = serde_json::json!({ "atPosition": 57, "validAt": "2026-03-01T00:00:00Z" });
        assert_eq!(
            past(&moment),
            " known at position 57, true at 2026-03-01T00:00:00Z"
        );
    }
}
