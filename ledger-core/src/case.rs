//! One case as its events have made it. Commands stand in the folder beside this file, one each.

mod add_document;
mod add_note;
mod add_party;
mod archive_case;
mod build_package;
mod close_case;
mod erase_case;
mod give_consent;
mod open_case;
mod redact_content;
mod remove_party;
#[cfg(test)]
pub(crate) mod testing;
mod withdraw_consent;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use self::{
    add_document::AddDocument,
    add_note::AddNote,
    add_party::AddParty,
    archive_case::ArchiveCase,
    build_package::BuildPackage,
    close_case::CloseCase,
    erase_case::{FinishErasure, StartErasure},
    give_consent::GiveConsent,
    open_case::{OpenCase, normalised_national_id},
    redact_content::RedactContent,
    remove_party::RemoveParty,
    withdraw_consent::WithdrawConsent,
};
use crate::{
    clock::{Span, Timestamp},
    events::{Event, PackageBuilt},
    ids::{
        AccountId, Code, ConsentId, Digest, DocumentId, NoteId, OrganisationId, PartyId, Position,
        ProfileId,
    },
    profile::Profile,
    store::Recorded,
};

/// Someone who takes part, or took part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The event that added it.
    pub added: Position,
    /// Its role.
    pub role: Code,
    /// The account of a member of staff.
    pub staff: Option<AccountId>,
    /// The account of a member of the family; known only while the content can be opened.
    pub family: Option<AccountId>,
    /// The service for which a member of staff takes part.
    pub service: Option<OrganisationId>,
    /// The event that removed it.
    pub removed: Option<Position>,
}

impl Party {
    /// Whose account it is, as far as that is known.
    pub fn account(&self) -> Option<AccountId> {
        self.staff.or(self.family)
    }
}

/// A consent that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The event that gave it.
    pub given: Position,
    /// When it was recorded.
    pub given_at: Timestamp,
    /// Which of the profile's consents.
    pub kind: Code,
    /// Who gave it.
    pub by: PartyId,
    /// The services that it lets in.
    pub services: BTreeSet<OrganisationId>,
    /// First day.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_through: Option<NaiveDate>,
    /// The event that withdrew it.
    pub withdrawn: Option<Position>,
}

impl Consent {
    /// When it holds, in the profile's time zone; nothing, once it is withdrawn.
    pub fn span(&self, profile: &Profile) -> Option<Span> {
        self.withdrawn.is_none().then(|| Span {
            from: Some(self.valid_from.map_or(self.given_at, |day| {
                profile.begins_at(day).max(self.given_at)
            })),
            until: self.valid_through.map(|day| profile.expires_at(day)),
        })
    }

    /// The events that it rests on.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        [Some(self.given), self.withdrawn].into_iter().flatten()
    }
}

/// A note, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The event that added it; its content is the text.
    pub added: Position,
    /// Where it stands.
    pub section: Code,
}

/// A document, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The event that added it; its content is name and title.
    pub added: Position,
    /// Where it stands.
    pub section: Code,
    /// What kind of file.
    pub format: Code,
    /// Length of the body in bytes.
    pub size_bytes: u64,
    /// The commitment to the body.
    pub body_commitment: Digest,
    /// Whether its key was destroyed.
    pub redacted: bool,
}

/// How a case began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The event that opened it; its content says whom it is about.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// The system whose rules it follows.
    pub profile: ProfileId,
    /// The unit that is responsible.
    pub unit: OrganisationId,
}

/// A status and the event that set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentStatus {
    /// The profile's code.
    pub code: Code,
    /// The event that set it.
    pub since: Position,
}

/// How far erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Erasure {
    /// Not begun.
    #[default]
    None,
    /// Begun: everything is denied.
    Started(Position),
    /// Done.
    Done(Position),
}

/// What is so in a case after some of its events. The default is a case that was never opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Case {
    /// How it began.
    pub opened: Option<Opened>,
    /// Its status.
    pub status: Option<CurrentStatus>,
    /// Everyone who takes or took part.
    pub parties: BTreeMap<PartyId, Party>,
    /// Every consent that was given.
    pub consents: BTreeMap<ConsentId, Consent>,
    /// Its notes.
    pub notes: BTreeMap<NoteId, Note>,
    /// Its documents.
    pub documents: BTreeMap<DocumentId, Document>,
    /// Events that have content, by position.
    pub with_content: BTreeSet<Position>,
    /// Events whose content was deleted.
    pub redacted: BTreeSet<Position>,
    /// The newest archive package: its event, and what it covers.
    pub package: Option<(Position, PackageBuilt)>,
    /// The event by which it was closed.
    pub closed: Option<Position>,
    /// The event by which it was archived.
    pub archived: Option<Position>,
    /// How far erasure has come.
    pub erasure: Erasure,
}

