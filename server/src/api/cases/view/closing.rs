//! Who agrees that a case is closed, and whose agreement is missing.

use std::collections::BTreeSet;

use ledger_core::{
    case::MissingAgreement,
    events::Event,
    ids::{Code, OrganisationId, PartyId},
    profile::Part,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, Seen};
use crate::api::schemas;

/// How far it is agreed that a case is closed for a reason.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosingView {
    /// Which of the profile's reasons.
    #[schema(value_type = schemas::CodeWord, example = "thrives")]
    reason_code: Code,
    /// What the system calls this reason.
    #[schema(example = "barnet trivst og tiltaka har gitt ønskt effekt")]
    reason_name: Option<String>,
    /// Who agrees.
    agreed: Vec<AgreedView>,
    /// The people whose agreement is missing.
    #[schema(value_type = Vec<schemas::Id>)]
    missing_parties: Vec<PartyId>,
    /// The roles whose agreement is missing because nobody takes part in them.
    #[schema(value_type = Vec<schemas::CodeWord>)]
    missing_roles: Vec<Code>,
    /// The services for which nobody agrees yet.
    #[schema(value_type = Vec<schemas::Id>)]
    missing_services: Vec<OrganisationId>,
}

/// That somebody agrees.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AgreedView {
    /// Who.
    #[schema(value_type = schemas::Id)]
    party: PartyId,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// Each reason that somebody must agree to, once anybody has; nothing of a case that is closed.
pub(super) fn closing(seen: &Seen<'_>) -> Vec<ClosingView> {
    let case = seen.case();
    if case.closed.is_some() || !seen.shows(Part::Course) || !seen.shows(Part::Parties) {
        return Vec::new();
    }
    let proposed: BTreeSet<&Code> = case.closing.keys().map(|(_, reason)| reason).collect();
    let reasons = proposed
        .into_iter()
        .filter_map(|code| Some((code, seen.profile().reasons.closing.get(code)?)));
    reasons
        .map(|(code, reason)| {
            let mut view = ClosingView {
                reason_code: code.clone(),
                reason_name: seen.names.closing_reason(code),
                agreed: agreed(seen, code),
                missing_parties: Vec::new(),
                missing_roles: Vec::new(),
                missing_services: Vec::new(),
            };
            for missing in case.missing_agreements(code, reason) {
                match missing {
                    MissingAgreement::Party(_, party) => view.missing_parties.push(party),
                    MissingAgreement::Role(role) => view.missing_roles.push(role),
                    MissingAgreement::Service(service) => view.missing_services.push(service),
                }
            }
            view
        })
        .collect()
}

fn agreed(seen: &Seen<'_>, reason: &Code) -> Vec<AgreedView> {
    let agreed = seen.events().filter_map(|recorded| match &recorded.event {
        Event::ClosingAgreed(facts) => {
            let counts = seen.case().agreed_to_closing(facts.party, reason);
            (counts == Some(recorded.position)).then(|| AgreedView {
                party: facts.party,
                entry: seen.entry(recorded),
            })
        }
        _ => None,
    });
    agreed.collect()
}
