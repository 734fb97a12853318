//! The timeline of a case: what happened, with names and texts as far as they were shown.

use std::collections::BTreeMap;

use ledger_core::{
    event::{Actor, Envelope},
    events::{EntryImportedContent, Event, PartyAddedContent, log_value},
    ids::{AccountId, CaseId, ConsentId, PartyId, Position},
    ledger::Shown,
    store::Recorded,
};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::{
    text::{moment, table, words},
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
    let names = Names::of(shown);
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

    fn staff(&self, id: AccountId) -> String {
        let name = self.staff.get(&id).cloned();
        name.unwrap_or_else(|| format!("account {id}"))
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

#[expect(clippy::too_many_lines, reason = "one arm an event")]
fn fact(event: &Event, names: &Names) -> String {
    match event {
        Event::CaseOpened(_) => "opened the log".to_owned(),
        Event::CaseImported(facts) => format!(
            "imported it: case {} of the file whose import stands at position {}",
            facts.trace, facts.log
        ),
        Event::EntryImported(facts) => format!("entry {} of the imported log", facts.entry),
        Event::PartyAdded(facts) => format!(
            "let in {} as {}",
            names.party(facts.party),
            words(facts.role.as_str())
        ),
        Event::PartyRemoved(facts) => format!("ended the part of {}", names.party(facts.party)),
        Event::InformationGiven(facts) => {
            let items: Vec<_> = facts
                .items
                .iter()
                .map(|item| words(item.as_str()))
                .collect();
            let party = names.party(facts.party);
            format!("told {party} ({})", items.join(", "))
        }
        Event::ReferralMade(facts) => {
            let (kind, subtype) = (words(facts.kind.as_str()), words(facts.subtype.as_str()));
            let shares = if facts.shares_data {
                "sharing data"
            } else {
                "without sharing data"
            };
            format!("made a {kind} referral ({subtype}), {shares}")
        }
        Event::TransmissionPrepared(facts) => {
            let parties = facts.about.iter().map(|party| names.party(*party));
            let parties: Vec<_> = parties.collect();
            format!(
                "packed the form about {}; the packed copy is kept through {} at most",
                parties.join(", "),
                facts.destroy_by
            )
        }
        Event::ConsentGiven(facts) => {
            let kind = words(facts.kind.as_str());
            let mut text = match facts.form.as_str() {
                "digital" | "unspecified" => format!("gave the consent \"{kind}\""),
                form => format!(
                    "recorded the consent \"{kind}\" of {}, given on {}",
                    names.party(facts.by),
                    words(form)
                ),
            };
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
        Event::ConsentDeclined(facts) => {
            let kind = words(facts.kind.as_str());
            format!(
                "{} said NO to the consent \"{kind}\"",
                names.party(facts.by)
            )
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
        Event::ClosingAgreed(facts) => format!(
            "{} agrees to closing the log, because {}",
            names.party(facts.party),
            words(facts.reason.as_str())
        ),
        Event::ClosingAgreementTakenBack(facts) => format!(
            "{} agrees no more to closing the log, because {}",
            names.party(facts.party),
            words(facts.reason.as_str())
        ),
        Event::CaseClosed(facts) => {
            format!("closed the log, because {}", words(facts.reason.as_str()))
        }
        Event::OpeningCleared(facts) => {
            format!("cleared that {} opens the log", names.staff(facts.account))
        }
        Event::ConsentInvalidated(facts) => format!(
            "declared the consent \"{}\" INVALID",
            names.consent(facts.consent)
        ),
        Event::CameOfAge(facts) => format!("{} has come of age", names.party(facts.party)),
        Event::TaskAssigned(facts) => format!("the task of {}", names.party(facts.party)),
        Event::MeasurePlanned(facts) => format!(
            "planned a measure, to be evaluated on {}; {} sees to it",
            facts.evaluate_on,
            names.party(facts.responsible)
        ),
        Event::MeasureEvaluated(facts) => format!(
            "evaluated a measure ({}); again on {}",
            words(facts.effect.as_str()),
            facts.evaluate_on
        ),
        Event::MeasureEnded(facts) => {
            format!("ended a measure ({})", words(facts.effect.as_str()))
        }
        Event::MeetingPlanned(facts) => format!("planned a meeting for {}", moment(facts.at)),
        Event::MeetingHeld(facts) => {
            format!("a meeting was held, {} were there", facts.present.len())
        }
        Event::BatonOffered(facts) => format!("offered the baton to {}", names.party(facts.to)),
        Event::BatonAccepted(facts) => format!("{} took the baton", names.party(facts.to)),
        Event::EntryCorrected(facts) => {
            format!("corrected what stands at position {}", facts.target)
        }
        Event::GlassBroken(facts) => {
            format!("BROKE THE GLASS, until {}", moment(facts.until))
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
