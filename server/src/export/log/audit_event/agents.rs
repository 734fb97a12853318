//! Who took part in what a record tells: whoever did it, for whom, by what, and what became of it (AuditEvent.agent).

use ledger_core::{event::Actor, ids::Code, store::Recorded};
use serde_json::{Map, Value, json};

use super::coding::{concept, device, organisation_reference, reference, role_id};
use crate::export::log::{deed::Deed, known::Known};

const SNOMED: &str = "http://snomed.info/sct";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// Whoever did it.
pub(super) fn user(known: &Known<'_>, recorded: &Recorded, deed: Deed<'_>) -> Value {
    let (code, name) = if deed.receives() {
        ("IRCP", "information recipient")
    } else {
        ("AUT", "author (originator)")
    };
    let mut agent = Map::new();
    agent.insert("type".to_owned(), concept(PARTICIPATION, code, Some(name)));
    let (who, name, role) = match &recorded.envelope.actor {
        Actor::Staff { account, role, .. } => {
            let name = known.account(*account);
            let system = known.names.all("accounts");
            let mut who = reference("Practitioner", &system, &account.to_string());
            // Somebody who is no staff is not said to be any.
            if let (None, Some(who)) = (name, who.as_object_mut()) {
                who.remove("type");
            }
            (who, name, role.as_ref())
        }
        Actor::Party { party, role, .. } => {
            let who = reference(
                "RelatedPerson",
                &known.names.all("parties"),
                &party.to_string(),
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

pub(super) fn policy_uri(known: &Known<'_>, policy: &Code) -> String {
    known
        .names
        .one("policies", format_args!("{}/{policy}", known.profile().id))
}

/// The organisation for which they did it.
pub(super) fn employer(known: &Known<'_>, recorded: &Recorded) -> Option<Value> {
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
pub(super) fn client(known: &Known<'_>, recorded: &Recorded, role: &str) -> Value {
    let issuer = match &recorded.envelope.actor {
        Actor::Staff { issuer, .. } | Actor::Party { issuer, .. } => issuer.as_str(),
        Actor::Operator => "operator",
    };
    let who = json!({ "identifier": { "system": known.names.all("issuers"), "value": issuer } });
    json!({ "type": role_id(role), "who": who, "requestor": false })
}

pub(super) fn server(known: &Known<'_>, role: &str) -> Value {
    json!({
        "type": role_id(role),
        "who": device(known),
        "requestor": false,
        "network": { "address": known.names.ledger(), "type": "5" },
    })
}

pub(super) fn authoriser(known: &Known<'_>) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/extra-security-role-type";
    let role = concept(system, "authserver", Some("authorization server"));
    json!({ "type": role, "who": device(known), "requestor": false })
}

/// Source, recipient, custodian and authorizer of a disclosure.
pub(super) fn disclosing(known: &Known<'_>, recorded: &Recorded) -> Vec<Value> {
    let mut agents = vec![server(known, "110153")];
    let recipient = match (known.receiver(recorded), &recorded.envelope.actor) {
        (Some(receiver), _) => Some(organisation_reference(known, receiver)),
        (None, Actor::Staff { account, .. }) => {
            let system = known.names.all("accounts");
            Some(reference("Practitioner", &system, &account.to_string()))
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
            &party.to_string(),
        );
        agents.push(json!({ "type": role, "who": who, "requestor": false }));
    }
    agents
}

/// For what it was done: what the request said, and whether it was an emergency.
pub(super) fn purposes(known: &Known<'_>, recorded: &Recorded) -> Vec<Value> {
    let said = recorded.envelope.purpose.as_ref();
    let said = said.map(|purpose| concept(&known.names.all("purposes"), purpose.as_str(), None));
    let emergency = known.is_emergency(recorded).then(|| {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
        concept(system, "BTG", Some("break the glass"))
    });
    said.into_iter().chain(emergency).collect()
}
