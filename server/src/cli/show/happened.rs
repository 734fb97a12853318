//! What happened, in words: an event of a case as a sentence, with the names that may be told.

use std::collections::BTreeMap;

use ledger_core::{
    event::Actor,
    events::Event,
    ids::{AccountId, ConsentId, PartyId},
    ledger::NamesOfPeople,
    store::Recorded,
};
use serde_json::{Map, Value};

use super::{
    text::{moment, words},
    views,
};

/// Names that may be told, and what consents are called.
pub(super) struct Names {
    people: NamesOfPeople,
    consents: BTreeMap<ConsentId, String>,
}

impl Names {
    /// `events` are those that are told, among which the consents stand.
    pub(super) fn of<'a>(
        people: NamesOfPeople,
        events: impl Iterator<Item = &'a Recorded>,
    ) -> Self {
        let consents = events.filter_map(|event| match &event.event {
            Event::ConsentGiven(facts) => Some((facts.consent, words(facts.kind.as_str()))),
            _ => None,
        });
        Self {
            people,
            consents: consents.collect(),
        }
    }

    pub(super) fn of_actor(&self, actor: &Actor) -> Option<&str> {
        self.people.of_actor(actor)
    }

    fn party(&self, id: PartyId) -> String {
        let name = self.people.parties.get(&id).cloned();
        name.unwrap_or_else(|| format!("party {id}"))
    }

    fn staff(&self, id: AccountId) -> String {
        let name = self.people.accounts.get(&id).cloned();
        name.unwrap_or_else(|| format!("account {id}"))
    }

    fn consent(&self, id: ConsentId) -> String {
        let name = self.consents.get(&id).cloned();
        name.unwrap_or_else(|| id.to_string())
    }
}

/// What happened.
pub(super) fn in_words(event: &Event, names: &Names) -> String {
    told(event, names).unwrap_or_else(|| words(event.event_type()))
}

/// What happened, where no text stands beside it: with whatever its facts say, but ids and digests.
pub(super) fn in_words_alone(recorded: &Recorded, names: &Names) -> String {
    if let Some(told) = told(&recorded.event, names) {
        return told;
    }
    let envelope = &recorded.envelope;
    let facts: Map<String, Value> = serde_json::from_str(envelope.facts.get()).unwrap_or_default();
    if let Some(saw) = views::in_words(envelope.event_type.as_str(), &facts) {
        return saw;
    }
    with_facts(&words(envelope.event_type.as_str()), &facts)
}

fn with_facts(what: &str, facts: &Map<String, Value>) -> String {
    let said = facts
        .iter()
        .filter_map(|(key, value)| Some(format!("{} {}", spaced(key), said(key, value)?)));
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        return what.to_owned();
    }
    format!("{what}: {}", said.join(", "))
}

/// `endsOn` becomes "ends on".
fn spaced(key: &str) -> String {
    let mut text = String::new();
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// A fact in words; nothing for an id or a digest.
fn said(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Bool(is_so) => Some(if *is_so { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => {
            let is_id = text.parse::<ulid::Ulid>().is_ok();
            let is_digest = key.to_ascii_lowercase().ends_with("digest");
            (!is_id && !is_digest).then(|| words(text))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().filter_map(|one| said(key, one)).collect();
            (!values.is_empty()).then(|| values.join(" and "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm an event")]
fn told(event: &Event, names: &Names) -> Option<String> {
    let told = match event {
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
        _ => return None,
    };
    Some(told)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn facts_are_told_without_ids_and_digests() {
        let invited = facts(json!({
            "invitation": "01M89KBE9XRAY4EK3XF5PCHWQF",
            "role": "guest_of_a_round",
            "expiresOn": "2026-12-09",
            "sharesData": false,
            "kinds": ["one", "two"],
            "parties": ["01M89KBE9X00Y4HPKPGT6FTVN3"],
            "tokenDigest": "SbyVn3Ty+WhA6sZqxt/qqtqWcDJrzMqycSomVpO1zVE=",
        }));
        let told = with_facts("guest invited", &invited);
        let expected = [
            "role guest of a round",
            "expires on 2026-12-09",
            "shares data no",
            "kinds one and two",
        ];
        for said in expected {
            assert!(told.contains(said), "{told}");
        }
        for left_out in ["01M89", "Sby", "token", "parties"] {
            assert!(!told.contains(left_out), "{told}");
        }
        assert_eq!(with_facts("case archived", &Map::new()), "case archived");
    }

    #[test]
    fn whoever_has_no_name_left_is_told_by_id() {
        let names = Names::of(NamesOfPeople::default(), std::iter::empty());
        let account: AccountId = "01M89KBE8FSQB9ZPBESBRMVRDT".parse().unwrap();
        assert_eq!(names.staff(account), format!("account {account}"));
        let people = NamesOfPeople {
            accounts: BTreeMap::from([(account, "Nina".to_owned())]),
            ..NamesOfPeople::default()
        };
        let names = Names::of(people, std::iter::empty());
        assert_eq!(names.staff(account), "Nina");
    }
}
