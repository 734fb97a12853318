//! The timeline of a case: what happened, with names and texts as far as they were shown.

use ledger_core::{
    event::Envelope,
    events::{EntryImportedContent, Event, PartyAddedContent, log_value},
    ids::{CaseId, Position},
    ledger::{NamesOfPeople, Shown},
    store::Recorded,
};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::{
    happened::{Names, in_words},
    text::{moment, table},
    views::{Noted, actor},
};

/// The timeline as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineShape<'a> {
    case: CaseId,
    events: Vec<EventShape<'a>>,
    view: Noted,
}

#[derive(Serialize)]
struct EventShape<'a> {
    position: Position,
    envelope: &'a Envelope,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Box<RawValue>>,
}

/// The timeline as JSON.
pub(crate) fn timeline_shape(case: CaseId, shown: &Shown) -> TimelineShape<'_> {
    let events = shown.events.iter().map(|event| EventShape {
        position: event.position,
        envelope: &event.envelope,
        content: shown.contents.read(event.position),
    });
    TimelineShape {
        case,
        events: events.collect(),
        view: Noted::of(&shown.view),
    }
}

/// The timeline as text.
pub(crate) fn timeline_text(shown: &Shown) -> String {
    let names = names(shown);
    let rows: Vec<_> = shown
        .events
        .iter()
        .map(|event| {
            let (who, role) = actor(&event.envelope.actor, names.of_actor(&event.envelope.actor));
            // Whoever takes no part is named by what they are.
            let who = match names.of_actor(&event.envelope.actor) {
                None if !role.is_empty() => role,
                _ => who,
            };
            vec![
                event.position.to_string(),
                moment(event.envelope.recorded_at),
                who,
                what(event, shown, &names),
            ]
        })
        .collect();
    table(&["POSITION", "WHEN", "WHO", "WHAT"], &rows)
}

/// The names that were shown with the timeline.
fn names(shown: &Shown) -> Names {
    let mut people = NamesOfPeople::default();
    for event in &shown.events {
        if let Event::PartyAdded(facts) = &event.event
            && let Some(content) = shown.contents.read::<PartyAddedContent>(event.position)
        {
            let staff = facts.staff.map(|staff| (staff, content.name.clone()));
            people.accounts.extend(staff);
            people.parties.insert(facts.party, content.name);
        }
    }
    let events = shown.events.iter().map(AsRef::as_ref);
    Names::of(people, events)
}

fn what(recorded: &Recorded, shown: &Shown, names: &Names) -> String {
    let (contents, position) = (&shown.contents, recorded.position);
    let fact = in_words(&recorded.event, names);
    if let Event::EntryImported(_) = &recorded.event {
        let content: Option<EntryImportedContent> = contents.read(position);
        let told = content.map(|content| told_of_entry(recorded, &content));
        return told.map_or_else(|| fact.clone(), |told| format!("{fact}: {told}"));
    }
    let content = contents
        .read::<Map<String, Value>>(position)
        .map(|content| told(&content));
    match content.filter(|content| !content.is_empty()) {
        Some(content) => format!("{fact}: {content}"),
        None => fact,
    }
}

/// What an imported entry was, when it happened, and who did it, as far as the log says.
fn told_of_entry(recorded: &Recorded, content: &EntryImportedContent) -> String {
    let value = |key| log_value(&content.attributes, key).filter(|value| !value.is_empty());
    let mut told = value("concept:name").unwrap_or("without a name").to_owned();
    if let Some(transition) = value("lifecycle:transition") {
        told.push_str(&format!(" ({transition})"));
    }
    if let Some(at) = recorded.envelope.occurred_at {
        told.push_str(&format!(", {}", moment(at)));
    }
    if let Some(resource) = value("org:resource") {
        told.push_str(&format!(", by {resource}"));
    }
    told
}

/// The texts of a content, its heading first. Names of parties stand in the fact; numbers and accounts are left out.
fn told(content: &Map<String, Value>) -> String {
    const FIRST: [&str; 2] = ["childName", "title"];
    const LEFT_OUT: [&str; 4] = ["name", "account", "nationalId", "birthDate"];
    let first = FIRST.iter().filter_map(|key| content.get(*key));
    let rest = content
        .iter()
        .filter(|(key, _)| !FIRST.contains(&key.as_str()) && !LEFT_OUT.contains(&key.as_str()));
    let texts = first.chain(rest.map(|(_, value)| value));
    let texts: Vec<&str> = texts
        .filter_map(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    texts
        .join(". ")
        .replace("?. ", "? ")
        .replace("!. ", "! ")
        .replace(".. ", ". ")
}
