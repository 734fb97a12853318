//! The timeline of a case: what happened, with names and texts as far as they were shown.

use std::collections::BTreeMap;

use ledger_core::{
    event::{Actor, Envelope},
    events::{
        CaseArchivedContent, CaseClosedContent, CaseOpenedContent, ConsentWithdrawnContent,
        ContentRedactedContent, DocumentAddedContent, Event, NoteAddedContent, PartyAddedContent,
    },
    ids::{AccountId, CaseId, ConsentId, PartyId, Position},
    ledger::Shown,
    store::Recorded,
};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    text::{moment, table, words},
    views::{Answer, actor},
};

/// The timeline as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineShape<'a> {
    case: CaseId,
    events: Vec<EventShape<'a>>,
    view: Answer,
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
        view: Answer::of(&shown.view),
    }
}

/// The timeline as text.
pub(crate) fn timeline_text(shown: &Shown) -> String {
    let names = Names::of(shown);
    let rows: Vec<_> = shown
        .events
        .iter()
        .map(|event| {
            let (who, _) = actor(&event.envelope.actor, names.of_actor(&event.envelope.actor));
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

/// Names that were shown with the timeline.
#[derive(Default)]
struct Names {
    parties: BTreeMap<PartyId, String>,
    staff: BTreeMap<AccountId, String>,
    consents: BTreeMap<ConsentId, String>,
}

impl Names {
    fn of(shown: &Shown) -> Self {
        let mut names = Self::default();
        for event in &shown.events {
            match &event.event {
                Event::PartyAdded(facts) => {
                    if let Some(content) = shown.contents.read::<PartyAddedContent>(event.position)
                    {
                        names
                            .staff
                            .extend(facts.staff.map(|staff| (staff, content.name.clone())));
                        names.parties.insert(facts.party, content.name);
                    }
                }
                Event::ConsentGiven(facts) => {
                    names
                        .consents
                        .insert(facts.consent, words(facts.kind.as_str()));
                }
                _ => {}
            }
        }
        names
    }

    fn of_actor(&self, actor: &Actor) -> Option<&str> {
        match actor {
            Actor::Staff { account, .. } => self.staff.get(account),
            Actor::Party { party, .. } => self.parties.get(party),
            Actor::Operator => None,
        }
        .map(String::as_str)
    }

    fn party(&self, id: PartyId) -> String {
        self.parties
            .get(&id)
            .cloned()
            .unwrap_or_else(|| format!("party {id}"))
    }

    fn consent(&self, id: ConsentId) -> String {
        self.consents
            .get(&id)
            .cloned()
            .unwrap_or_else(|| format!("{id}"))
    }
}

fn what(recorded: &Recorded, shown: &Shown, names: &Names) -> String {
    let (contents, position) = (&shown.contents, recorded.position);
    let fact = fact(&recorded.event, names);
    let content = match &recorded.event {
        Event::CaseOpened(_) => contents
            .read::<CaseOpenedContent>(position)
            .map(|content| format!("{}. {}", content.child_name, content.concern)),
        Event::NoteAdded(_) => contents
            .read::<NoteAddedContent>(position)
            .map(|content| format!("{}. {}", content.title, content.text)),
        Event::DocumentAdded(_) => contents
            .read::<DocumentAddedContent>(position)
            .map(|content| format!("{} ({})", content.title, content.file_name)),
        Event::ConsentWithdrawn(_) => contents
            .read::<ConsentWithdrawnContent>(position)
            .map(|content| content.reason),
        Event::CaseClosed(_) => contents
            .read::<CaseClosedContent>(position)
            .map(|content| content.summary),
        Event::CaseArchived(_) => contents
            .read::<CaseArchivedContent>(position)
            .map(|content| content.reference),
        Event::ContentRedacted(_) => contents
            .read::<ContentRedactedContent>(position)
            .map(|content| content.reason),
        _ => None,
    };
    match content.filter(|content| !content.is_empty()) {
        Some(content) => format!("{fact}: {content}"),
        None => fact,
    }
}

fn fact(event: &Event, names: &Names) -> String {
    match event {
        Event::CaseOpened(_) => "opened the log".to_owned(),
        Event::PartyAdded(facts) => format!(
            "let in {} as {}",
            names.party(facts.party),
            words(facts.role.as_str())
        ),
        Event::PartyRemoved(facts) => format!("ended the part of {}", names.party(facts.party)),
        Event::ConsentGiven(facts) => {
            let mut text = format!("gave the consent \"{}\"", words(facts.kind.as_str()));
            match facts.services.len() {
                0 => {}
                1 => text.push_str(", naming one service"),
                several => text.push_str(&format!(", naming {several} services")),
            }
            if let Some(day) = facts.valid_through {
                text.push_str(&format!(", valid through {day}"));
            }
            text
        }
        Event::ConsentWithdrawn(facts) => {
            format!("WITHDREW the consent \"{}\"", names.consent(facts.consent))
        }
        Event::StatusChanged(facts) => format!(
            "status {} → {}",
            words(facts.from.as_str()),
            words(facts.to.as_str())
        ),
        Event::NoteAdded(facts) => {
            format!("wrote a note under \"{}\"", words(facts.section.as_str()))
        }
        Event::DocumentAdded(facts) => {
            format!("filed a document of {} bytes", facts.size_bytes)
        }
        Event::CaseClosed(facts) => {
            format!("closed the log, because {}", words(facts.reason.as_str()))
        }
        Event::PackageBuilt(facts) => format!("built a package ({})", words(facts.format.as_str())),
        Event::CaseArchived(_) => "archived the log".to_owned(),
        Event::CaseErased(facts) => format!(
            "ERASED the log: {} keys and {} contents destroyed",
            facts.keys, facts.contents
        ),
        other => words(other.event_type()),
    }
}
