//! FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html) in lines of JSON, after the patterns of IHE BALP (Basic Audit Log
//! Patterns, profiles.ihe.net/ITI/BALP): `IHE.BasicAudit.PatientCreate`, `.PatientRead`, `.PatientUpdate`, `.PatientDelete`,
//! `.PatientQuery`, `.PrivacyDisclosure.Source` and `.AuthZconsent`.
//!
//! A reading that rested on a consent gives two records: the reading, and the decision by which it was permitted.
//! Whom the case is about is named by the case, a member of the family by their party in it, each as a logical reference;
//! there is no direct identifier of either. What BALP asks for and the ledger does not keep is left out, not made up: the
//! network address of whoever asked.

mod agents;
mod coding;

use ledger_core::store::Recorded;
use serde_json::{Map, Value, json};

use self::{
    agents::{authoriser, client, disclosing, employer, purposes, server, user},
    coding::{coding, dcm, device, entity_type, object_role, reference},
};
use super::{
    deed::Deed,
    known::{self, Known},
};

const LIFE_CYCLE: &str = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
const AUTHORISATION: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType";
const ENTITY: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

/// The records of a case.
pub(super) fn records(known: &Known<'_>) -> Vec<String> {
    let mut records = Vec::new();
    for recorded in known.log.asked() {
        records.push(line(&event(known, recorded)));
        if rests_on_a_consent(known, recorded) {
            records.push(line(&decision(known, recorded)));
        }
    }
    records
}

fn line(record: &Value) -> String {
    format!("{record}\n")
}

fn rests_on_a_consent(known: &Known<'_>, recorded: &Recorded) -> bool {
    matches!(
        Deed::of(recorded),
        Deed::Read | Deed::Copy | Deed::Disclose | Deed::Find
    ) && !known.consents(recorded).is_empty()
}

/// What was done, or refused.
fn event(known: &Known<'_>, recorded: &Recorded) -> Value {
    let deed = Deed::of(recorded);
    let is_refused = matches!(deed, Deed::Refuse(..));
    let (of_type, subtypes) = kind(known, recorded, deed);
    let mut record = frame(known, recorded, &recorded.envelope.event_id.to_string());
    record.insert("type".to_owned(), of_type);
    record.insert("subtype".to_owned(), Value::Array(subtypes));
    record.insert("action".to_owned(), json!(deed.action()));
    let mut agents = vec![user(known, recorded, deed)];
    agents.extend(employer(known, recorded));
    if is_refused {
        agents.extend([client(known, recorded, "110150"), authoriser(known)]);
    } else if deed == Deed::Disclose {
        agents.extend(disclosing(known, recorded));
    } else {
        // BALP: whoever gives something out is the source. On reading that is the server, on writing the client.
        let (client_role, server_role) = if deed.receives() {
            ("110152", "110153")
        } else {
            ("110153", "110152")
        };
        agents.extend([
            client(known, recorded, client_role),
            server(known, server_role),
        ]);
    }
    record.insert("agent".to_owned(), Value::Array(agents));
    if let Deed::Refuse(action, count) = deed {
        // BALP: a consent that says no is a serious failure; any other rule a minor one.
        let outcome = if known.consents(recorded).is_empty() {
            "4"
        } else {
            "8"
        };
        record.insert("outcome".to_owned(), json!(outcome));
        let times = if count == 1 {
            String::new()
        } else {
            format!(", {count} times")
        };
        let description = format!("the rules do not allow {action}{times}");
        record.insert("outcomeDesc".to_owned(), json!(description));
    } else {
        record.insert("outcome".to_owned(), json!("0"));
    }
    let mut entities = vec![patient(known)];
    if !is_refused {
        entities.push(data(known, recorded, deed));
    }
    entities.extend(consents(known, recorded));
    if !is_refused {
        entities.push(transaction(known, recorded));
    }
    record.insert("entity".to_owned(), Value::Array(entities));
    Value::Object(record)
}

/// The decision by consent that permitted a reading (BALP: Authorization Decision by Consent).
fn decision(known: &Known<'_>, recorded: &Recorded) -> Value {
    let id = format!("{}-authz", recorded.envelope.event_id);
    let mut record = frame(known, recorded, &id);
    let by_consent = coding(AUTHORISATION, "AuthZ-Consent", None);
    record.insert("type".to_owned(), dcm("110113", "Security Alert"));
    record.insert("subtype".to_owned(), json!([by_consent]));
    record.insert("action".to_owned(), json!("E"));
    record.insert("outcome".to_owned(), json!("0"));
    let mut agents = vec![
        user(known, recorded, Deed::Read),
        client(known, recorded, "110150"),
        authoriser(known),
    ];
    agents.extend(employer(known, recorded));
    record.insert("agent".to_owned(), Value::Array(agents));
    let mut entities = vec![patient(known)];
    entities.extend(consents(known, recorded));
    record.insert("entity".to_owned(), Value::Array(entities));
    Value::Object(record)
}

