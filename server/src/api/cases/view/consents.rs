//! Who has consented to what, and the changes that ask for it anew.

use chrono::NaiveDate;
use ledger_core::{
    events::{
        ConsentDeclinedContent, ConsentGivenContent, ConsentInvalidatedContent,
        ConsentWithdrawnContent, Event, SituationChangedContent,
    },
    ids::{Code, ConsentId, DocumentId, OrganisationId, PartyId, Position},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::seen::{EntryView, ReasonView, Seen};
use crate::api::schemas;

/// A consent that was given.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own, and any of them may go with any other"
)]
pub(in crate::api) struct ConsentView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    consent_id: ConsentId,
    /// Which of the profile's consents.
    #[schema(value_type = schemas::CodeWord, example = "establish_log")]
    kind: Code,
    /// What the system calls this consent.
    #[schema(example = "samtykke til å oppretta stafettlogg")]
    kind_name: Option<String>,
    /// The party that gave it.
    #[schema(value_type = schemas::Id)]
    by: PartyId,
    /// In which of the profile's forms.
    #[schema(value_type = schemas::CodeWord, example = "digital")]
    form: Code,
    /// What the system calls this form.
    #[schema(example = "digitalt")]
    form_name: Option<String>,
    /// The scanned form, a document of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    scan: Option<DocumentId>,
    /// The consent whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    renews: Option<ConsentId>,
    /// The consent that takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    renewed_by: Option<ConsentId>,
    /// The services that it lets in.
    #[schema(value_type = Vec<schemas::Id>)]
    services: Vec<OrganisationId>,
    /// First day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<NaiveDate>,
    /// Last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_through: Option<NaiveDate>,
    /// Whether it was withdrawn.
    withdrawn: bool,
    /// When it was withdrawn, and what was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    withdrawal: Option<ReasonView>,
    /// Whether it was declared invalid.
    invalidated: bool,
    /// When it was declared invalid, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonView>)]
    invalidation: Option<ReasonView>,
    /// Whether it holds at the moment that is shown.
    holds: bool,
    /// Whether it is to be given anew: the situation has changed since, or the baton is offered to another unit.
    due_anew: bool,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A no to a consent, which stands until the same party gives it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct DeclinedView {
    /// To which of the profile's consents.
    #[schema(value_type = schemas::CodeWord, example = "earlier_content")]
    kind: Code,
    /// What the system calls this consent.
    #[schema(example = "samtykke til å gjera den tidlegare loggen tilgjengeleg")]
    kind_name: Option<String>,
    /// The party that said no.
    #[schema(value_type = schemas::Id)]
    by: PartyId,
    /// The services that it was to let in.
    #[schema(value_type = Vec<schemas::Id>)]
    services: Vec<OrganisationId>,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "We want to begin anew.")]
    reason: Option<String>,
    /// Whether it stands: the consent was not given since, nor has a reopening asked for it anew.
    stands: bool,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// A change of the child's situation that asks for new consents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct ChangeView {
    /// What has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The child moves in with the grandparents.")]
    description: Option<String>,
    /// The entry.
    #[serde(flatten)]
    entry: EntryView,
}

/// The consents that were given.
pub(in crate::api) fn consents(seen: &Seen<'_>) -> Vec<ConsentView> {
    let given = seen.events().filter_map(|recorded| {
        let Event::ConsentGiven(facts) = &recorded.event else {
            return None;
        };
        let consent = seen.case().consents.get(&facts.consent)?;
        let span = consent.span(seen.profile());
        let renewed = consent.renewed.map(|(position, ..)| position);
        let rule = seen.profile().consent(&facts.kind);
        let counts = rule.is_none_or(|rule| seen.case().still_counts(consent, rule));
        let holds = counts && span.is_some_and(|span| span.contains(seen.at()));
        Some(ConsentView {
            consent_id: facts.consent,
            kind: facts.kind.clone(),
            kind_name: seen.names.consent(&facts.kind),
            by: facts.by,
            form: facts.form.clone(),
            form_name: seen.names.form(&facts.form),
            scan: facts.scan,
            renews: facts.renews,
            renewed_by: renewed.and_then(|position| given_at(seen, position)),
            services: facts.services.clone(),
            valid_from: facts.valid_from,
            valid_through: facts.valid_through,
            withdrawn: consent.withdrawn.is_some(),
            withdrawal: seen.reason(consent.withdrawn, |said: ConsentWithdrawnContent| {
                said.reason
            }),
            invalidated: consent.invalidated.is_some(),
            invalidation: seen.reason(consent.invalidated, |said: ConsentInvalidatedContent| {
                said.reason
            }),
            holds,
            due_anew: seen.case().is_due_anew(facts.consent, seen.profile()),
            remark: seen
                .content::<ConsentGivenContent>(recorded.position)
                .map(|said| said.remark),
            entry: seen.entry(recorded),
        })
    });
    given.collect()
}

/// What was said no to.
pub(super) fn declined(seen: &Seen<'_>) -> Vec<DeclinedView> {
    let declined = seen.events().filter_map(|recorded| {
        let Event::ConsentDeclined(facts) = &recorded.event else {
            return None;
        };
        let mut standing = seen.case().declined(seen.profile());
        Some(DeclinedView {
            kind: facts.kind.clone(),
            kind_name: seen.names.consent(&facts.kind),
            by: facts.by,
            services: facts.services.clone(),
            reason: seen
                .content::<ConsentDeclinedContent>(recorded.position)
                .map(|said| said.reason),
            stands: standing.any(|declined| declined.position == recorded.position),
            entry: seen.entry(recorded),
        })
    });
    declined.collect()
}

/// The changes of the situation.
pub(super) fn changes(seen: &Seen<'_>) -> Vec<ChangeView> {
    let changed = seen
        .events()
        .filter(|recorded| matches!(recorded.event, Event::SituationChanged(_)));
    changed
        .map(|recorded| ChangeView {
            description: seen
                .content::<SituationChangedContent>(recorded.position)
                .map(|said| said.description),
            entry: seen.entry(recorded),
        })
        .collect()
}

/// Which consent was given at a position.
fn given_at(seen: &Seen<'_>, position: Position) -> Option<ConsentId> {
    let mut consents = seen.case().consents.iter();
    consents.find_map(|(id, consent)| (consent.given == position).then_some(*id))
}
