//! Codes and references as FHIR writes them.

use ledger_core::ids::OrganisationId;
use serde_json::{Value, json};

use crate::export::log::known::Known;

const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";

pub(super) fn device(known: &Known<'_>) -> Value {
    let ledger = known.names.ledger();
    json!({
        "type": "Device",
        "identifier": { "system": "urn:ietf:rfc:3986", "value": ledger },
        "display": "Caseledger",
    })
}

pub(super) fn organisation_reference(known: &Known<'_>, id: OrganisationId) -> Value {
    let mut who = reference(
        "Organization",
        &known.names.all("organisations"),
        &id.to_string(),
    );
    if let Some(name) = known.organisation(id) {
        who["display"] = json!(name);
    }
    who
}

pub(super) fn reference(resource: &str, system: &str, value: &str) -> Value {
    json!({ "type": resource, "identifier": { "system": system, "value": value } })
}

pub(super) fn role_id(code: &str) -> Value {
    let name = match code {
        "110150" => "Application",
        "110152" => "Destination Role ID",
        _ => "Source Role ID",
    };
    concept(DCM, code, Some(name))
}

pub(super) fn dcm(code: &str, name: &str) -> Value {
    coding(DCM, code, Some(name))
}

pub(super) fn entity_type(code: &str, name: &str) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
    coding(system, code, Some(name))
}

pub(super) fn object_role(code: &str, name: &str) -> Value {
    coding(
        "http://terminology.hl7.org/CodeSystem/object-role",
        code,
        Some(name),
    )
}

pub(super) fn concept(system: &str, code: &str, display: Option<&str>) -> Value {
    json!({ "coding": [coding(system, code, display)] })
}

pub(super) fn coding(system: &str, code: &str, display: Option<&str>) -> Value {
    let mut coding = json!({ "system": system, "code": code });
    if let Some(display) = display {
        coding["display"] = json!(display);
    }
    coding
}
