//! ISO/IEC TS 27560 consent records in JSON-LD, in the terms of the Data Privacy Vocabulary (DPV 2, w3id.org/dpv; its guide
//! to consent records, w3id.org/dpv/guides/consent-27560): one record for each consent, and for each time that somebody
//! said no. The context stands in the document, so that whoever expands it needs no network.
//!
//! A record tells the whole life of its consent, whatever part of it lies in the period asked for. What was said in words
//! is content and stays sealed. The record names whoever gave the consent by their party; the person whose data it is
//! about is the child.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use ledger_core::{
    clock::Timestamp,
    events::{ConsentDeclined, ConsentGiven, Event},
    ids::{Code, ConsentId, OrganisationId, PartyId},
    profile::Names,
    store::Recorded,
};
use serde_json::{Map, Value, json};

use super::known::Known;

/// Before the first record.
pub(super) const HEAD: &str = concat!(
    r#"{"@context":{"@version":1.1,"dpv":"https://w3id.org/dpv#","dct":"http://purl.org/dc/terms/","#,
    r#""xsd":"http://www.w3.org/2001/XMLSchema#"},"@graph":["#,
    "\n"
);
/// After the last.
pub(super) const TAIL: &str = "\n]}\n";

const SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
const WITHDRAWING: &str = "Whoever gave it may withdraw it at any time, by signing in or by telling the unit that keeps \
                           the case; no reason is asked for.";

/// The records of a case.
pub(super) fn records(known: &Known<'_>) -> Vec<String> {
    let records = known.log.events.iter().filter_map(|recorded| {
        let (record, moments) = match &recorded.event {
            Event::ConsentGiven(facts) => given(known, recorded, facts),
            Event::ConsentDeclined(facts) => declined(known, recorded, facts),
            _ => return None,
        };
        let is_asked = moments.iter().any(|at| known.log.period.contains(*at));
        is_asked.then(|| record.to_string())
    });
    records.collect()
}

/// Something that happened to a consent, in DPV's word for the state that it led to.
struct Turn {
    state: &'static str,
    /// When it was recorded.
    at: Timestamp,
    node: Value,
}

fn given(known: &Known<'_>, recorded: &Recorded, facts: &ConsentGiven) -> (Value, Vec<Timestamp>) {
    let mut turns = vec![first_turn(known, recorded, facts)];
    let mut replaced_by = None;
    for later in &known.log.events {
        match &later.event {
            Event::ConsentWithdrawn(turn) if turn.consent == facts.consent => {
                turns.push(turn_of(known, later, "ConsentWithdrawn", Some(turn.by)));
            }
            Event::ConsentInvalidated(turn) if turn.consent == facts.consent => {
                turns.push(turn_of(known, later, "ConsentInvalidated", None));
            }
            Event::ConsentGiven(renewal) if renewal.renews == Some(facts.consent) => {
                replaced_by = Some(renewal.consent);
            }
            _ => {}
        }
    }
    turns.extend(expiry(known, facts, &turns));
    let mut record = frame(
        known,
        &known.names.one("consents", facts.consent),
        &facts.consent.to_string(),
        &facts.kind,
        &facts.services,
    );
    if let Some(renewed) = facts.renews {
        record.insert("dct:replaces".to_owned(), consent(known, renewed));
    }
    if let Some(renewal) = replaced_by {
        record.insert("dct:isReplacedBy".to_owned(), consent(known, renewal));
    }
    record.insert(
        "dpv:hasNotice".to_owned(),
        notice(known, recorded, &facts.kind, facts.by, &facts.services),
    );
    let control = json!({
        "@type": "dpv:WithdrawConsent",
        "dct:description": { "@value": WITHDRAWING, "@language": "en" },
        "dpv:isExercisedAt": { "@id": format!("{}/withdrawal", known.names.one("consents", facts.consent)) },
    });
    record.insert("dpv:hasConsentControl".to_owned(), control);
    concluded(record, turns)
}

fn declined(
    known: &Known<'_>,
    recorded: &Recorded,
    facts: &ConsentDeclined,
) -> (Value, Vec<Timestamp>) {
    let id = recorded.envelope.event_id;
    let mut record = frame(
        known,
        &known.names.one("events", id),
        &id.to_string(),
        &facts.kind,
        &facts.services,
    );
    record.insert(
        "dpv:hasNotice".to_owned(),
        notice(known, recorded, &facts.kind, facts.by, &facts.services),
    );
    let turn = turn_of(known, recorded, "ConsentRefused", Some(facts.by));
    concluded(record, vec![turn])
}

