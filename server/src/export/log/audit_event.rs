//! FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html) in lines of JSON, after the patterns of IHE BALP (Basic Audit Log
//! Patterns, profiles.ihe.net/ITI/BALP): Patient Create, Read, Update, Delete and Query (§3.2), Privacy Disclosure at
//! Source (§3.6) and Authorization Decision by Consent (§3.5).
//!
//! A reading that rested on a consent gives two records: the reading, and the decision by which it was permitted.
//! Whom the case is about is named by the case, a member of the family by their party in it, each as a logical reference;
//! there is no direct identifier of either. What BALP asks for and the ledger does not keep is left out, not made up: the
//! network address of whoever asked.

use ledger_core::{
    event::Actor,
    ids::{Code, OrganisationId},
    store::Recorded,
};
use serde_json::{Map, Value, json};

use super::{
    deed::Deed,
    known::{self, Known},
};

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const SNOMED: &str = "http://snomed.info/sct";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
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
    let mut record = frame(known, recorded, recorded.envelope.event_id.to_string());
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
        let (client_role, server_role) = match deed.receives() {
            true => ("110152", "110153"),
            false => ("110153", "110152"),
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
    let mut record = frame(known, recorded, id);
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
fn frame(known: &Known<'_>, recorded: &Recorded, id: String) -> Map<String, Value> {
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

/// Whoever did it.
fn user(known: &Known<'_>, recorded: &Recorded, deed: Deed<'_>) -> Value {
    let (code, name) = match deed.receives() {
        true => ("IRCP", "information recipient"),
        false => ("AUT", "author (originator)"),
    };
    let mut agent = Map::new();
    agent.insert("type".to_owned(), concept(PARTICIPATION, code, Some(name)));
    let (who, name, role) = match &recorded.envelope.actor {
        Actor::Staff { account, role, .. } => {
            let who = reference(
                "Practitioner",
                &known.names.all("accounts"),
                account.to_string(),
            );
            (who, known.account(*account), role.as_ref())
        }
        Actor::Party { party, role, .. } => {
            let who = reference(
                "RelatedPerson",
                &known.names.all("parties"),
                party.to_string(),
            );
            (who, None, Some(role))
        }
        Actor::Operator => (device(known), Some("operator"), None),
    };
    agent.insert("who".to_owned(), who);
    if let Some(name) = name {
        agent.insert("name".to_owned(), json!(name));
    }
    if let Some(role) = role {
        let system = known.names.one("roles", &known.profile().id);
        let role = concept(&system, role.as_str(), known.role(role));
        agent.insert("role".to_owned(), json!([role]));
    }
    agent.insert("requestor".to_owned(), json!(true));
    if let Some(basis) = &recorded.envelope.basis {
        let policies = basis
            .policies
            .iter()
            .map(|policy| policy_uri(known, policy));
        let policies: Vec<String> = policies.collect();
        if !policies.is_empty() {
            agent.insert("policy".to_owned(), json!(policies));
        }
    }
    let purposes = purposes(known, recorded);
    if !purposes.is_empty() {
        agent.insert("purposeOfUse".to_owned(), Value::Array(purposes));
    }
    Value::Object(agent)
}

fn policy_uri(known: &Known<'_>, policy: &Code) -> String {
    known
        .names
        .one("policies", format_args!("{}/{policy}", known.profile().id))
}

/// The organisation for which they did it.
fn employer(known: &Known<'_>, recorded: &Recorded) -> Option<Value> {
    let Actor::Staff { organisation, .. } = &recorded.envelope.actor else {
        return None;
    };
    let role = concept(
        "http://terminology.hl7.org/CodeSystem/v3-RoleClass",
        "PROV",
        Some("healthcare provider"),
    );
    let who = organisation_reference(known, (*organisation)?);
    Some(json!({ "type": role, "who": who, "requestor": false }))
}

/// What they used: the ledger knows who vouched for them, not the program or where it ran.
fn client(known: &Known<'_>, recorded: &Recorded, role: &str) -> Value {
    let issuer = match &recorded.envelope.actor {
        Actor::Staff { issuer, .. } | Actor::Party { issuer, .. } => issuer.as_str(),
        Actor::Operator => "operator",
    };
    let who = json!({ "identifier": { "system": known.names.all("issuers"), "value": issuer } });
    json!({ "type": role_id(role), "who": who, "requestor": false })
}

fn server(known: &Known<'_>, role: &str) -> Value {
    json!({
        "type": role_id(role),
        "who": device(known),
        "requestor": false,
        "network": { "address": known.names.ledger(), "type": "5" },
    })
}

fn authoriser(known: &Known<'_>) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/extra-security-role-type";
    let role = concept(system, "authserver", Some("authorization server"));
    json!({ "type": role, "who": device(known), "requestor": false })
}

/// Source, recipient, custodian and authorizer of a disclosure.
fn disclosing(known: &Known<'_>, recorded: &Recorded) -> Vec<Value> {
    let mut agents = vec![server(known, "110153")];
    let recipient = match (known.receiver(recorded), &recorded.envelope.actor) {
        (Some(receiver), _) => Some(organisation_reference(known, receiver)),
        (None, Actor::Staff { account, .. }) => {
            let system = known.names.all("accounts");
            Some(reference("Practitioner", &system, account.to_string()))
        }
        (None, Actor::Party { .. } | Actor::Operator) => None,
    };
    if let Some(who) = recipient {
        agents.push(json!({ "type": role_id("110152"), "who": who, "requestor": false }));
    }
    if let Some(unit) = known.unit() {
        let role = concept(SNOMED, "159541003", Some("Record keeping/library clerk"));
        let who = organisation_reference(known, unit);
        agents.push(json!({ "type": role, "who": who, "requestor": false }));
    }
    if let Some((_, party)) = known.consents(recorded).first() {
        let role = concept(SNOMED, "429577009", Some("Patient advocate"));
        let who = reference(
            "RelatedPerson",
            &known.names.all("parties"),
            party.to_string(),
        );
        agents.push(json!({ "type": role, "who": who, "requestor": false }));
    }
    agents
}

/// For what it was done: what the request said, and whether it was an emergency.
fn purposes(known: &Known<'_>, recorded: &Recorded) -> Vec<Value> {
    let said = recorded.envelope.purpose.as_ref();
    let said = said.map(|purpose| concept(&known.names.all("purposes"), purpose.as_str(), None));
    let emergency = known.is_emergency(recorded).then(|| {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
        concept(system, "BTG", Some("break the glass"))
    });
    said.into_iter().chain(emergency).collect()
}

/// Whom the case is about.
fn patient(known: &Known<'_>) -> Value {
    let (person, patient) = (entity_type("1", "Person"), object_role("1", "Patient"));
    let what = reference(
        "Patient",
        &known.names.all("cases"),
        known.log.case.to_string(),
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
            let what = reference("Consent", &known.names.all("consents"), consent.to_string());
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

fn device(known: &Known<'_>) -> Value {
    let ledger = known.names.ledger();
    json!({
        "type": "Device",
        "identifier": { "system": "urn:ietf:rfc:3986", "value": ledger },
        "display": "Caseledger",
    })
}

fn organisation_reference(known: &Known<'_>, id: OrganisationId) -> Value {
    let mut who = reference(
        "Organization",
        &known.names.all("organisations"),
        id.to_string(),
    );
    if let Some(name) = known.organisation(id) {
        who["display"] = json!(name);
    }
    who
}

fn reference(resource: &str, system: &str, value: String) -> Value {
    json!({ "type": resource, "identifier": { "system": system, "value": value } })
}

fn role_id(code: &str) -> Value {
    let name = match code {
        "110150" => "Application",
        "110152" => "Destination Role ID",
        _ => "Source Role ID",
    };
    concept(DCM, code, Some(name))
}

fn dcm(code: &str, name: &str) -> Value {
    coding(DCM, code, Some(name))
}

fn entity_type(code: &str, name: &str) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    coding(system, code, Some(name))
}

fn object_role(code: &str, name: &str) -> Value {
    coding(
        "http://terminology.hl7.org/CodeSystem/object-role",
        code,
        Some(name),
    )
}

fn concept(system: &str, code: &str, display: Option<&str>) -> Value {
    json!({ "coding": [coding(system, code, display)] })
}

fn coding(system: &str, code: &str, display: Option<&str>) -> Value {
    let mut coding = json!({ "system": system, "code": code });
    if let Some(display) = display {
        coding["display"] = json!(display);
    }
    coding
}
