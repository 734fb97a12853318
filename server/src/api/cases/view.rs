//! How a case looks to somebody who may see some of its sections.
//!
//! **Invariant: what belongs to a section that was not decided upon is left out**, facts and contents alike. [`Seen`]
//! holds nothing else; what is made of it stands in the folder beside this file, one subject a file.

mod closing;
pub(super) mod consents;
mod course;
pub(super) mod entries;
pub(super) mod handing_over;
pub(super) mod people;
pub(super) mod plan;
pub(super) mod rounds;
mod seen;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    events::CaseOpenedContent,
    ids::{CaseId, Code, OrganisationId, ProfileId},
    ledger::Shown,
    profile::Part,
};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::seen::Seen;
use self::{
    closing::ClosingView,
    consents::{ChangeView, ConsentView, DeclinedView},
    course::CourseView,
    entries::{DocumentView, NoteView},
    handing_over::{InformationView, ReferralView},
    people::{BatonOfferView, ContactView, PartyView, ServiceView},
    plan::{AgreementView, MeasureView, MeetingView},
    rounds::RoundView,
    seen::EntryView,
};
use crate::{
    api::{answer::View, as_of::AsOfView, schemas},
    words::Vocabulary,
};

/// A case by name and status alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct CaseSummary {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    case_id: CaseId,
    /// Its version.
    version: u64,
    /// The system whose rules it follows.
    #[schema(value_type = Option<schemas::ProfileName>)]
    profile: Option<ProfileId>,
    /// The unit that is responsible.
    #[schema(value_type = Option<schemas::Id>)]
    unit: Option<OrganisationId>,
    /// The organisation at whose desk it is discussed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::Id>)]
    submitted_to: Option<OrganisationId>,
    /// What is asked for, where the system knows several kinds of request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schemas::CodeWord>, example = "advice")]
    kind: Option<Code>,
    /// What the system calls that, in the language of Content-Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "adviesvraag")]
    kind_name: Option<String>,
    /// Its status.
    #[schema(value_type = Option<schemas::CodeWord>, example = "active")]
    status: Option<Code>,
    /// What the system calls it, in the language of Content-Language.
    #[schema(example = "aktiv")]
    status_name: Option<String>,
    /// When it was opened.
    opened_at: Option<DateTime<Utc>>,
    /// The child's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    child_name: Option<String>,
    /// What stands in the ledger for having seen it.
    view: View,
}

/// What the caller may see of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct CaseView {
    /// Its name and status.
    #[serde(flatten)]
    summary: CaseSummary,
    /// The moment of the past that is shown; not there for the present.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<AsOfView>,
    /// The sections that are shown.
    #[schema(value_type = Vec<schemas::CodeWord>, example = json!(["basics", "notes"]))]
    sections: Vec<Code>,
    /// What the system calls them, each under its code.
    #[schema(example = json!({ "basics": "grunnopplysningar", "notes": "notat" }))]
    section_names: BTreeMap<String, String>,
    /// Why it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    concern: Option<String>,
    /// The child's national identity number.
    #[serde(skip_serializing_if = "Option::is_none")]
    national_id: Option<String>,
    /// The day on which the child was born.
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<NaiveDate>,
    /// The entry that opened it: the child's name and number, the concern.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<EntryView>)]
    opening: Option<EntryView>,
    /// Whom to ask: who holds the baton.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ContactView>)]
    contact: Option<ContactView>,
    /// Who takes or took part.
    parties: Vec<PartyView>,
    /// Its consultation rounds.
    rounds: Vec<RoundView>,
    /// The services that take or took part.
    services: Vec<ServiceView>,
    /// Offers of the baton that wait for their answer.
    baton_offers: Vec<BatonOfferView>,
    /// What was told to whom before they were asked to consent.
    information: Vec<InformationView>,
    /// The consents that were given.
    consents: Vec<ConsentView>,
    /// The consents that were said no to.
    declined_consents: Vec<DeclinedView>,
    /// Changes of the situation that ask for new consents.
    changes: Vec<ChangeView>,
    /// Its measures.
    measures: Vec<MeasureView>,
    /// Its meetings.
    meetings: Vec<MeetingView>,
    /// What was agreed with the family.
    agreements: Vec<AgreementView>,
    /// Referrals to other organisations, with what was handed over on them.
    referrals: Vec<ReferralView>,
    /// Its notes.
    notes: Vec<NoteView>,
    /// Its documents.
    documents: Vec<DocumentView>,
    /// Who agrees that it is closed, and whose agreement is missing, once anybody agrees.
    #[schema(value_type = Vec<ClosingView>)]
    closing: Vec<ClosingView>,
    /// Resting, closing, reopening; legal holds and broken glass.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CourseView>)]
    course: Option<CourseView>,
}

impl CaseSummary {
    /// What a list shows.
    pub(in crate::api) fn of(case_id: CaseId, shown: &Shown, names: Vocabulary<'_>) -> Self {
        let case = &shown.case.state;
        let child = shown.profile().section_of(Part::Child);
        let is_shown = shown.sections.contains(child);
        let opened = case.opened.as_ref().filter(|_| is_shown);
        let status = case.status.as_ref().filter(|_| is_shown);
        let status = status.map(|status| status.code.clone());
        let kind = opened.and_then(|opened| opened.kind.clone());
        Self {
            case_id,
            version: shown.case.version,
            profile: opened.map(|opened| opened.profile.clone()),
            unit: opened.map(|opened| opened.unit),
            submitted_to: opened.and_then(|opened| opened.submitted_to),
            kind_name: kind.as_ref().and_then(|code| names.request_kind(code)),
            kind,
            status_name: status.as_ref().and_then(|code| names.status(code)),
            status,
            opened_at: opened.map(|opened| opened.at),
            child_name: opened
                .and_then(|opened| shown.contents.read::<CaseOpenedContent>(opened.position))
                .map(|content| content.child_name),
            view: View::from(&shown.view),
        }
    }
}

impl CaseView {
    /// What a reading shows.
    pub(in crate::api) fn of(
        case_id: CaseId,
        shown: &Shown,
        as_of: Option<AsOfView>,
        names: Vocabulary<'_>,
    ) -> Self {
        let seen = Seen::of(shown, names);
        let opened = seen.case().opened.as_ref().map(|opened| opened.position);
        let content = opened.and_then(|opened| seen.content::<CaseOpenedContent>(opened));
        let (national_id, birth_date) = content
            .as_ref()
            .map(|said| (said.national_id.clone(), said.birth_date))
            .unwrap_or_default();
        Self {
            summary: CaseSummary::of(case_id, shown, names),
            as_of,
            sections: shown.sections.iter().cloned().collect(),
            section_names: names.sections(&shown.sections),
            concern: content.map(|said| said.concern),
            national_id,
            birth_date,
            opening: seen.entry_at(opened),
            contact: people::contact(&seen),
            parties: people::parties(&seen),
            rounds: rounds::rounds(&seen),
            services: people::services(&seen),
            baton_offers: people::baton_offers(&seen),
            information: handing_over::information(&seen),
            consents: consents::consents(&seen),
            declined_consents: consents::declined(&seen),
            changes: consents::changes(&seen),
            measures: plan::measures(&seen),
            meetings: plan::meetings(&seen),
            agreements: plan::agreements(&seen),
            referrals: handing_over::referrals(&seen),
            notes: entries::notes(&seen),
            documents: entries::documents(&seen),
            closing: closing::closing(&seen),
            course: course::course(&seen),
        }
    }
}