/// The record with its events and the state that the last of them led to.
fn concluded(mut record: Map<String, Value>, mut turns: Vec<Turn>) -> (Value, Vec<Timestamp>) {
    turns.sort_by_key(|turn| turn.at);
    let moments = turns.iter().map(|turn| turn.at).collect();
    if let Some(last) = turns.last() {
        let status = json!({ "@id": format!("dpv:{}", last.state) });
        record.insert("dpv:hasConsentStatus".to_owned(), status);
    }
    let nodes = turns.into_iter().map(|turn| turn.node).collect();
    record.insert("dct:hasPart".to_owned(), Value::Array(nodes));
    (Value::Object(record), moments)
}

/// What every record says: whose data, for what, by whom and to whom.
fn frame(
    known: &Known<'_>,
    id: &str,
    identifier: &str,
    kind: &Code,
    services: &[OrganisationId],
) -> Map<String, Value> {
    let profile = known.profile();
    let rule = profile.consent(kind);
    let mut record = Map::new();
    record.insert("@id".to_owned(), json!(id));
    record.insert("@type".to_owned(), json!("dpv:ConsentRecord"));
    record.insert("dct:identifier".to_owned(), json!(identifier));
    record.insert("dct:conformsTo".to_owned(), json!({ "@id": SCHEMA }));
    let subject =
        json!({ "@id": known.names.one("cases", known.log.case), "@type": "dpv:DataSubject" });
    record.insert("dpv:hasDataSubject".to_owned(), subject);
    record.insert(
        "dpv:hasLegalBasis".to_owned(),
        json!({ "@id": "dpv:Consent" }),
    );
    if let Some(unit) = known.unit() {
        let controller = organisation(known, unit, "dpv:DataController");
        record.insert("dpv:hasDataController".to_owned(), controller);
    }
    let mut purpose = json!({
        "@id": format!("{}/consents/{kind}", known.names.one("systems", &profile.id)),
        "@type": "dpv:Purpose",
    });
    if let Some(rule) = rule {
        purpose["dct:title"] = titles(&rule.name);
    }
    record.insert("dpv:hasPurpose".to_owned(), purpose);
    record.insert("dpv:hasPersonalData".to_owned(), personal_data(known));
    record.insert("dpv:hasStorageCondition".to_owned(), storage(known));
    let recipients: Vec<Value> = services
        .iter()
        .map(|service| organisation(known, *service, "dpv:Recipient"))
        .collect();
    if !recipients.is_empty() {
        record.insert("dpv:hasRecipient".to_owned(), Value::Array(recipients));
    }
    record
}

/// The categories of the data: the sections of a case, by the names that the rule book gives them.
fn personal_data(known: &Known<'_>) -> Value {
    let profile = known.profile();
    let sections = profile.sections.iter().map(|(section, rules)| {
        json!({
            "@id": format!("{}/sections/{section}", known.names.one("systems", &profile.id)),
            "@type": "dpv:PersonalData",
            "dct:title": titles(&rules.name),
        })
    });
    sections.collect()
}

/// How what is stored is destroyed.
fn storage(known: &Known<'_>) -> Value {
    let days = known.profile().retention.backups_kept_days;
    let description = format!(
        "Kept sealed until the case is erased: its keys are destroyed then, and no backup holds them {days} days later."
    );
    json!({
        "@type": "dpv:StorageDeletion",
        "dct:description": { "@value": description, "@language": "en" },
    })
}

fn first_turn(known: &Known<'_>, recorded: &Recorded, facts: &ConsentGiven) -> Turn {
    let state = if facts.renews.is_some() {
        "RenewedConsentGiven"
    } else {
        "ConsentGiven"
    };
    let mut turn = turn_of(known, recorded, state, Some(facts.by));
    let form = known.profile().consent_forms.get(&facts.form);
    let form = form.and_then(|form| known.own(&form.name));
    turn.node["dpv:hasIndicationMethod"] = json!(form.unwrap_or(facts.form.as_str()));
    if let Some(day) = facts.valid_from {
        turn.node["dct:available"] = json!({ "@type": "xsd:date", "@value": day });
    }
    if let Some(day) = facts.valid_through {
        turn.node["dct:valid"] = json!({ "@type": "xsd:date", "@value": day });
    }
    turn
}

