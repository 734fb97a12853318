//! What goes out of a case of our own: its facts, under the keys of the standard's extensions where they have one.

use chrono::SecondsFormat;
use ledger_core::{
    clock::Timestamp,
    event::Actor,
    events::{LogAttributeContent, LogAttributeKind},
    ledger::CaseLog,
    store::Recorded,
};
use serde_json::{Map, Value};

/// What something is called (Concept extension).
pub(super) const NAME: &str = "concept:name";

fn attribute(kind: LogAttributeKind, key: &str, value: impl Into<String>) -> LogAttributeContent {
    LogAttributeContent {
        kind,
        key: key.to_owned(),
        value: value.into(),
        attributes: Vec::new(),
        values: None,
    }
}

fn string(key: &str, value: &(impl ToString + ?Sized)) -> LogAttributeContent {
    attribute(LogAttributeKind::String, key, value.to_string())
}

fn date(key: &str, at: Timestamp) -> LogAttributeContent {
    let written = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    attribute(LogAttributeKind::Date, key, written)
}

/// What every trace and every event has, with what it would be if nothing were said.
pub(super) fn globals() -> [(&'static str, Vec<LogAttributeContent>); 2] {
    [
        ("trace", vec![string(NAME, "UNKNOWN")]),
        (
            "event",
            vec![
                string(NAME, "UNKNOWN"),
                string("lifecycle:transition", "complete"),
                attribute(
                    LogAttributeKind::Date,
                    "time:timestamp",
                    "1970-01-01T00:00:00Z",
                ),
            ],
        ),
    ]
}

/// The case by its id, its system and the unit that is responsible.
pub(super) fn of_case(log: &CaseLog) -> Vec<LogAttributeContent> {
    let mut attributes = vec![string(NAME, &log.case)];
    if let Some(opened) = &log.state.state.opened {
        attributes.push(string("caseledger:profile", &opened.profile));
        attributes.push(string("org:group", &opened.unit));
    }
    attributes
}

/// One event: what, when, who, in which role and for whom; its position, and its facts below one attribute.
pub(super) fn of_event(event: &Recorded) -> Vec<LogAttributeContent> {
    let envelope = &event.envelope;
    let mut attributes = vec![
        string(NAME, &envelope.event_type),
        string("lifecycle:transition", "complete"),
        date("time:timestamp", envelope.occurred_at()),
    ];
    match &envelope.actor {
        Actor::Staff {
            account,
            role,
            organisation,
            ..
        } => {
            attributes.push(string("org:resource", account));
            attributes.extend(role.as_ref().map(|role| string("org:role", role)));
            attributes.extend(organisation.map(|organisation| string("org:group", &organisation)));
        }
        Actor::Party { party, role, .. } => {
            attributes.push(string("org:resource", party));
            attributes.push(string("org:role", role));
        }
        Actor::Operator => attributes.push(string("org:role", "operator")),
    }
    attributes.push(attribute(
        LogAttributeKind::Int,
        "caseledger:position",
        event.position.to_string(),
    ));
    attributes.push(string("caseledger:event", &envelope.event_id));
    if envelope.occurred_at.is_some() {
        attributes.push(date("caseledger:recorded", envelope.recorded_at));
    }
    let facts: Map<String, Value> =
        serde_json::from_str(event.event.to_facts().get()).unwrap_or_default();
    attributes.extend(
        facts
            .iter()
            .filter_map(|(key, value)| of_value(&format!("fact:{key}"), value)),
    );
    attributes
}

/// A fact by its type; nothing, where nothing is said.
fn of_value(key: &str, value: &Value) -> Option<LogAttributeContent> {
    let below = |kind, attributes: Vec<LogAttributeContent>| LogAttributeContent {
        attributes,
        ..attribute(kind, key, "")
    };
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => attribute(LogAttributeKind::Boolean, key, value.to_string()),
        Value::Number(number) if number.is_i64() => {
            attribute(LogAttributeKind::Int, key, number.to_string())
        }
        Value::Number(number) => attribute(LogAttributeKind::Float, key, number.to_string()),
        Value::String(value) => string(key, value),
        Value::Array(values) => LogAttributeContent {
            values: Some(
                values
                    .iter()
                    .filter_map(|value| of_value("item", value))
                    .collect(),
            ),
            ..below(LogAttributeKind::List, Vec::new())
        },
        Value::Object(values) => below(
            LogAttributeKind::String,
            values
                .iter()
                .filter_map(|(key, value)| of_value(key, value))
                .collect(),
        ),
    })
}
