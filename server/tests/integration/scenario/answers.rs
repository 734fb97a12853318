//! What the walks through the systems look for in answers.

use serde_json::Value;

use crate::support::{service::Answer, story_by_http::text};

/// Refused by a rule, which names its requirement.
#[track_caller]
pub(super) fn refused(answer: Answer, status: u16, requirement: &str) {
    let problem = answer.problem(status);
    assert_eq!(problem["requirement"], requirement, "{problem}");
}

/// Who takes part in a role.
pub(super) fn party_of(case: &Value, role: &str) -> String {
    let parties = case["parties"].as_array().unwrap();
    let mut parties = parties.iter();
    let found = parties.find(|party| party["role"] == role && party["removed"] == false);
    text(found.unwrap(), "partyId")
}