impl Case {
    /// Takes in one more event of the case's own stream. `family` is the account behind a family member who is
    /// added, where the content could be opened. Has no `_` arm, so that a new event type is not forgotten here.
    #[expect(
        clippy::too_many_lines,
        reason = "one list of every event type, so that none is forgotten"
    )]
    pub fn evolve(&mut self, recorded: &Recorded, family: Option<AccountId>) {
        let position = recorded.position;
        if recorded.envelope.content_commitment.is_some() {
            self.with_content.insert(position);
        }
        match &recorded.event {
            Event::CaseOpened(facts) => {
                self.opened = Some(Opened {
                    position,
                    at: recorded.envelope.recorded_at,
                    profile: facts.profile.clone(),
                    unit: facts.unit,
                });
                self.status = Some(CurrentStatus {
                    code: facts.status.clone(),
                    since: position,
                });
            }
            Event::StatusChanged(facts) => {
                self.status = Some(CurrentStatus {
                    code: facts.to.clone(),
                    since: position,
                });
            }
            Event::PartyAdded(facts) => {
                let party = Party {
                    added: position,
                    role: facts.role.clone(),
                    staff: facts.staff,
                    family,
                    service: facts.service,
                    removed: None,
                };
                self.parties.insert(facts.party, party);
            }
            Event::PartyRemoved(facts) => {
                if let Some(party) = self.parties.get_mut(&facts.party) {
                    party.removed = Some(position);
                }
            }
            Event::ConsentGiven(facts) => {
                let consent = Consent {
                    given: position,
                    given_at: recorded.envelope.recorded_at,
                    kind: facts.kind.clone(),
                    by: facts.by,
                    services: facts.services.iter().copied().collect(),
                    valid_from: facts.valid_from,
                    valid_through: facts.valid_through,
                    withdrawn: None,
                };
                self.consents.insert(facts.consent, consent);
            }
            Event::ConsentWithdrawn(facts) => {
                if let Some(consent) = self.consents.get_mut(&facts.consent) {
                    consent.withdrawn = Some(position);
                }
            }
            Event::NoteAdded(facts) => {
                self.notes.insert(
                    facts.note,
                    Note {
                        added: position,
                        section: facts.section.clone(),
                    },
                );
            }
            Event::DocumentAdded(facts) => {
                let document = Document {
                    added: position,
                    section: facts.section.clone(),
                    format: facts.format.clone(),
                    size_bytes: facts.size_bytes,
                    body_commitment: facts.body_commitment,
                    redacted: false,
                };
                self.documents.insert(facts.document, document);
            }
            Event::ContentRedacted(facts) => {
                self.redacted.extend(facts.targets.iter().copied());
                for document in &facts.documents {
                    if let Some(document) = self.documents.get_mut(document) {
                        document.redacted = true;
                    }
                }
            }
            Event::CaseClosed(_) => self.closed = Some(position),
            Event::PackageBuilt(facts) => self.package = Some((position, facts.clone())),
            Event::CaseArchived(_) => self.archived = Some(position),
            Event::ErasureStarted(_) => self.erasure = Erasure::Started(position),
            Event::CaseErased(_) => self.erasure = Erasure::Done(position),
            // Of other streams.
            Event::LedgerOpened(_)
            | Event::SigningKeyRotated(_)
            | Event::LedgerRecovered(_)
            | Event::ProfileAdopted(_)
            | Event::OrganisationRegistered(_)
            | Event::AccountActivated(_)
            | Event::RoleAssigned(_)
            | Event::RoleEnded(_)
            | Event::CaseViewed(_)
            | Event::CaseListed(_)
            | Event::CaseFound(_)
            | Event::TimelineViewed(_)
            | Event::CaseWatched(_)
            | Event::DocumentDownloaded(_)
            | Event::CasePrinted(_)
            | Event::CaseExported(_)
            | Event::AuditAnswered(_)
            | Event::AccessRefused(_) => {}
        }
    }

    /// The party as which this account takes part now.
    pub fn party_of(&self, account: AccountId) -> Option<(PartyId, &Party)> {
        self.current_parties()
            .find(|(_, party)| party.account() == Some(account))
    }

    /// Everyone who takes part now.
    pub fn current_parties(&self) -> impl Iterator<Item = (PartyId, &Party)> {
        self.parties
            .iter()
            .filter(|(_, party)| party.removed.is_none())
            .map(|(id, party)| (*id, party))
    }

    /// Events whose content should still be there.
    pub fn readable(&self) -> impl Iterator<Item = Position> + '_ {
        let erased = self.erasure != Erasure::None;
        self.with_content
            .difference(&self.redacted)
            .copied()
            .filter(move |_| !erased)
    }
}
