//! How a case looks to somebody who may see some of its sections.
//!
//! **Invariant: what belongs to a section that was not decided upon is left out**, facts and contents alike.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use ledger_core::{
    event::Actor,
    events::{
        CaseOpenedContent, ConsentGivenContent, DocumentAddedContent, Event, NoteAddedContent,
        PartyAddedContent,
    },
    ids::{
        AccountId, CaseId, Code, ConsentId, DocumentId, NoteId, OrganisationId, PartyId, Position,
        ProfileId,
    },
    ledger::{Shown, section_in},
    store::Recorded,
};
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Who takes or took part.
    parties: Vec<PartyView>,
    /// The consents that were given.
    consents: Vec<ConsentView>,
    /// Its notes.
    notes: Vec<NoteView>,
    /// Its documents.
    documents: Vec<DocumentView>,
}

/// Someone who takes or took part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PartyView {
    /// The id made for this case.
    #[schema(value_type = schemas::Id)]
    party_id: PartyId,
    /// Its role.
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
    /// When it was added.
    added_at: DateTime<Utc>,
    /// Whether its part has ended.
    removed: bool,
}

/// A consent that was given.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsentView {
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
    /// The services that it lets in.
    #[schema(value_type = Vec<schemas::Id>)]
    services: Vec<OrganisationId>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
    /// When it was given, if earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<DateTime<Utc>>,
    /// First day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<NaiveDate>,
    /// Last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_through: Option<NaiveDate>,
    /// Whether it was withdrawn.
    withdrawn: bool,
    /// Whether it holds at the moment that is shown.
    holds: bool,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

/// A note.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NoteView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    note_id: NoteId,
    /// The position of its event, by which it can be redacted.
    #[schema(value_type = u64)]
    position: Position,
    /// Where it stands.
    #[schema(value_type = schemas::CodeWord)]
    section: Code,
    /// What the system calls this section.
    #[schema(example = "notat")]
    section_name: Option<String>,
    /// When it was written.
    recorded_at: DateTime<Utc>,
    /// Who wrote it.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// Whether its text was destroyed.
    redacted: bool,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// A document, without its body.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DocumentView {
    /// Its id.
    #[schema(value_type = schemas::Id)]
    document_id: DocumentId,
    /// The position of its event.
    #[schema(value_type = u64)]
    position: Position,
    /// Where it stands.
    #[schema(value_type = schemas::CodeWord)]
    section: Code,
    /// What the system calls this section.
    #[schema(example = "dokument")]
    section_name: Option<String>,
    /// What kind of file.
    #[schema(value_type = schemas::CodeWord, example = "pdf")]
    format: Code,
    /// Length of the body in bytes.
    size_bytes: u64,
    /// When it was filed.
    recorded_at: DateTime<Utc>,
    /// Who filed it.
    #[schema(value_type = schemas::ActorDescription)]
    actor: Actor,
    /// Whether it was destroyed.
    redacted: bool,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// The name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
}

impl CaseSummary {
    /// What a list shows.
    pub(in crate::api) fn of(case_id: CaseId, shown: &Shown, names: Vocabulary<'_>) -> Self {
        let case = &shown.case.state;
        let opened = case.opened.as_ref();
        let status = case.status.as_ref().map(|status| status.code.clone());
        Self {
            case_id,
            version: shown.case.version,
            profile: opened.map(|opened| opened.profile.clone()),
            unit: opened.map(|opened| opened.unit),
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
        let mut view = Self {
            summary: CaseSummary::of(case_id, shown, names),
            as_of,
            sections: shown.sections.iter().cloned().collect(),
            section_names: names.sections(&shown.sections),
            concern: None,
            national_id: None,
            parties: Vec::new(),
            consents: Vec::new(),
            notes: Vec::new(),
            documents: Vec::new(),
        };
        for recorded in &shown.events {
            let is_shown = section_in(recorded, &shown.events, shown.profile())
                .is_some_and(|section| shown.sections.contains(&section));
            if is_shown {
                view.take(recorded, shown, names);
            }
        }
        view
    }

    /// Takes in an event of a section that may be seen.
    fn take(&mut self, recorded: &Recorded, shown: &Shown, names: Vocabulary<'_>) {
        let case = &shown.case.state;
        let contents = &shown.contents;
        let position = recorded.position;
        let envelope = &recorded.envelope;
        let recorded_at = envelope.recorded_at;
        match &recorded.event {
            Event::CaseOpened(_) => {
                if let Some(content) = contents.read::<CaseOpenedContent>(position) {
                    self.concern = Some(content.concern);
                    self.national_id = content.national_id;
                }
            }
            Event::PartyAdded(facts) => self.parties.push(PartyView {
                party_id: facts.party,
                role: facts.role.clone(),
                role_name: names.role(&facts.role),
                name: contents
                    .read::<PartyAddedContent>(position)
                    .map(|content| content.name),
                account: facts.staff,
                service: facts.service,
                added_at: recorded_at,
                removed: case
                    .parties
                    .get(&facts.party)
                    .is_none_or(|party| party.removed.is_some()),
            }),
            Event::ConsentGiven(facts) => {
                let consent = case.consents.get(&facts.consent);
                let span = consent.and_then(|consent| consent.span(shown.profile()));
                self.consents.push(ConsentView {
                    consent_id: facts.consent,
                    kind: facts.kind.clone(),
                    kind_name: names.consent(&facts.kind),
                    by: facts.by,
                    services: facts.services.clone(),
                    recorded_at,
                    occurred_at: envelope.occurred_at,
                    valid_from: facts.valid_from,
                    valid_through: facts.valid_through,
                    withdrawn: consent.is_none_or(|consent| consent.withdrawn.is_some()),
                    holds: span.is_some_and(|span| span.contains(shown.at)),
                    remark: contents
                        .read::<ConsentGivenContent>(position)
                        .map(|content| content.remark),
                });
            }
            Event::NoteAdded(facts) => {
                let content = contents.read::<NoteAddedContent>(position);
                let (title, text) = content.map(|content| (content.title, content.text)).unzip();
                self.notes.push(NoteView {
                    note_id: facts.note,
                    position,
                    section: facts.section.clone(),
                    section_name: names.section(&facts.section),
                    recorded_at,
                    actor: envelope.actor.clone(),
                    redacted: case.redacted.contains(&position),
                    title,
                    text,
                });
            }
            Event::DocumentAdded(facts) => {
                let content = contents.read::<DocumentAddedContent>(position);
                let (title, file_name) = content
                    .map(|content| (content.title, content.file_name))
                    .unzip();
                self.documents.push(DocumentView {
                    document_id: facts.document,
                    position,
                    section: facts.section.clone(),
                    section_name: names.section(&facts.section),
                    format: facts.format.clone(),
                    size_bytes: facts.size_bytes,
                    recorded_at,
                    actor: envelope.actor.clone(),
                    redacted: case.redacted.contains(&position),
                    title,
                    file_name,
                });
            }
            // Seen in the timeline.
            _ => {}
        }
    }
}
