//! Who takes part: people, services, and the baton on offer.

use chrono::{DateTime, Utc};
use ledger_core::{
    events::{
        BatonOfferedContent, Event, PartyAddedContent, PartyRemovedContent, ServiceAddedContent,
        ServiceRemovedContent, TaskAssignedContent,
    },
    ids::{AccountId, Code, HandoverId, OrganisationId, PartyId, Position},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// Someone who takes or took part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct PartyView {
    /// The id made for this case.
    #[schema(value_type = schemas::Id)]
    party_id: PartyId,
    /// Its role now; the baton gives and takes one.
    #[schema(value_type = schemas::CodeWord)]
    role: Code,
    /// What the system calls the role.
    #[schema(example = "føresett")]
    role_name: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The account of a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    account: Option<AccountId>,
    /// The service for which a member of staff takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    service: Option<OrganisationId>,
    /// The newest task of a member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TaskView>)]
    task: Option<TaskView>,
    /// When it was added.
    added_at: DateTime<Utc>,
    /// Whether a young person has come of age, and consents on their own behalf.
    come_of_age: bool,
    /// Whether its part has ended.
    removed: bool,
    /// When and why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    removal: Option<ReasonView>,
    /// The entry that added it.
    #[serde(flatten)]
    entry: EntryView,
}

/// Whom the family and everyone else may ask about a case (S20).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ContactView {
    /// The party.
    #[schema(value_type = schemas::Id)]
    party_id: PartyId,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What the system calls the role.
    #[schema(example = "stafettholdar")]
    role_name: Option<String>,
    /// The service for which they take part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    service: Option<OrganisationId>,
}

/// A task in a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TaskView {
    /// The position of the event that says it, by which it can be corrected.
    #[schema(value_type = u64, example = 41)]
    position: Position,
    /// What it is.
    #[schema(example = "Follows the mornings at school.")]
    text: String,
}

/// A service that takes or took part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ServiceView {
    /// Which service.
    #[schema(value_type = schemas::Id)]
    service: OrganisationId,
    /// Its task in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Counsels the school and the parents.")]
    task: Option<String>,
    /// Whether its part has ended.
    removed: bool,
    /// When and why it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    removal: Option<ReasonView>,
    /// The entry that added it.
    #[serde(flatten)]
    entry: EntryView,
}

/// An offer of the baton that waits for its answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct BatonOfferView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    handover_id: HandoverId,
    /// Who holds the baton.
    #[schema(value_type = schemas::Id)]
    from: PartyId,
    /// Who is asked.
    #[schema(value_type = schemas::Id)]
    to: PartyId,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "I change schools after the summer.")]
    message: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// Everyone who takes or took part.
pub(in crate::api) fn parties(seen: &Seen<'_>) -> Vec<PartyView> {
    let added = seen.events().filter_map(|recorded| {
        let Event::PartyAdded(facts) = &recorded.event else {
            return None;
        };
        let party = seen.case().parties.get(&facts.party)?;
        let content = seen.content::<PartyAddedContent>(recorded.position);
        let (name, first_task) = content.map(|said| (said.name, said.task)).unzip();
        let task = if party.task == recorded.position {
            first_task.flatten()
        } else {
            let assigned = seen.content::<TaskAssignedContent>(party.task);
            assigned.map(|said| said.task)
        };
        Some(PartyView {
            party_id: facts.party,
            role: party.role.clone(),
            role_name: seen.names.role(&party.role),
            name,
            account: facts.staff,
            service: facts.service,
            task: task.map(|text| TaskView {
                position: party.task,
                text,
            }),
            added_at: recorded.envelope.recorded_at,
            come_of_age: party.of_age.is_some(),
            removed: party.removed.is_some(),
            removal: seen.reason(party.removed, |said: PartyRemovedContent| said.reason),
            entry: seen.entry(recorded),
        })
    });
    added.collect()
}

/// Whoever holds the baton, where there is one.
pub(super) fn contact(seen: &Seen<'_>) -> Option<ContactView> {
    let baton = seen.profile().baton.as_ref()?;
    let mut parties = seen.case().current_parties();
    let (party_id, party) = parties.find(|(_, party)| party.role == baton.role)?;
    let added = seen.event(party.added)?;
    Some(ContactView {
        party_id,
        name: seen
            .content::<PartyAddedContent>(added.position)
            .map(|said| said.name),
        role_name: seen.names.role(&party.role),
        service: party.service,
    })
}

/// Every service that takes or took part, once for each time that it joined.
pub(in crate::api) fn services(seen: &Seen<'_>) -> Vec<ServiceView> {
    let added = seen.events().filter_map(|recorded| {
        let Event::ServiceAdded(facts) = &recorded.event else {
            return None;
        };
        let mut later = seen
            .events()
            .filter(|event| event.position > recorded.position);
        let removed = later.find(|event| {
            matches!(&event.event, Event::ServiceRemoved(gone) if gone.service == facts.service)
        });
        let removed = removed.map(|event| event.position);
        Some(ServiceView {
            service: facts.service,
            task: seen
                .content::<ServiceAddedContent>(recorded.position)
                .map(|said| said.task),
            removed: removed.is_some(),
            removal: seen.reason(removed, |said: ServiceRemovedContent| said.reason),
            entry: seen.entry(recorded),
        })
    });
    added.collect()
}

/// The offers that wait.
pub(super) fn baton_offers(seen: &Seen<'_>) -> Vec<BatonOfferView> {
    let offered = seen.events().filter_map(|recorded| {
        let Event::BatonOffered(facts) = &recorded.event else {
            return None;
        };
        let handover = seen.case().handovers.get(&facts.handover)?;
        handover.ended.is_none().then(|| BatonOfferView {
            handover_id: facts.handover,
            from: facts.from,
            to: facts.to,
            message: seen
                .content::<BatonOfferedContent>(recorded.position)
                .map(|said| said.message),
            entry: seen.entry(recorded),
        })
    });
    offered.collect()
}