fn turn_of(
    known: &Known<'_>,
    recorded: &Recorded,
    state: &'static str,
    by: Option<PartyId>,
) -> Turn {
    let envelope = &recorded.envelope;
    let mut node = json!({
        "@id": known.names.one("events", envelope.event_id),
        "@type": format!("dpv:{state}"),
        "dpv:isIndicatedAtTime": moment(envelope.occurred_at()),
        "dct:created": moment(envelope.recorded_at),
    });
    if let Some(party) = by {
        node["dpv:isIndicatedBy"] = indicated_by(known, party);
    }
    Turn {
        state,
        at: envelope.recorded_at,
        node,
    }
}

/// That its date has passed, if it has: the ledger evaluates that and never records it.
fn expiry(known: &Known<'_>, facts: &ConsentGiven, turns: &[Turn]) -> Option<Turn> {
    let at = known.profile().expires_at(facts.valid_through?);
    let has_ended = turns.len() > 1 && turns.iter().all(|turn| turn.at < at);
    if at > known.log.view.recorded_at || has_ended {
        return None;
    }
    Some(Turn {
        state: "ConsentExpired",
        at,
        node: json!({ "@type": "dpv:ConsentExpired", "dpv:isIndicatedAtTime": moment(at) }),
    })
}

/// Of what whoever was asked had been told before: what was recorded, or else what is asked of everybody.
fn notice(
    known: &Known<'_>,
    recorded: &Recorded,
    kind: &Code,
    by: PartyId,
    services: &[OrganisationId],
) -> Value {
    let profile = known.profile();
    let mut told: BTreeMap<&Code, Timestamp> = BTreeMap::new();
    for earlier in &known.log.events {
        if earlier.position >= recorded.position {
            break;
        }
        if let Event::InformationGiven(facts) = &earlier.event
            && facts.party == by
            && facts.receiver.is_none_or(|it| services.contains(&it))
        {
            told.extend(facts.items.iter().map(|item| (item, facts.told_at)));
        }
    }
    let mut notice =
        json!({ "@type": "dpv:ConsentNotice", "dct:language": profile.language.code() });
    if let Some(rule) = profile.consent(kind) {
        notice["dct:title"] = titles(&rule.name);
    }
    let items: Vec<Value> = told
        .into_iter()
        .map(|(item, at)| {
            let name = profile.information.get(item);
            let title = name.map_or_else(|| json!(item), |term| titles(&term.name));
            json!({ "dct:title": title, "dct:date": moment(at) })
        })
        .collect();
    if !items.is_empty() {
        notice["dct:hasPart"] = Value::Array(items);
    }
    notice
}

/// Who expressed it: the child itself, where that is for the child to say, or else somebody for it.
fn indicated_by(known: &Known<'_>, party: PartyId) -> Value {
    let profile = known.profile();
    let role = known.log.state.state.parties.get(&party);
    let role = role.map(|party| &party.role);
    let speaks_for_itself = |role: &Code| {
        let mut rules = profile.consents.iter();
        rules.any(|rule| rule.given_of_age_by.as_ref() == Some(role))
    };
    let is_the_child = role.is_some_and(speaks_for_itself);
    let kind = if is_the_child {
        "dpv:DataSubject"
    } else {
        "dpv:Representative"
    };
    let mut by = json!({ "@id": known.names.one("parties", party), "@type": kind });
    if let Some(name) = role.and_then(|role| known.role(role)) {
        by["dct:title"] = json!(name);
    }
    by
}

fn organisation(known: &Known<'_>, id: OrganisationId, kind: &str) -> Value {
    let mut node = json!({ "@id": known.names.one("organisations", id), "@type": kind });
    if let Some(name) = known.organisation(id) {
        node["dpv:hasName"] = json!(name);
    }
    node
}

fn consent(known: &Known<'_>, id: ConsentId) -> Value {
    json!({ "@id": known.names.one("consents", id) })
}

/// A name in each language in which the rule book has it.
fn titles(names: &Names) -> Value {
    names
        .iter()
        .map(|(language, name)| json!({ "@value": name, "@language": language.code() }))
        .collect()
}

fn moment(at: Timestamp) -> Value {
    json!({ "@type": "xsd:dateTime", "@value": at.to_rfc3339_opts(SecondsFormat::Micros, true) })
}
