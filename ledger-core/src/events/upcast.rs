//! Older shapes of facts, brought up to date when they are read. What is stored never changes.
//!
//! One arm a step: `(type, from version)` gives the facts in the next version. A new step never edits an old one.

use serde_json::{Value, json};

/// Brings `facts` from `from` to `current`; `None` if a step is missing.
pub(super) fn to_current(event_type: &str, from: u16, current: u16, facts: Value) -> Option<Value> {
    (from..current).try_fold(facts, |facts, version| step(event_type, version, facts))
}

fn step(event_type: &str, from: u16, facts: Value) -> Option<Value> {
    match (event_type, from) {
        ("consent_given", 1) => Some(one_service_becomes_a_list(facts)),
        ("consent_given", 2) => Some(its_form_was_not_asked(facts)),
        // What these say since then was not so before, and is left out there: which moment of the past was shown, and of
        // which sections nothing recorded before a reopening (S18); what a case asks for and where it is submitted (K1,
        // K2); the other side of an agreement, and its system; in which system a role counts, when there was only one; about which
        // time and whom an auditor asked; that an invitation is mailed (K6).
        ("case_viewed" | "case_printed" | "timeline_viewed", 1 | 2)
        | (
            "case_watched" | "case_opened" | "agreement_signed" | "role_assigned" | "role_ended"
            | "audit_answered" | "guest_invited",
            1,
        ) => Some(facts),
        _ => None,
    }
}

/// `consent_given` v1 named at most one service; since v2 one form can cover several (V12).
fn one_service_becomes_a_list(mut facts: Value) -> Value {
    if let Some(object) = facts.as_object_mut() {
        let services = match object.remove("service") {
            None | Some(Value::Null) => json!([]),
            Some(service) => json!([service]),
        };
        object.insert("services".to_owned(), services);
    }
    facts
}

/// `consent_given` v2 did not say in which form it was given; since v3 it does (X5).
fn its_form_was_not_asked(mut facts: Value) -> Value {
    if let Some(object) = facts.as_object_mut() {
        object.insert("form".to_owned(), json!("unspecified"));
    }
    facts
}
