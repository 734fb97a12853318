//! Logboek dataverwerkingen (Logius, "Component: Logboek", interface): one line of JSON for each person concerned
//! (*betrokkene*) of each processing, without sampling.
//!
//! Concerned are the child that the case is about and every member of the family who takes or took part by then. Both are
//! named by ids that were made for this one case and lead nowhere outside of the ledger, which is how the standard's demand
//! is met that the id is not readable.

use aws_lc_rs::digest::{SHA256, digest};
use chrono::SecondsFormat;
use ledger_core::{events::Event, ids::PartyId, store::Recorded};
use serde::Serialize;
use serde_json::{Value, json};

use super::{deed::Deed, known::Known};

/// One processing of data about one person.
#[derive(Serialize)]
struct Processing<'a> {
    trace_id: String,
    span_id: String,
    status_code: &'static str,
    name: &'a str,
    start_time: String,
    end_time: String,
    resource: Value,
    attributes: Value,
}

/// The lines of a case.
pub(super) fn lines(known: &Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut family: Vec<PartyId> = Vec::new();
    for recorded in &known.log.events {
        if let Event::PartyAdded(facts) = &recorded.event
            && facts.staff.is_none()
        {
            family.push(facts.party);
        }
        if !known.log.period.contains(recorded.envelope.recorded_at) {
            continue;
        }
        lines.push(line(known, recorded, "cases", &known.log.case.to_string()));
        for party in &family {
            lines.push(line(known, recorded, "parties", &party.to_string()));
        }
    }
    lines
}

fn line(known: &Known<'_>, recorded: &Recorded, kind: &str, subject: &str) -> String {
    let envelope = &recorded.envelope;
    // Recorded in the moment in which it is done: the ledger knows no processing that lasts.
    let at = envelope
        .recorded_at
        .to_rfc3339_opts(SecondsFormat::Millis, true);
    let processing = Processing {
        trace_id: envelope.correlation_id.to_string(),
        span_id: span_id(recorded, subject),
        // A refusal is no failure of the system, which is all that an error means here; nothing was processed either.
        status_code: match Deed::of(recorded) {
            Deed::Refuse(..) => "STATUS_CODE_UNSET",
            _ => "STATUS_CODE_OK",
        },
        name: recorded.event.event_type(),
        start_time: at.clone(),
        end_time: at,
        resource: json!({
            "attributes": {
                "service.name": "caseledger",
                "service.version": env!("CARGO_PKG_VERSION"),
                "service.instance.id": known.names.ledger(),
            },
        }),
        attributes: json!({
            "dpl.core.processing_activity_id": activity(known),
            "dpl.core.data_subject_id": subject,
            "dpl.core.data_subject_id_type": known.names.all(kind),
        }),
    };
    let line = serde_json::to_string(&processing)
        .expect("a processing has text keys only and no failing serializer");
    format!("{line}\n")
}

/// Where the register of processing activities describes it: as the rule book says, or else the system itself.
fn activity(known: &Known<'_>) -> String {
    let profile = known.profile();
    let said = profile.processing.as_ref();
    said.map_or_else(
        || known.names.one("systems", &profile.id),
        |processing| processing.activity.clone(),
    )
}

/// Eight bytes, always the same for one event and one person.
fn span_id(recorded: &Recorded, subject: &str) -> String {
    let of = format!("{} {subject}", recorded.envelope.event_id);
    let digest = digest(&SHA256, of.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest.as_ref()[..8]);
    format!("{:016x}", u64::from_be_bytes(bytes))
}