/// What every record says.
fn frame(known: &Known<'_>, recorded: &Recorded, id: &str) -> Map<String, Value> {
    let envelope = &recorded.envelope;
    let mut record = Map::new();
    record.insert("resourceType".to_owned(), json!("AuditEvent"));
    record.insert("id".to_owned(), json!(id));
    record.insert("recorded".to_owned(), json!(envelope.recorded_at));
    if let Some(at) = envelope.occurred_at {
        record.insert("period".to_owned(), json!({ "start": at, "end": at }));
    }
    let purposes = purposes(known, recorded);
    if !purposes.is_empty() {
        record.insert("purposeOfEvent".to_owned(), Value::Array(purposes));
    }
    let source = json!({
        "site": known.names.ledger(),
        "observer": device(known),
        "type": [coding(
            "http://terminology.hl7.org/CodeSystem/security-source-type", "4", Some("Application Server"),
        )],
    });
    record.insert("source".to_owned(), source);
    record
}

fn kind(known: &Known<'_>, recorded: &Recorded, deed: Deed<'_>) -> (Value, Vec<Value>) {
    let rest = || {
        let system = "http://terminology.hl7.org/CodeSystem/audit-event-type";
        coding(system, "rest", Some("Restful Operation"))
    };
    let interaction = |code| coding("http://hl7.org/fhir/restful-interaction", code, Some(code));
    let life = |code, name| coding(LIFE_CYCLE, code, Some(name));
    let alert = || dcm("110113", "Security Alert");
    let (of_type, mut subtypes) = match deed {
        Deed::Create => (rest(), vec![interaction("create")]),
        Deed::Read => (rest(), vec![interaction("read")]),
        Deed::Find => (rest(), vec![interaction("search")]),
        Deed::Copy => (
            rest(),
            vec![
                interaction("read"),
                life("report", "Report (Output) Record Lifecycle Event"),
            ],
        ),
        Deed::Disclose => (
            dcm("110106", "Export"),
            vec![life("disclose", "Disclose Record Lifecycle Event")],
        ),
        Deed::Update => (rest(), vec![interaction("update")]),
        Deed::Archive => (
            rest(),
            vec![
                interaction("update"),
                life("archive", "Archive Record Lifecycle Event"),
            ],
        ),
        Deed::Destroy => (
            rest(),
            vec![
                interaction("delete"),
                life("destroy", "Destroy/Delete Record Lifecycle Event"),
            ],
        ),
        Deed::BreakGlass => (alert(), vec![dcm("110127", "Emergency Override Started")]),
        Deed::MendGlass => (alert(), vec![dcm("110138", "Emergency Override Stopped")]),
        Deed::Audit => (dcm("110101", "Audit Log Used"), Vec::new()),
        Deed::Refuse(..) => {
            let by = if known.consents(recorded).is_empty() {
                "AuthZ-Role"
            } else {
                "AuthZ-Consent"
            };
            (alert(), vec![coding(AUTHORISATION, by, None)])
        }
    };
    // The ledger's own word, which says more than any of these.
    subtypes.push(coding(
        &known.names.all("event-types"),
        recorded.event.event_type(),
        None,
    ));
    (of_type, subtypes)
}

/// Whom the case is about.
fn patient(known: &Known<'_>) -> Value {
    let (person, patient) = (entity_type("1", "Person"), object_role("1", "Patient"));
    let what = reference(
        "Patient",
        &known.names.all("cases"),
        &known.log.case.to_string(),
    );
    json!({ "type": person, "role": patient, "what": what })
}

/// What was shown or changed.
fn data(known: &Known<'_>, recorded: &Recorded, deed: Deed<'_>) -> Value {
    let (kind, id) = match known::document(recorded) {
        Some(document) => ("documents", document.to_string()),
        None => ("cases", known.log.case.to_string()),
    };
    let (role, name) = if deed == Deed::Disclose {
        ("3", "Report")
    } else {
        ("4", "Domain Resource")
    };
    let mut entity = Map::new();
    let what = json!({ "identifier": { "system": known.names.all(kind), "value": id } });
    entity.insert("what".to_owned(), what);
    entity.insert("type".to_owned(), entity_type("2", "System Object"));
    entity.insert("role".to_owned(), object_role(role, name));
    let life_cycle = coding(
        "http://terminology.hl7.org/CodeSystem/dicom-audit-lifecycle",
        deed.life_cycle(),
        None,
    );
    entity.insert("lifecycle".to_owned(), life_cycle);
    let sections = known::sections(recorded).iter();
    let sections: Vec<Value> = sections
        .map(|section| json!({ "type": "section", "valueString": section }))
        .collect();
    if !sections.is_empty() {
        entity.insert("detail".to_owned(), Value::Array(sections));
    }
    Value::Object(entity)
}

/// The consents that it is about, or that it rested on.
fn consents(known: &Known<'_>, recorded: &Recorded) -> Vec<Value> {
    let cited = known
        .consents(recorded)
        .into_iter()
        .map(|(consent, _)| consent);
    let consents = known::consent(recorded).into_iter().chain(cited);
    consents
        .map(|consent| {
            let what = reference(
                "Consent",
                &known.names.all("consents"),
                &consent.to_string(),
            );
            let of_type = coding(
                "http://hl7.org/fhir/resource-types",
                "Consent",
                Some("Consent"),
            );
            json!({ "type": of_type, "what": what })
        })
        .collect()
}

fn transaction(known: &Known<'_>, recorded: &Recorded) -> Value {
    let id = recorded.envelope.correlation_id.to_string();
    let what = json!({ "identifier": { "system": known.names.all("requests"), "value": id } });
    json!({ "type": coding(ENTITY, "XrequestId", None), "what": what })
}
